import type { Entry } from './command.ts'
import type { Io } from './io.ts'
import { entries, run } from './run.ts'

/** → docs/cli.md: what every command says of itself under `--help`. */
export async function generateCliReference(): Promise<string> {
  const sections: string[] = []
  for (const path of pathsOf(entries)) sections.push(`## hub ${path.join(' ')}\n\n\`\`\`text\n${await helpOf(path)}\n\`\`\``)
  return `# The command line

\`npm run --silent hub -- <command>\`. Every command takes \`--json\` (the result on stdout and nothing else there), \`--help\` and
\`--version\`; long work says on stderr how far it is, on a terminal or with \`--progress\`; what cannot be undone asks first, and a
script says \`--yes\` or gets exit code 2. Exit codes: 0 done, 1 the work failed or found a fault, 2 called wrongly.
\`hub completion >> ~/.bashrc\` completes commands and options in the shell.

${sections.join('\n\n')}
`
}

/** Groups are headed by their actions. */
export function pathsOf(list: readonly Entry[], before: readonly string[] = []): string[][] {
  return list.flatMap(({ name, actions }) => (actions.length === 0 ? [[...before, name]] : pathsOf(actions, [...before, name])))
}

async function helpOf(path: readonly string[]): Promise<string> {
  const lines: string[] = []
  const io: Io = {
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(line),
    settings: () => {
      throw new Error('help needs no settings')
    },
    ask: null,
    interview: null,
    watched: false,
  }
  await run([...path, '--help'], io)
  return lines
    .join('\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
