import { pino } from 'pino'
import { readConnectorSettings } from '../config/connectors.ts'
import { unreadableIn } from '../core/answer/unreadable.ts'
import { HubError } from '../core/base/errors.ts'
import { execute } from '../core/call/execute.ts'
import { compileService } from '../core/call/service.ts'
import { systemOf } from '../core/contract/systems.ts'
import { decodeText } from '../core/dialects/exchange-reply.ts'
import { createUpstream } from '../core/upstream/upstream.ts'
import { kindOf } from '../plugins/kinds/index.ts'
import { placeOf } from './attempt/agency.ts'
import { askerOf } from './attempt/asker.ts'
import { readInputs } from './attempt/inputs.ts'
import { type Heard, overhearing } from './attempt/overhear.ts'
import { createShown, parameters, type Shown } from './attempt/shown.ts'
import { command } from './command.ts'
import { findConnector } from './found.ts'
import type { Io } from './io.ts'
import { present, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

/** Answers that were read, though there is no one record in them. */
const READ = new Set(['HUB_NO_RECORD', 'HUB_SEVERAL_RECORDS'])

export const tryConnector = command({
  usage: 'try <id> <service>',
  describe: '向对方的测试系统（没有配置的，向沙箱）查询一次，显示发出的请求、收到的答复和读出的内容；凭据和个人信息已遮盖',
  examples: [
    ['connector try housing-fund personal-account --person 2', '沙箱里第 2 个人的公积金账户'],
    ['connector try housing-fund personal-transactions --subject tester.json --input timeRange=2026-01-01/..', '对方给的测试人员'],
  ],
  options: (own) =>
    own
      .positional('id', { type: 'string', demandOption: true, describe: '连接器的文件夹名' })
      .positional('service', { type: 'string', demandOption: true, describe: '服务，须是查询类的' })
      .option('input', { type: 'string', array: true, default: [] as string[], describe: '名称=值，可写多次，与接口的查询参数相同' })
      .option('person', { type: 'string', describe: '沙箱里第几个虚构的人（见 hub people），默认第 1 个' })
      .option('subject', { type: 'string', describe: 'JSON 文件，对方系统的测试人员：{"name":"…","idNumber":"…"}；单位用 uscc' })
      .conflicts('person', 'subject'),
  change: { what: '试调对方系统', reason: 'optional' },
  async run({ id, service: serviceId, input: given, person, subject, json }, io, act) {
    const { connector, declared } = await find(io, id, serviceId)
    const { contract } = declared
    const heard: Heard = { request: null, reply: null, opened: null }
    const { sids } = readConnectorSettings(io.settings().CONNECTORS_FILE)[id] ?? {}
    const service = compileService(connector, declared, { sid: sids?.[serviceId] })
    const declaration = systemOf(connector, contract)
    if (!kindOf(contract).asks) throw new UsageError(`${id} ${serviceId} 不是查询：这里只试查询，不替任何人办理`)
    if (service.needsAccount || declaration.dialect.name === 'oauth2-user')
      throw new UsageError(`${id} ${serviceId} 要用户自己在对方的账户：请在运行的中枢里绑定后再试`)
    const place = placeOf(io, connector, service.system)
    const asker = askerOf(service, { person, subject }, place.simulated)
    const { input, selection } = readInputs(service, given)

    return withStore(io, async (store) => {
      await act(store, service.key)
      return place.with(store, async ({ address, store: kept }) => {
        const { baseUrl, credentials } = address
        const dialect = overhearing(declaration.dialect, heard)
        const log = pino({ level: 'silent' })
        const upstream = createUpstream({
          agency: declaration.agency ?? connector.agency,
          baseUrl,
          maxConcurrent: 1,
          anonymous: 1,
          createSigner: (send) => dialect.createSigner({ baseUrl, credentials, ...kept, log, subjectOf: (userId) => userId, send }),
        })
        const secrets = Object.entries(credentials).flatMap(([name, value]) => (dialect.credentials[name]?.secret ? [value] : []))
        const shown = createShown(secrets, asker, contract.fields)
        try {
          const outcome = await execute(service, upstream, asker, input, selection).then(
            ({ rows, total = rows.length, absent }) => ({
              read: { rows: shown.body(JSON.stringify(rows)), total, absent, unreadable: rows.flatMap((row) => [...unreadableIn(row)]) },
              error: null,
            }),
            (error: unknown) => ({ read: null, error: troubleIn(error) }),
          )
          const result = { simulated: place.simulated, ...wire(heard, baseUrl, shown), ...outcome }
          present(io, json, result, [JSON.stringify(result, null, 2)])
          return outcome.error === null || READ.has(outcome.error.code) ? 0 : 1
        } finally {
          await upstream.close()
        }
      })
    })
  },
})

async function find(io: Io, id: string, serviceId: string) {
  const { connector } = await findConnector(io, id, { own: true })
  const declared = connector.services.find(({ contract }) => contract.id === serviceId)
  const there = connector.services.map(({ contract }) => contract.id).join('、')
  if (!declared) throw new UsageError(`${id} 没有这项服务：${serviceId}（现有 ${there}）`)
  return { connector, declared }
}

function troubleIn(error: unknown) {
  if (!(error instanceof HubError)) throw error
  const { code, message, extras } = error
  return { code, message, ...(extras.detail ? { detail: extras.detail } : {}), ...(extras.field ? { field: extras.field } : {}) }
}

/** The last request and its answer. */
function wire({ request, reply, opened }: Heard, baseUrl: string, shown: Shown) {
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
