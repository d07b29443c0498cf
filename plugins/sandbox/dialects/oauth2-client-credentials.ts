import { randomBytes } from 'node:crypto'
import { clientAuthorization, defaultTokenPath, type OAuth2Options } from '../../../core/dialects/oauth2-client-credentials.ts'
import { parseForm } from '../body.ts'
import type { Timing } from '../timing.ts'
import { createIssued } from './issued.ts'
import { type Answer, paramsOf, type Received, type Simulator } from './simulator.ts'

const LIFE_MS = 7_200_000

export function createOAuth2Simulator(timing: Timing): Simulator<OAuth2Options> {
  const credentials = { clientId: 'sandbox-client', clientSecret: randomBytes(16).toString('hex') }
  const tokens = createIssued()

  function handOut({ method, headers, body }: Received, { scope, clientAuthentication = 'basic' }: OAuth2Options): Answer {
    const form = parseForm(body)
    const { clientId, clientSecret } = credentials
    const isKnown =
      clientAuthentication === 'basic'
        ? headers.authorization === clientAuthorization(clientId, clientSecret)
        : form['client_id'] === clientId && form['client_secret'] === clientSecret
    if (method !== 'POST' || form['grant_type'] !== 'client_credentials') return { status: 400, json: { error: 'unsupported_grant_type' } }
    if (!isKnown) return { status: 401, json: { error: 'invalid_client' } }
    if (form['scope'] !== scope) return { status: 400, json: { error: 'invalid_scope' } }
    const lifeMs = timing.secretLifeMs ?? LIFE_MS
    return { status: 200, json: { access_token: tokens.issue(lifeMs).value, token_type: 'Bearer', expires_in: lifeMs / 1000 } }
  }

  return {
    credentials,
    endpoints: (options) => ({
      [options.tokenPath ?? defaultTokenPath]: (request, faults) =>
        faults.has('bad-sign') ? { status: 401, json: { error: 'invalid_client' } } : handOut(request, options),
    }),
    admit(request, { carrier = 'header' }, faults) {
      const { headers, query } = request
      const given = carrier === 'header' ? headers.authorization : `Bearer ${new URLSearchParams(query).get('access_token')}`
      const state = tokens.find((value) => given === `Bearer ${value}`, faults)
      const isDistrusted = faults.has('bad-sign') || faults.has('clock-skew')
      return state === 'valid' && !isDistrusted ? { params: paramsOf(request) } : { status: 401, json: { error: 'invalid_token' } }
    },
  }
}
