import type { LightMyRequestResponse } from 'fastify'
import type { BindingMethod } from '../core/contract/accounts.ts'
import type { ConnectorDeclaration, SandboxSubject } from '../core/contract/types.ts'
import { accountsOf } from '../plugins/sandbox/accounts.ts'
import { decideAt } from '../plugins/sandbox/agencies/visit.ts'
import type { Lab } from './lab.ts'

export const ACCOUNTS = '/v1/me/accounts'

/** Binds the person's own account in one of the declared ways, as an app would. → the hub's last answer. */
export async function bindAccount(
  { send }: Pick<Lab, 'send'>,
  connector: ConnectorDeclaration,
  method: BindingMethod,
  person: SandboxSubject,
): Promise<LightMyRequestResponse> {
  const bearer = { person: person.index }
  const url = `${ACCOUNTS}/${connector.id}`
  if (method === 'id-match') return send({ method: 'POST', url, bearer })
  if (method === 'account-number') {
    const [accountNumber = '0'] = accountsOf(connector, person)
    return send({ method: 'POST', url, bearer, body: { accountNumber } })
  }
  const begun = await send({ method: 'POST', url: `${url}/authorise`, bearer })
  if (begun.statusCode !== 200) return begun
  const { data } = begun.json<{ data: { url: string } }>()
  const cookie = String(begun.headers['set-cookie']).split(';', 1)[0] ?? ''
  return send({ url: await consentAt(data.url, person), bearer: {}, headers: { cookie } })
}

/** What somebody does in a browser at the sandbox's agency: signs on and consents. → the way back to the hub. */
async function consentAt(authorizeUrl: string, { index }: SandboxSubject): Promise<string> {
  const { pathname, search } = await decideAt(authorizeUrl, index)
  return pathname + search
}
