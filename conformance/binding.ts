import type { LightMyRequestResponse } from 'fastify'
import type { BindingMethod } from '../core/contract/accounts.ts'
import type { ConnectorDeclaration, SandboxSubject } from '../core/contract/types.ts'
import type { Lab } from './lab.ts'

export const ACCOUNTS = '/v1/me/accounts'

/** Binds the person's own account in one of the declared ways, as an app would. → the hub's last answer. */
export async function bindAccount(
  lab: Pick<Lab, 'send' | 'accountsOf' | 'consent'>,
  connector: ConnectorDeclaration,
  method: BindingMethod,
  person: SandboxSubject,
): Promise<LightMyRequestResponse> {
  const bearer = { person: person.index }
  const url = `${ACCOUNTS}/${connector.id}`
  if (method === 'id-match') return lab.send({ method: 'POST', url, bearer })
  if (method === 'account-number') {
    const [accountNumber = '0'] = lab.accountsOf(connector, person)
    return lab.send({ method: 'POST', url, bearer, body: { accountNumber } })
  }
  const begun = await lab.send({ method: 'POST', url: `${url}/authorise`, bearer })
  if (begun.statusCode !== 200) return begun
  const { data } = begun.json<{ data: { url: string } }>()
  const cookie = String(begun.headers['set-cookie']).split(';', 1)[0] ?? ''
  return lab.send({ url: await lab.consent(data.url, person.index), bearer: {}, headers: { cookie } })
}
