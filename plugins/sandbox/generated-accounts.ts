import type { FieldNotes } from '../../core/contract/fields.ts'
import { systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, SandboxSubject } from '../../core/contract/types.ts'

/** Lengths of account numbers, the commonest first. */
const LENGTHS = [10, 8, 9, 7, 6, 11, 12, 5, 4, 13, 14, 15, 16, 17, 18, 19, 20]

/** A made-up account id of that person, the same in every service, in the form that the connector asks for. */
export function accountIdOf({ accounts }: ConnectorDeclaration, { index }: SandboxSubject): string {
  const pattern = new RegExp(accounts?.accountNumber?.pattern ?? '')
  const numbers = LENGTHS.map((length) => `9${String(index).padStart(length - 1, '0')}`)
  const candidates = [...numbers, ...['XC', 'A', 'a'].flatMap((head) => numbers.map((number) => head + number))]
  return candidates.find((candidate) => pattern.test(candidate)) ?? (candidates[0] as string)
}

/** Whether a service is one by which accounts are found: who stands in its row is the account's holder. */
export function findsAccounts({ accounts }: ConnectorDeclaration, serviceId: string): boolean {
  return [accounts?.accountNumber, accounts?.idMatch].some((lookUp) => lookUp?.service === serviceId)
}

/** Whether a field holds the account's id: the one that binding reads, or one under the key by which the agency is asked. */
export function isAccountId(connector: ConnectorDeclaration, name: string, { codes }: FieldNotes): boolean {
  const { accounts, services } = connector
  if (!accounts) return false
  const keys = new Set(
    systemsOf(connector).flatMap(([, , { subject }]) =>
      Object.entries(subject.person ?? {}).flatMap(([key, fact]) => (fact === 'account.externalId' ? [key] : [])),
    ),
  )
  for (const { contract } of services) {
    for (const [input, { notes }] of Object.entries(contract.inputs)) {
      const finds = accounts.accountNumber?.service === contract.id && accounts.accountNumber.input === input
      if (finds || notes.fact === 'account.externalId') for (const code of notes.codes) keys.add(code)
    }
    for (const lookUp of [accounts.accountNumber, accounts.idMatch]) {
      if (lookUp?.service !== contract.id) continue
      for (const code of contract.fields[lookUp.externalId]?.notes.codes ?? []) keys.add(code)
      keys.add(lookUp.externalId)
    }
  }
  return [name, ...codes].some((key) => keys.has(key))
}
