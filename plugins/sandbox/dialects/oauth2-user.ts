import type { SandboxSubject } from '../../../core/contract/types.ts'
import { HOLDER } from '../../kinds/simulation.ts'
import { isDistrustful, paramsOf, type Simulator, unauthorized } from './simulator.ts'

/** Accounts at the agencies, as their authorization servers know them. */
export interface TokenHolders {
  readonly client: Readonly<Record<string, string>>
  holderOf(connectorId: string, accessToken: string): Promise<SandboxSubject | null>
}

/** An API behind the users' own access tokens: it answers whoever the token was issued to, whatever else is asked. */
export function createOAuth2UserSimulator({ client, holderOf }: TokenHolders): Simulator<object> {
  return {
    credentials: client,
    holderOf: (request, connectorId) => holderOf(connectorId, String(request.headers.authorization).replace(/^Bearer /, '')),
    admit(request, _options, faults) {
      const { holder } = request
      if (!holder || isDistrustful(faults)) return unauthorized('invalid_token')
      return { params: { ...paramsOf(request), [HOLDER]: holder } }
    },
  }
}
