import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type JWTPayload, SignJWT } from 'jose'

/** What the next result's assertion says otherwise than it should. */
export interface Tampering {
  claims?: JWTPayload
  key?: KeyObject
  header?: { alg: string; kid?: string }
  /** Instead of an assertion. */
  raw?: string
}

export interface FakeProvider {
  readonly env: Record<string, string>
  next: Tampering
  /** While true, its keys cannot be had. */
  keysGone: boolean
  /** The assertions given so far. */
  readonly given: string[]
  close(): Promise<void>
}

/** A provider that passes everybody at once and says of it what it is told to. */
export async function fakeProvider(): Promise<FakeProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const contexts = new Map<string, { subject: string; nonce: string }>()

  async function assertion(id: string): Promise<string> {
    const { claims = {}, key = privateKey, header = { alg: 'ES256', kid: 'fake' }, raw } = fake.next
    const now = Math.floor(Date.now() / 1000)
    const { subject, nonce } = contexts.get(id) ?? { subject: '', nonce: '' }
    const payload = { iss: 'urn:fake', aud: 'own', sub: subject, nonce, jti: id, iat: now, exp: now + 1800, ...claims }
    const signed = raw ?? (await new SignJWT(payload).setProtectedHeader(header).sign(key))
    fake.given.push(signed)
    return signed
  }

  async function answer(path: string, body: Record<string, string>): Promise<object> {
    if (path === '/base/result') return { state: 'passed', assertion: await assertion(String(body['verificationId'])) }
    const verificationId = randomUUID()
    contexts.set(verificationId, { subject: String(body['subject']), nonce: String(body['nonce']) })
    return { verificationId, url: 'https://face.invalid/x', expiresAt: Date.now() + 600_000 }
  }

  const server = createServer((request, response) => {
    let text = ''
    request
      .on('data', (chunk: Buffer) => {
        text += chunk
      })
      .on('end', async () => {
        const json = (status: number, value: object) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
        if (request.url !== '/base/jwks.json') json(200, { success: true, data: await answer(request.url ?? '', JSON.parse(text)) })
        else if (fake.keysGone) json(503, {})
        else json(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'fake', alg: 'ES256' }] })
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const fake: FakeProvider = {
    env: {
      FACE_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
      FACE_APP_ID: 'own',
      FACE_APP_SECRET: 'secret',
      FACE_ISSUER: 'urn:fake',
    },
    next: {},
    keysGone: false,
    given: [],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return fake
}
