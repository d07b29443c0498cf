import { fileKeys } from '../../core/answer/values.ts'
import { type CompiledService, compileService } from '../../core/call/service.ts'
import { compileDatePattern } from '../../core/contract/date-pattern.ts'
import type { Fields } from '../../core/contract/fields.ts'
import { systemOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'
import { kindOf } from '../../plugins/kinds/index.ts'
import { askerOf } from '../attempt/asker.ts'
import { readInputs } from '../attempt/inputs.ts'
import { findConnector } from '../found.ts'
import type { Io } from '../io.ts'
import { UsageError } from '../usage.ts'
import { fileSide, ledgerSide } from './sides.ts'
import type { FileSide, LedgerSide, Question, Subject } from './subject.ts'

/** What names a service that is declared. */
export interface Chosen {
  connector: string
  service: string
  address: string
  subject: string | undefined
  unknown: string | undefined
  input: string[]
  sid: string | undefined
  fileNumber: string | undefined
  day: string | undefined
}

/** The same as a description, from a connector: its dialect, envelope, parameters, fields and pages. */
export async function subjectOf(io: Io, chosen: Chosen): Promise<Subject> {
  const { connector } = await findConnector(io, chosen.connector, { own: true })
  const declared = connector.services.find(({ contract }) => contract.id === chosen.service)
  const there = connector.services.map(({ contract }) => contract.id).join('、')
  if (!declared) throw new UsageError(`${chosen.connector} 没有这项服务：${chosen.service}（现有 ${there}）`)
  const { contract } = declared
  const service = compileService(connector, declared, { sid: chosen.sid })
  const { dialect, envelope, owner, callback } = systemOf(connector, contract)
  if (!kindOf(contract).asks) throw new UsageError(`${service.key} 不是查询：办理类的请写说明文件，在 write 里指明测试数据`)
  if (service.needsAccount || dialect.name === 'oauth2-user')
    throw new UsageError(`${service.key} 要用户自己的账户：请写说明文件，验 oauth 部分`)
  const { input } = readInputs(service, chosen.input)
  const ask = (file: string | undefined): Question => {
    const asker = askerOf(service, { person: undefined, subject: file }, false)
    return { outgoing: service.outgoing(input, asker), number: asker.enterprise?.uscc ?? asker.person?.idNumber ?? '' }
  }
  const known = ask(chosen.subject)
  const ownerKeys = [...namesOf(contract.fields), ...(owner?.person ?? []), ...(owner?.enterprise ?? [])]
  return {
    name: `${connector.agency}：${contract.name}`,
    baseUrl: chosen.address,
    dialect,
    envelope: { ...envelope, ...contract.upstream?.envelope },
    timeoutMs: contract.timeoutMs,
    skewSeconds: 600,
    known,
    unknown: chosen.unknown === undefined ? null : { ...ask(chosen.unknown), answers: 'nothing' },
    ownerKeys,
    fields: new Set([...pathsOf(contract.fields), ...ownerKeys].map((path) => path.toLowerCase())),
    paging: contract.upstream?.paging ?? null,
    write: null,
    files: filesOf(service, chosen.fileNumber, known),
    ledger: ledgerOf(connector, contract, chosen.day),
    callback: callback ?? null,
    oauth: null,
  }
}

/** The service's files, where one of the known person's is named. */
function filesOf({ contract }: CompiledService, number: string | undefined, { outgoing: { params } }: Question): FileSide | null {
  const { files } = contract
  if (number === undefined) return null
  if (!files) throw new UsageError(`${contract.id} 不给文件，不要写 --file-number`)
  const { sid, path, method, parameter, content } = files
  return fileSide({ sid, path, method, parameter, content, reference: number }, params)
}

/** The ledger of the same system, which a service that takes money declares. */
function ledgerOf(connector: ConnectorDeclaration, { upstream }: ServiceContract, day: string | undefined): LedgerSide | null {
  if (day === undefined) return null
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new UsageError(`--day 须是 YYYY-MM-DD：${day}`)
  const paid = connector.services.find(({ contract }) => contract.order?.ledger && contract.upstream?.system === upstream?.system)
  const { ledger, writeOff } = paid?.contract.order ?? {}
  if (!paid || !ledger || !writeOff) throw new UsageError(`${connector.id} 没有声明对账，不要写 --day`)
  const { paging } = ledger
  const paged = paging ? { style: 'page' as const, base: 1 as const, ...paging } : undefined
  const pattern = compileDatePattern(systemOf(connector, paid.contract).dateFormat)
  return ledgerSide({ ...ledger, day, unit: writeOff.unit, paging: paged }, pattern)
}

const namesOf = (fields: Fields) =>
  Object.entries(fields).flatMap(([name, { notes }]) =>
    notes.subject === 'person' || notes.subject === 'enterprise' ? [...notes.codes, name] : [],
  )

/** Every key that a field is read from, with those of its columns or files. */
function pathsOf(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, { notes }]) => {
    const inner = notes.type === 'files' ? fileKeys : pathsOf(notes.columns ?? {})
    return [...notes.codes, name].flatMap((code) => [code, ...inner.map((key) => `${code}.${key}`)])
  })
}
