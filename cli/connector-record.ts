import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CODE } from '../core/base/code.ts'
import { systemOf } from '../core/contract/systems.ts'
import { decodeText } from '../core/dialects/exchange-reply.ts'
import { type Asked, askAgency, questionOptions } from './attempt/ask.ts'
import { command } from './command.ts'
import { present } from './kit.ts'
import { createAnonymiser } from './record/anonymise.ts'
import { type Fixture, type Outcome, replay } from './record/fixture.ts'
import { replayTestText } from './scaffold/sandbox.ts'
import { UsageError } from './usage.ts'

const CONNECTORS = fileURLToPath(new URL('../connectors/', import.meta.url))
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/

export const recordConnector = command({
  usage: 'record <id> <service>',
  describe: '向对方的测试系统（没有配置的，向沙箱）查询一次，把答复留作测试数据；里面的人都换成虚构的人',
  examples: [['connector record library loans --subject tester.json', '留作 connectors/library/test/fixtures/loans.json']],
  options: (own) => questionOptions(own).option('as', { type: 'string', describe: '测试数据的名称，默认是服务的编号' }),
  change: { what: '留取对方系统的答复', reason: 'optional' },
  async run({ as, json, ...typed }, io, act) {
    const name = as ?? typed.service
    if (CODE !== '.ts') throw new UsageError('这里只有编译过的代码：请在源代码的文件夹里使用')
    if (!NAME.test(name)) throw new UsageError(`名称只能是小写字母、数字和 -：${name}`)
    const file = join('connectors', typed.id, 'test/fixtures', `${name}.json`)
    const path = join(CONNECTORS, '..', file)
    if (!existsSync(join(CONNECTORS, typed.id))) throw new UsageError(`没有 connectors/${typed.id} 这个文件夹`)
    if (existsSync(path)) throw new UsageError(`已有 ${file}，没有改动它；另取名称用 --as`)

    const asked = await askAgency(io, act, typed)
    const fixture = fixtureOf(asked, typed.input)
    const read = await replay(asked.service.connector, fixture)
    const before = summary('code' in asked.outcome ? { error: asked.outcome.code } : { rows: asked.outcome.rows, unreadable: [] })
    if (summary(read) !== before) {
      io.err(`换成虚构的人之后读出的是${summary(read)}，原来是${before}：没有留取`)
      return 1
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${JSON.stringify({ ...fixture, read }, null, 2)}\n`, { flag: 'wx' })
    const test = writeTest(typed.id)
    present(io, json, { file, test, ...fixture, read }, [
      file,
      ...(test ? [test] : []),
      '',
      '请先看一遍，再提交：声明没有说到的，这里认不出来',
    ])
    return 0
  },
})

function fixtureOf({ service, asker, secrets, heard: { reply, opened } }: Asked, input: readonly string[]): Omit<Fixture, 'read'> {
  const { connector, contract } = service
  if (contract.upstream?.async) throw new UsageError('答复要过后才取的查询，不能留取')
  const seen = opened ?? reply
  if (!seen) throw new UsageError('对方没有答复，没有什么可留')
  const { owner } = systemOf(connector, contract)
  const owners = [...(owner?.person ?? []), ...(owner?.enterprise ?? []), ...(contract.parties ?? [])]
  const anonymiser = createAnonymiser(asker, contract.fields, secrets, owners)
  try {
    const body = anonymiser.json(decodeText(seen))
    const who = asker.person ? 'person' : asker.enterprise ? 'enterprise' : 'nobody'
    const answer = { status: seen.status, contentType: 'application/json', body }
    return { service: contract.id, asker: who, input: input.map(anonymiser.text), answer }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UsageError('答复不是 JSON：里面有谁认不出来，没有留取')
  }
}

const summary = (outcome: Outcome) => ('error' in outcome ? outcome.error : ` ${outcome.rows.length} 条`)

/** The test that reads every fixture, with the first of them. → its path, where it is new. */
function writeTest(id: string): string | null {
  const file = join('connectors', id, 'test/replay.test.ts')
  const path = join(CONNECTORS, '..', file)
  if (existsSync(path)) return null
  writeFileSync(path, replayTestText())
  return file
}
