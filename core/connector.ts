/**
 * The authoring API: the only file of the core that a connector imports. A connector is data; from
 * one declaration the hub derives validation, the upstream call, mapping, masking, serialisation,
 * OpenAPI, the catalog, exports, sandbox answers and tests.
 */

import { applyDefaults } from './contract/defaults.ts'
import type { Fields } from './contract/fields.ts'
import type { Inputs } from './contract/inputs.ts'
import type { ConnectorDeclaration, ConnectorDraft, DeclaredService, ServiceContract, ServiceDraft } from './contract/types.ts'

/** Version of this API. A package says in its package.json for which one it was written: `"xuchang-hub": { "api": 1 }`. */
export const API = 1

export { divisions } from './contract/divisions.ts'
export { codeList, field } from './contract/fields.ts'
export { type InputNotes, type Inputs, input } from './contract/inputs.ts'
export { addDays, addMonths, lastMonth, monthsBetween, yuan } from './contract/sandbox-calendar.ts'
export type {
  Asynchronous,
  ConnectorDeclaration,
  Paging,
  SandboxRow,
  SandboxRows,
  SandboxSubject,
  SandboxWorld,
  Service,
  ServiceContract,
} from './contract/types.ts'
export { apiKey } from './dialects/api-key.ts'
export { basic } from './dialects/basic.ts'
export { bgHmac } from './dialects/bg-hmac.ts'
export { exchange } from './dialects/exchange.ts'
export { hmacNonce } from './dialects/hmac-nonce.ts'
export { oauth2ClientCredentials } from './dialects/oauth2-client-credentials.ts'
export { oauth2User } from './dialects/oauth2-user.ts'
export { signedCallback } from './dialects/signed-callback.ts'
export { signedString } from './dialects/signed-string.ts'
export { signedTicket } from './dialects/signed-ticket.ts'
export { sm2Sm4Envelope } from './dialects/sm2-sm4-envelope.ts'
export { tif } from './dialects/tif.ts'
export { twoSecret } from './dialects/two-secret.ts'
export type { Envelope } from './upstream/envelope.ts'
export { envelope } from './upstream/envelopes.ts'
export { exchangeEnvelope } from './upstream/exchange-envelope.ts'

/**
 * Declares a service. Types of inputs and rows flow into `.via()`; a plain query needs none.
 *
 * @example
 * const contracts = service({ id: 'loan-contract', … }).via({ map: (row) => ({ ...row, … }) })
 */
export function service<const I extends Inputs, const F extends Fields, const Id extends string, const System extends string = never>(
  contract: ServiceDraft<I, F, Id, System>,
): DeclaredService<I, F, Id, System> {
  // `key` and `progress` name the service's own fields, so its type is narrower than that of services in general;
  // what its connector says for all services is added when that is declared.
  const general = contract as unknown as ServiceContract
  return { contract: general, handler: null, via: (handler) => ({ contract: general, handler }) }
}

/** Declares a connector; `connectors/<id>/index.ts` default-exports the result. The registry checks it at start. */
export function defineConnector<const Id extends string, const System extends string, const Rows extends ConnectorDeclaration['sandbox']>({
  defaults,
  ...declaration
}: ConnectorDraft<Id, System, Rows>): ConnectorDeclaration {
  return { ...declaration, services: applyDefaults(declaration.services, defaults) }
}
