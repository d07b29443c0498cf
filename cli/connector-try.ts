import { unreadableIn } from '../core/answer/unreadable.ts'
import type { HubError } from '../core/base/errors.ts'
import { decodeText } from '../core/dialects/exchange-reply.ts'
import { type Asked, askAgency, questionOptions } from './attempt/ask.ts'
import { createShown, parameters, type Shown } from './attempt/shown.ts'
import { command } from './command.ts'
import { present } from './kit.ts'

/** Answers that were read, though there is no one record in them. */
const READ = new Set(['HUB_NO_RECORD', 'HUB_SEVERAL_RECORDS'])

export const tryConnector = command({
  usage: 'try <id> <service>',
  describe: '向对方的测试系统（没有配置的，向沙箱）查询一次，显示发出的请求、收到的答复和读出的内容；凭据和个人信息已遮盖',
  examples: [
    ['connector try housing-fund personal-account --person 2', '沙箱里第 2 个人的公积金账户'],
    ['connector try housing-fund personal-transactions --subject tester.json --input timeRange=2026-01-01/..', '对方给的测试人员'],
  ],
  options: questionOptions,
  change: { what: '试调对方系统', reason: 'optional' },
  async run({ json, ...typed }, io, act) {
    const asked = await askAgency(io, act, typed)
    const { service, asker, secrets, simulated, outcome } = asked
    const shown = createShown(secrets, asker, service.contract.fields)
    const error = 'code' in outcome ? troubleIn(outcome) : null
    const result = { simulated, ...wire(asked, shown), read: 'code' in outcome ? null : readIn(outcome, shown), error }
    present(io, json, result, [JSON.stringify(result, null, 2)])
    return error === null || READ.has(error.code) ? 0 : 1
  },
})

function readIn({ rows, total, absent }: Exclude<Asked['outcome'], HubError>, shown: Shown) {
  return { rows: shown.body(JSON.stringify(rows)), total, absent, unreadable: rows.flatMap((row) => [...unreadableIn(row)]) }
}

function troubleIn({ code, message, extras }: HubError) {
  return { code, message, ...(extras.detail ? { detail: extras.detail } : {}), ...(extras.field ? { field: extras.field } : {}) }
}

/** The last request and its answer. */
function wire({ heard: { request, reply, opened }, baseUrl }: Asked, shown: Shown) {
  const seen = opened ?? reply
  const [path = '', query] = request?.path.split('?') ?? []
  return {
    request: request && {
      method: request.method,
      url: new URL(baseUrl).origin + shown.text(path) + (query ? `?${parameters(query, shown.text)}` : ''),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, shown.text(value, name)])),
      body: request.body === null ? null : shown.body(request.body),
    },
    answer: seen && { status: seen.status, contentType: seen.contentType, body: shown.body(decodeText(seen)) },
  }
}
