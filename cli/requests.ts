import { ID_PATTERN } from '../core/base/ids.ts'
import { beijing } from '../core/base/time.ts'
import { latestAudit } from '../plugins/audit/search.ts'
import { people } from '../plugins/sandbox/people.ts'
import { pseudonymOf } from '../plugins/users/users.ts'
import type { Store } from './act.ts'
import { command } from './command.ts'
import { present, withStore } from './kit.ts'
import { countOf } from './paging.ts'
import { UsageError } from './usage.ts'

const DAY_MS = 86_400_000
const ID = new RegExp(ID_PATTERN)
const PSEUDONYM = /^[0-9a-f]{32}$/
const CLIENT = /^[A-Za-z0-9-]{1,64}$/
/** What a person reads of a row; `--json` has all of it. */
const SHOWN = ['traceId', 'app', 'user', 'target', 'clientIp', 'rows', 'upstreamStatus', 'purpose'] as const
const TITLES = {
  traceId: '追踪号',
  app: '应用',
  user: '用户',
  target: '对象',
  clientIp: '来源',
  rows: '条数',
  upstreamStatus: '对方',
  purpose: '事由',
}

export const requests = command({
  usage: 'requests [追踪号]',
  describe: '查审计日志里的调用，新的在前：一次请求留下的全部记录，或者某个用户、某个应用最近的调用',
  examples: [
    ['requests 4bf92f3577b34da6a3ce929d0e0e4736', '一次请求（答复里的 traceId）留下的记录'],
    ['requests --user 1 --limit 10', '沙箱里第 1 个人最近的 10 次调用'],
    ['requests --app sandbox-web --outcome HUB_RATE_LIMITED', '一个应用被限流的调用'],
  ],
  options: (own) =>
    own
      .positional('追踪号', { type: 'string', describe: '请求的追踪号' })
      .option('user', { type: 'string', describe: '用户的编号或代号；沙箱里也可以写第几个人' })
      .option('app', { type: 'string', describe: '应用编号' })
      .option('connector', { type: 'string', describe: '系统' })
      .option('service', { type: 'string', describe: '服务' })
      .option('outcome', { type: 'string', describe: '结果：ok 或者错误代码' })
      .option('from', { type: 'string', describe: '从何时起，例如 2026-05-01 或带时区的时间；不写则一天以内，给了追踪号则不限' })
      .option('until', { type: 'string', describe: '到何时为止，一天则含这一天；不写则到现在' })
      .option('limit', { type: 'number', default: 20, describe: '每页条数，1 至 500' })
      .option('page', { type: 'number', default: 1, describe: '第几页' }),
  change: { what: '查询审计日志', reason: 'optional' },
  run({ 追踪号: traceId, user, app, connector, service, outcome, from, until, limit, page, json }, io, act) {
    const span = {
      from: momentOf(from, '--from', 'T00:00:00+08:00') ?? (traceId ? 0 : Date.now() - DAY_MS),
      to: momentOf(until, '--until', 'T23:59:59.999+08:00') ?? Date.now(),
    }
    if (span.from > span.to) throw new UsageError('--from 不能晚于 --until')
    if (app !== undefined && !CLIENT.test(app)) throw new UsageError(`--app 须是应用编号，没有 ${app}`)
    const size = countOf(limit, '--limit', 500)
    const at = countOf(page, '--page', 100_000)
    const { sandbox } = io.settings()
    return withStore(
      io,
      async (store) => {
        const asked = {
          traceId,
          app,
          connector,
          service,
          outcome,
          ...(user === undefined ? {} : { user: pseudonymIn(store, user, sandbox) }),
        }
        const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
        // Read before the act, which is a row itself.
        const rows = await latestAudit(store.database, { ...given, ...span, limit: size + 1, skip: (at - 1) * size })
        await act(store, 'audit', Object.keys(given).join(' '))
        const shown = rows.slice(0, size).map((row) => ({ ...row, time: beijing(Number(row['at'])) }) as Record<string, unknown>)
        const more = rows.length > size
        const lines = shown.length === 0 ? ['没有这样的调用'] : [...shown.flatMap(describe), ...(more ? [`还有：加 --page ${at + 1}`] : [])]
        present(io, json, { requests: shown, more }, lines)
        return 0
      },
      'lookup',
    )
  },
})

function describe(row: Record<string, unknown>): string[] {
  const { time, method, connector, service, status, outcome, durationMs } = row
  const name = [connector, service].filter(Boolean).join('.')
  const facts = SHOWN.flatMap((key) => (row[key] === null || row[key] === undefined ? [] : [`${TITLES[key]} ${row[key]}`]))
  return [
    `${time}  ${[method, name, status, outcome].filter(Boolean).join('  ')}  ${Math.round(Number(durationMs))} 毫秒`,
    `  ${facts.join('  ')}`,
  ]
}

/** Audit rows name users by pseudonym. */
function pseudonymIn({ vault }: Store, text: string, sandbox: boolean): string {
  if (PSEUDONYM.test(text)) return text
  const invented = sandbox && /^\d$/.test(text) ? people[Number(text) - 1]?.id : undefined
  const id = invented ?? text
  if (!ID.test(id)) throw new UsageError(`--user 须是用户编号或代号${sandbox ? `，或者 1 至 ${people.length} 的序号` : ''}，没有 ${text}`)
  return pseudonymOf(vault, id)
}

/** `rest`: which moment of it a day stands for. */
function momentOf(text: string | undefined, option: string, rest: string): number | undefined {
  if (text === undefined) return undefined
  const at = /^\d{4}-\d{2}-\d{2}(T\S+)?$/.test(text) ? Date.parse(text.includes('T') ? text : text + rest) : Number.NaN
  if (Number.isNaN(at)) throw new UsageError(`${option} 须是日期或带时区的时间，例如 2026-05-01，没有 ${text}`)
  return at
}
