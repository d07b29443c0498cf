import type { Asker } from '../contract/asker.ts'
import type { VerifiedFact } from '../contract/inputs.ts'

export function factOf(asker: Asker, fact: VerifiedFact): string {
  const value = readFact(asker, fact)
  // Access control has run before; reaching this is a fault of the hub, never of the caller.
  if (value === undefined) throw new Error(`the asker has no ${fact}`)
  return value
}

function readFact({ person, enterprise, account }: Asker, fact: VerifiedFact): string | undefined {
  switch (fact) {
    case 'person.name':
      return person?.name
    case 'person.idType':
      return person?.idType
    case 'person.idNumber':
      return person?.idNumber
    case 'enterprise.name':
      return enterprise?.name
    case 'enterprise.uscc':
      return enterprise?.uscc
    case 'account.externalId':
      return account?.externalId
  }
}
