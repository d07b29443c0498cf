import type { VerifiedPerson } from '../../core/contract/asker.ts'
import { prefixOf } from '../../core/upstream/address.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import type { Client, Reply } from '../platforms/client.ts'
import { signedHeaders } from '../platforms/signed-headers.ts'

/** What an assertion must come back with, so that it cannot serve anybody or anything else. */
export interface FaceContext {
  /** The hub's pseudonym of the user: becomes the assertion's `sub`. */
  subject: string
  /** The hub's id of this verification: becomes its `nonce`. */
  nonce: string
}

/** Somebody who can tell that the person in front of the camera is the one of a name and id number (实人认证). */
export interface FaceProvider {
  /** Prepares a verification. `url`: where the person goes; `expiresAt`: epoch milliseconds. Rejects with an UpstreamError. */
  start(person: VerifiedPerson, context: FaceContext): Promise<{ verificationId: string; url: string; expiresAt: number }>
  /** How it went; a signed assertion (JWS) only where the person passed. Rejects with an UpstreamError. */
  result(verificationId: string): Promise<{ state: 'pending' } | { state: 'failed' } | { state: 'passed'; assertion: string }>
}

export interface HttpFaceProviderOptions {
  client: Client
  baseUrl: string
  appId: string
  secret: string
}

/** A provider over HTTP: signed POSTs (X-BG-*, standards.md §1.4) to `start` and `result`, answers `{success, data}`. */
export function httpFaceProvider({ client, baseUrl, appId, secret }: HttpFaceProviderOptions): FaceProvider {
  const prefix = prefixOf(baseUrl)

  async function post(path: string, content: object): Promise<Reply> {
    const signed = signedHeaders({ method: 'POST', path: prefix + path, accessKey: appId, secretKey: secret })
    const headers = { 'content-type': 'application/json', ...signed }
    const { success, data } = await client.ask({ method: 'POST', path, headers, body: JSON.stringify(content) })
    if (success !== true) throw trouble('HUB_UPSTREAM_REFUSED')
    if (typeof data !== 'object' || data === null) throw trouble('HUB_UPSTREAM_INVALID')
    return data as Reply
  }

  return {
    async start({ name, idType, idNumber }, context) {
      const { verificationId, url, expiresAt } = await post('/start', { name, idType, idNumber, ...context })
      const known = typeof verificationId === 'string' && /^[\x21-\x7e]{1,128}$/.test(verificationId)
      if (!known || !isWebAddress(url) || typeof expiresAt !== 'number') throw trouble('HUB_UPSTREAM_INVALID')
      return { verificationId, url, expiresAt }
    },
    async result(verificationId) {
      const { state, assertion } = await post('/result', { verificationId })
      if (state === 'pending' || state === 'failed') return { state }
      if (state === 'passed' && typeof assertion === 'string' && assertion.length <= 8192) return { state, assertion }
      throw trouble('HUB_UPSTREAM_INVALID')
    },
  }
}

/** The app opens it, so it must not be a script or a file. */
function isWebAddress(url: unknown): url is string {
  return typeof url === 'string' && url.length <= 2000 && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}

function trouble(code: 'HUB_UPSTREAM_REFUSED' | 'HUB_UPSTREAM_INVALID'): UpstreamError {
  return new UpstreamError(code, { delivery: 'refused', status: 200 }, { agency: '实人认证' })
}
