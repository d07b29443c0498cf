import { readFileSync } from 'node:fs'
import type { ConnectorDeclaration } from '../core/connector.ts'
import { kindOf, kinds } from '../plugins/kinds/index.ts'
import { loadConnectors } from '../plugins/load-connectors.ts'

/** What stands over the columns, by the README that holds the table. */
const HEADS = {
  'README.md': '| system | `connector` | agency | services, by kind |',
  'README.zh-CN.md': '| 系统 | `连接器` | 部门或单位 | 服务（按种类） |',
} as const

/** The two READMEs with the agencies that there are between their marks: a connector is in them the moment it is a folder. */
export async function generateReadmes(): Promise<Record<string, string>> {
  const connectors = (await loadConnectors()).filter(({ sandboxOnly }) => !sandboxOnly)
  const rows = connectors.map((connector) => `| ${cellsOf(connector).join(' | ')} |`).join('\n')
  return Object.fromEntries(Object.entries(HEADS).map(([path, head]) => [path, withTable(path, `${head}\n|---|---|---|---|\n${rows}`)]))
}

function cellsOf({ id, name, agency, services }: ConnectorDeclaration): string[] {
  const names = services.map(({ contract }) => kindOf(contract).name)
  const counts = kinds.map(({ name: kind }) => [kind, names.filter((one) => one === kind).length] as const)
  return [
    name,
    `[\`${id}\`](connectors/${id}/README.md)`,
    agency,
    counts.flatMap(([kind, count]) => (count ? `${count} ${kind}` : [])).join(', '),
  ]
}

function withTable(path: string, table: string): string {
  const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const marks = /(<!-- agencies: npm run docs -->\n\n)[\s\S]*?(\n*<!-- end -->)/
  if (!marks.test(text)) throw new Error(`${path} has no place for the table of agencies`)
  return text.replace(marks, (_all, before: string, after: string) => `${before}${table}\n\n${after.trimStart()}`)
}
