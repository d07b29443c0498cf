import { readFileSync } from 'node:fs'

/** Rooms of plugins/, lowest first: each imports what stands before it, and of those that stand side by side what it needs. */
const ROOMS: readonly (readonly string[])[] = [
  ['store', 'outbox', 'platforms', 'workshop', 'charts', 'payments', 'calendar', 'catalogue', 'declarations', 'queue'],
  ['audit'],
  ['mandates'],
  ['users'],
  ['web'],
  ['sign-on'],
  ['face'],
  ['oauth'],
  ['access'],
  ['files'],
  ['agency-accounts'],
  ['route-kit'],
  ['confirmations'],
  ['agency-files'],
  ['kinds'],
  ['messages'],
  ['partners'],
  ['hall'],
  ['console'],
  ['operations'],
  ['sandbox'],
  ['routes'],
]
/** What no plugin imports. */
const ABOVE = ['**/connectors/**/*.ts', '!**/config/connectors.ts', '**/conformance/**', '**/cli/**', '**/app.ts']
/** Width of a line of biome.json. */
const WIDTH = 140

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
interface Override {
  readonly includes: readonly string[]
  readonly [key: string]: Json
}

/** `biome.json` with a rule for each room of plugins/, and CONTRIBUTING.md with their order: both follow from {@link ROOMS}. */
export function generateDirections(root: URL): Record<string, string> {
  const biome = JSON.parse(readFileSync(new URL('biome.json', root), 'utf8')) as { overrides: Override[]; [key: string]: Json }
  const isOfRoom = ({ includes }: Override) => includes.every((pattern) => /^plugins\/[^*]/.test(pattern))
  const plugins = biome.overrides.findIndex(({ includes }) => includes.includes('plugins/**'))
  const others = biome.overrides.filter((override) => !isOfRoom(override))
  const overrides = [...others.slice(0, plugins + 1), ...directions(), ...others.slice(plugins + 1)]
  const order = ROOMS.map((side) => side.join(', '))
    .reverse()
    .join(' → ')
  const map = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8')
  return {
    'biome.json': `${write({ ...biome, overrides })}\n`,
    'CONTRIBUTING.md': map.replace(/(\| `plugins\/<capability>\/` \| one capability each, in this order: ).*( \|)/, `$1${order}$2`),
  }
}

function directions(): Override[] {
  const from = (index: number) => ROOMS.slice(index).flatMap((side) => side.map((room) => `**/${room}/**`))
  const rooms = ROOMS.slice(0, -1).flatMap((side, index) => {
    const above = [...ABOVE, ...from(index + 1)]
    const own = override(
      side.map((room) => `plugins/${room}/**`),
      above,
      `${side.map((room) => `plugins/${room}`).join(', ')}: what is imported here stands higher (docs/rooms.ts).`,
    )
    if (!side.includes('kinds')) return [own]
    const kind = 'A kind of service is found by the list of kinds and does not ask for it, nor for what stands higher (docs/rooms.ts).'
    return [own, override(['plugins/kinds/*/**'], [...above, '../index.ts'], kind)]
  })
  const openapi = 'plugins/openapi reads routes and declarations: it imports core and nothing of another capability.'
  return [...rooms, override(['plugins/openapi/**'], [...ABOVE, ...from(1)], openapi)]
}

function override(includes: readonly string[], group: readonly string[], message: string): Override {
  const noRestrictedImports = { level: 'error', options: { patterns: [{ group, message }] } }
  return { includes, linter: { rules: { style: { noRestrictedImports, noDefaultExport: 'off' } } } }
}

/** JSON as Biome formats it: a list of words on one line where it fits, everything else on lines of its own. */
function write(value: Json, indent = '', before = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    if (value.every((item) => typeof item !== 'object') && before + line.length < WIDTH) return line
    return `[\n${value.map((item) => `${deeper}${write(item as Json, deeper)}`).join(',\n')}\n${indent}]`
  }
  const lines = Object.entries(value).map(([key, item]) => {
    const head = `${deeper}${JSON.stringify(key)}: `
    return `${head}${write(item, deeper, head.length)}`
  })
  return `{\n${lines.join(',\n')}\n${indent}}`
}
