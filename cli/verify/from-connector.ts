import { compileService } from '../../core/call/service.ts'
import type { Fields } from '../../core/contract/fields.ts'
import { systemOf } from '../../core/contract/systems.ts'
import { kindOf } from '../../plugins/kinds/index.ts'
import { askerOf } from '../attempt/asker.ts'
import { readInputs } from '../attempt/inputs.ts'
import { findConnector } from '../found.ts'
import type { Io } from '../io.ts'
import { UsageError } from '../usage.ts'
import type { Question, Subject } from './description.ts'

/** What names a service that is declared. */
export interface Chosen {
  connector: string
  service: string
  address: string
  subject: string | undefined
  unknown: string | undefined
  input: string[]
  sid: string | undefined
}

/** The same as a description, from a connector: its dialect, envelope, parameters, fields and pages. */
export async function subjectOf(io: Io, chosen: Chosen): Promise<Subject> {
  const { connector } = await findConnector(io, chosen.connector, { own: true })
  const declared = connector.services.find(({ contract }) => contract.id === chosen.service)
  const there = connector.services.map(({ contract }) => contract.id).join('、')
  if (!declared) throw new UsageError(`${chosen.connector} 没有这项服务：${chosen.service}（现有 ${there}）`)
  const { contract } = declared
  const service = compileService(connector, declared, { sid: chosen.sid })
  const { dialect, envelope, owner } = systemOf(connector, contract)
  if (!kindOf(contract).asks) throw new UsageError(`${service.key} 不是查询：办理类的请写说明文件，在 write 里指明测试数据`)
  if (service.needsAccount || dialect.name === 'oauth2-user')
    throw new UsageError(`${service.key} 要用户自己的账户：请写说明文件，验 oauth 部分`)
  const { input } = readInputs(service, chosen.input)
  const ask = (file: string | undefined): Question => {
    const asker = askerOf(service, { person: undefined, subject: file }, false)
    return { outgoing: service.outgoing(input, asker), number: asker.enterprise?.uscc ?? asker.person?.idNumber ?? '' }
  }
  const ownerKeys = [...namesOf(contract.fields), ...(owner?.person ?? []), ...(owner?.enterprise ?? [])]
  return {
    name: `${connector.agency}：${contract.name}`,
    baseUrl: chosen.address,
    dialect,
    envelope: { ...envelope, ...contract.upstream?.envelope },
    timeoutMs: contract.timeoutMs,
    skewSeconds: 600,
    known: ask(chosen.subject),
    unknown: chosen.unknown === undefined ? null : { ...ask(chosen.unknown), answers: 'nothing' },
    ownerKeys,
    fields: new Set([...pathsOf(contract.fields), ...ownerKeys].map((path) => path.toLowerCase())),
    paging: contract.upstream?.paging ?? null,
    write: null,
    oauth: null,
  }
}

const namesOf = (fields: Fields) =>
  Object.entries(fields).flatMap(([name, { notes }]) =>
    notes.subject === 'person' || notes.subject === 'enterprise' ? [...notes.codes, name] : [],
  )

/** Every key that a field is read from, with those of its columns. */
function pathsOf(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, { notes }]) =>
    [...notes.codes, name].flatMap((code) => [code, ...pathsOf(notes.columns ?? {}).map((inner) => `${code}.${inner}`)]),
  )
}
