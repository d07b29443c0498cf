import { pino } from 'pino'
import type { Argv } from 'yargs'
import { readConnectorSettings } from '../../config/connectors.ts'
import type { Row } from '../../core/answer/reading.ts'
import { HubError } from '../../core/base/errors.ts'
import { execute } from '../../core/call/execute.ts'
import { type CompiledService, compileService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { systemOf } from '../../core/contract/systems.ts'
import { createUpstream } from '../../core/upstream/upstream.ts'
import { kindOf } from '../../plugins/kinds/index.ts'
import type { readQuery } from '../../plugins/kinds/query/read-query.ts'
import type { Act } from '../act.ts'
import type { Common } from '../command.ts'
import { findConnector } from '../found.ts'
import type { Io } from '../io.ts'
import { withStore } from '../kit.ts'
import { UsageError } from '../usage.ts'
import { placeOf } from './agency.ts'
import { askerOf } from './asker.ts'
import { readInputs } from './inputs.ts'
import { type Heard, overhearing } from './overhear.ts'

/** Whom and what a command asks, as it was typed. */
export interface Typed {
  id: string
  service: string
  input: string[]
  person: string | undefined
  subject: string | undefined
}

/** One question to an agency, and what became of it. */
export interface Asked {
  readonly service: CompiledService
  readonly asker: Asker
  /** Whether the sandbox answered. */
  readonly simulated: boolean
  readonly baseUrl: string
  /** Credentials that nobody may see. */
  readonly secrets: readonly string[]
  readonly query: ReturnType<typeof readQuery>
  readonly heard: Heard
  readonly outcome: { rows: Row[]; total: number; absent: string[] } | HubError
}

/** The options of every command that asks an agency once. */
export const questionOptions = (own: Argv<Common>) =>
  own
    .positional('id', { type: 'string', demandOption: true, describe: '连接器的文件夹名' })
    .positional('service', { type: 'string', demandOption: true, describe: '服务，须是查询类的' })
    .option('input', { type: 'string', array: true, default: [] as string[], describe: '名称=值，可写多次，与接口的查询参数相同' })
    .option('person', { type: 'string', describe: '沙箱里第几个虚构的人（见 hub people），默认第 1 个' })
    .option('subject', { type: 'string', describe: 'JSON 文件，对方系统的测试人员：{"name":"…","idNumber":"…"}；单位用 uscc' })
    .conflicts('person', 'subject')

/** Asks the agency at its configured address, else the sandbox, once, with nothing of the running hub in between. */
export async function askAgency(io: Io, act: Act, { id, service: serviceId, input: given, person, subject }: Typed): Promise<Asked> {
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
  const { simulated } = place
  const asker = askerOf(service, { person, subject }, simulated)
  const query = readInputs(service, given)

  return withStore(io, async (store) => {
    await act(store, service.key)
    return place.with(store, async ({ address: { baseUrl, credentials }, store: kept }) => {
      const dialect = overhearing(declaration.dialect, heard)
      const log = pino({ level: 'silent' })
      const upstream = createUpstream({
        agency: declaration.agency ?? connector.agency,
        baseUrl,
        maxConcurrent: 1,
        anonymous: 1,
        createSigner: (send) => dialect.createSigner({ baseUrl, credentials, ...kept, log, subjectOf: (userId) => userId, send }),
      })
      try {
        const secrets = Object.entries(credentials).flatMap(([name, value]) => (dialect.credentials[name]?.secret ? [value] : []))
        const outcome = await execute(service, upstream, asker, query.input, query.selection).then(
          ({ rows, total = rows.length, absent }) => ({ rows, total, absent }),
          (error: unknown) => {
            if (error instanceof HubError) return error
            throw error
          },
        )
        return { service, asker, simulated, baseUrl, secrets, query, heard, outcome }
      } finally {
        await upstream.close()
      }
    })
  })
}

async function find(io: Io, id: string, serviceId: string) {
  const { connector } = await findConnector(io, id, { own: true })
  const declared = connector.services.find(({ contract }) => contract.id === serviceId)
  const there = connector.services.map(({ contract }) => contract.id).join('、')
  if (!declared) throw new UsageError(`${id} 没有这项服务：${serviceId}（现有 ${there}）`)
  return { connector, declared }
}
