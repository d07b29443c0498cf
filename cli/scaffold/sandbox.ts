import { importing, literal, type Newcomer } from './answers.ts'

export function codesText({ name }: Newcomer): string {
  return `${importing('{ codeList }', '../../core/connector.ts')}

export const recordStates = codeList(${literal(`${name}接口 状态，待确认`)}, { '1': '办理中', '2': '已办结', '3': '已退回' })
`
}

export function rowsText(): string {
  return `${importing('{ addDays, type SandboxRow, type SandboxSubject, type SandboxWorld }', '../../../core/connector.ts')}

/** What the invented people have had done, as of today; person 7 nothing. */
export function records({ index, number }: SandboxSubject, { today }: SandboxWorld): readonly SandboxRow[] {
  if (index === 7) return []
  return [
    { zjhm: number, jlbh: \`JL\${index}02\`, sx: '到馆办理', blrq: addDays(today, -3), zt: '1', je: '0.00' },
    { zjhm: number, jlbh: \`JL\${index}01\`, sx: '网上办理', blrq: addDays(today, -40), zt: '2', je: \`\${index}.50\` },
  ]
}
`
}

export function testText(): string {
  return `import t from 'tap'
${importing('{ worldAt }', '../../../plugins/sandbox/world.ts')}
${importing('connector', '../index.ts')}

t.test('nothing is dated later than today', async (t) => {
  const world = worldAt(Date.now())
  const rows = connector.sandbox['records']?.({ index: 1, name: '', number: '' }, world) ?? []
  t.not(rows.length, 0)
  for (const { blrq } of rows) t.ok(String(blrq) <= world.today)
})
`
}

/** A test that reads again what `hub connector record` has kept. */
export function replayTestText(): string {
  return `${importing('{ readdirSync, readFileSync }', 'node:fs')}
import t from 'tap'
${importing('{ type Fixture, replay }', '../../../cli/record/fixture.ts')}
${importing('connector', '../index.ts')}

const FOLDER = new URL('fixtures/', import.meta.url)

t.test('what the agency was once seen to answer is read as it was', async (t) => {
  for (const name of readdirSync(FOLDER)) {
    const { read, ...fixture } = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Fixture
    t.same(await replay(connector, fixture), read, name)
  }
})
`
}
