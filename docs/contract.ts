import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** The parts of the reference, in the order in which an author meets them: the files whose types and makers they list. */
const PARTS: readonly (readonly [title: string, files: readonly string[]])[] = [
  ['Connectors and services', ['core/contract/types.ts']],
  ['Fields', ['core/contract/fields.ts']],
  ['Inputs', ['core/contract/inputs.ts']],
  ['Masks', ['core/contract/masks.ts']],
  ['States of a filing', ['core/contract/filing-states.ts', 'plugins/kinds/filing/states.ts']],
  ['Sums, marks, comparisons, subscriptions', ['summary', 'comparison', 'subscriptions'].map((name) => `core/contract/${name}.ts`)],
  ['Users’ accounts at the agency', ['core/contract/accounts.ts']],
  ['Kinds of service', globSync('plugins/kinds/*/policy.ts', { cwd: ROOT }).sort()],
  ['Envelopes', ['core/upstream/envelope.ts', 'core/upstream/envelopes.ts']],
  ['Dialects', dialectFiles()],
]

const HEAD = `# Contract reference

Every type that a declaration is made of, with the words that stand beside it in the code. [connectors.md](connectors.md) tells how they go together,
[cookbook.md](cookbook.md) has an example of each kind, [dialects.md](dialects.md) says more of each dialect. \`?\` may be left out.
`

/** The reference as Markdown. */
export function contractReference(): string {
  const parts = PARTS.map(([title, files]) => `## ${title}\n\n${files.flatMap(entriesOf).join('\n')}`)
  return `${HEAD}\n${parts.join('\n')}`
}

/** Those that the authoring API hands out. */
function dialectFiles(): string[] {
  const api = readFileSync(`${ROOT}core/connector.ts`, 'utf8')
  return [...api.matchAll(/from '\.\/(dialects\/[^']+)'/g)].map(([, file]) => `core/${file}`)
}

interface Node {
  type: string
  start: number
  end: number
  declaration?: Node | null
  id?: { name: string }
  key?: { name?: string }
  optional?: boolean
  body?: { body: Node[] }
  typeAnnotation?: Node & { typeAnnotation?: Node; members?: Node[] }
  declarations?: { id: { name: string }; init?: Node & { properties?: Node[] } }[]
}

function entriesOf(file: string): string[] {
  const text = readFileSync(ROOT + file, 'utf8')
  const { program, comments } = parseSync(file, text)
  /** The words of the comment that ends just before. */
  function wordsBefore(start: number): string {
    const comment = comments.findLast(({ end }) => end <= start)
    if (!comment?.value.startsWith('*') || text.slice(comment.end, start).trim() !== '') return ''
    const lines = comment.value.replace(/^\*/, '').split('\n')
    const words = lines.map((line) => line.replace(/^\s*\* ?/, '').trim()).join(' ')
    return (
      words
        .split(' @example')[0]
        ?.replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
        .trim() ?? ''
    )
  }
  const written = ({ start, end }: Node) =>
    text
      .slice(start, end)
      .replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
      .replaceAll(/\s+/g, ' ')
      .trim()
  const rowOf = (member: Node): string[] => {
    const type = member.typeAnnotation?.typeAnnotation
    const name = member.key?.name
    if (!name || !type) return []
    return [`| \`${name}${member.optional ? '?' : ''}\` | \`${cell(written(type))}\` | ${cell(wordsBefore(member.start))} |`]
  }
  const table = (members: readonly Node[]) => {
    const rows = members.flatMap(rowOf)
    return rows.length === 0 ? '' : `\n| | type | |\n|---|---|---|\n${rows.join('\n')}\n`
  }

  return (program.body as unknown as Node[]).flatMap((statement) => {
    const node = statement.declaration ?? statement
    const words = wordsBefore(statement.start)
    const head = (name: string) => `### ${name}\n${words ? `\n${words}\n` : ''}`
    if (node.type === 'TSInterfaceDeclaration') return [head(node.id?.name ?? '') + table(node.body?.body ?? [])]
    if (node.type === 'TSTypeAliasDeclaration' && node.typeAnnotation) {
      const { members } = node.typeAnnotation
      return [head(node.id?.name ?? '') + (members ? table(members) : `\n\`\`\`typescript\n${written(node.typeAnnotation)}\n\`\`\`\n`)]
    }
    if (!statement.declaration) return []
    if (node.type === 'FunctionDeclaration' && words) return [head(`${node.id?.name ?? ''}()`)]
    return (node.declarations ?? []).flatMap(({ id, init }) => {
      const made = init?.properties?.flatMap(({ key, start }) => (key?.name ? [`| \`${key.name}\` | ${cell(wordsBefore(start))} |`] : []))
      return made && made.length > 1 && words ? [`${head(id.name)}\n| | |\n|---|---|\n${made.join('\n')}\n`] : []
    })
  })
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
