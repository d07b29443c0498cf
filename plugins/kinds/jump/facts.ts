import type { CompiledService } from '../../../core/call/service.ts'
import type { VerifiedFact } from '../../../core/contract/inputs.ts'
import { systemOf } from '../../../core/contract/systems.ts'

/** In words for whoever is asked. */
const titles: Readonly<Record<VerifiedFact, string>> = {
  'person.name': '姓名',
  'person.idType': '证件类型',
  'person.idNumber': '证件号码',
  'enterprise.name': '单位名称',
  'enterprise.uscc': '统一社会信用代码',
  'account.externalId': '您在对方系统的账户',
}

export const titleOf = (fact: string): string => titles[fact as VerifiedFact] ?? fact

/** Whether the agency is told by an account bound there, by its number or by its token. */
export const goesByAccount = ({ connector, needsAccount }: CompiledService): boolean =>
  needsAccount || connector.accounts?.oauth !== undefined

/** What a jump tells the agency of its user: the subject of its calls, verified inputs, and the account there. */
export function factsOf(service: CompiledService, asEnterprise: boolean): VerifiedFact[] {
  const { connector, contract } = service
  if (contract.jump?.handOver.by !== 'ticket') return []
  const { subject } = systemOf(connector, contract)
  const named = contract.identity === 'login' ? {} : asEnterprise ? subject.enterprise : subject.person
  const verified = Object.values(contract.inputs).flatMap(({ notes }) => notes.fact ?? [])
  return [
    ...new Set([...Object.values(named ?? {}), ...verified, ...(goesByAccount(service) ? (['account.externalId'] as const) : [])]),
  ].sort()
}
