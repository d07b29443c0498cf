import { bindAccount } from '../../conformance/binding.ts'
import type { Lab } from '../../conformance/lab.ts'
import type { ConnectorDeclaration } from '../../core/connector.ts'
import { accountsOf } from '../../plugins/sandbox/accounts.ts'
import { people } from '../../plugins/sandbox/people.ts'
import type { Hub } from './hub.ts'

/** Where users have accounts of their own at an agency, everybody who has one binds it. */
export async function bindAccounts(hub: Hub, connectors: readonly ConnectorDeclaration[]): Promise<void> {
  const send: Lab['send'] = async ({ method = 'GET', url, bearer, headers = {}, body }) => {
    const authorization = bearer.person === undefined ? {} : { authorization: `Bearer ${await hub.token(bearer)}` }
    return hub.app.inject({ method, url, headers: { ...headers, ...authorization }, ...(body ? { payload: body } : {}) })
  }
  for (const connector of connectors) {
    const [method] = connector.accounts?.bind ?? []
    const holders = people.filter((person) => accountsOf(connector, person).length > 0)
    if (method) for (const person of holders) await bindAccount({ send }, connector, method, person)
  }
}
