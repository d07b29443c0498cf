import { rowsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, SandboxRow, SandboxSubject, SandboxWorld, ServiceContract } from '../../core/contract/types.ts'
import { generateRows } from './generated.ts'
import { accountIdOf } from './generated-accounts.ts'
import { valueIn } from './services.ts'
import { worldAt } from './world.ts'

/** Ids of a person's own accounts at the agency, as the service says that the hub would find them by; with OAuth alone, one that is made up. */
export function accountsOf(connector: ConnectorDeclaration, subject: SandboxSubject, world = worldAt(Date.now())): readonly string[] {
  const { accounts, services } = connector
  if (!accounts) return []
  const found = [accounts.accountNumber, accounts.idMatch].flatMap((lookUp) => {
    const contract = services.find(({ contract: { id } }) => id === lookUp?.service)?.contract
    const field = contract?.fields[lookUp?.externalId ?? '']
    if (!lookUp || !contract || !field) return []
    return rowsHeld(connector, contract, subject, world).map((row) => valueIn(row, lookUp.externalId, field.notes))
  })
  const ids = found.filter((value) => (typeof value === 'string' && value !== '') || typeof value === 'number').map(String)
  return [...new Set(ids.length > 0 || !accounts.oauth ? ids : [accountIdOf(connector, subject)])]
}

function rowsHeld(
  connector: ConnectorDeclaration,
  contract: ServiceContract,
  subject: SandboxSubject,
  world: SandboxWorld,
): readonly SandboxRow[] {
  const rows = connector.sandbox[contract.id]?.(subject, world)
  return rows ?? generateRows({ connector, contract, one: rowsOf(contract) === 'one' }, subject, world)
}
