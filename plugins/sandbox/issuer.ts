import { createPrivateKey, generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type JWTPayload, SignJWT } from 'jose'
import { readOrCreate } from '../../config/key-file.ts'
import { enterprises } from './people.ts'

export const SANDBOX_ISSUER = 'urn:xuchang-hub:sandbox-issuer'

const ALGORITHM = 'ES256'
/** Whoever has tokens issued in one go is one log-in of each person. */
const LOG_IN = randomUUID()

export interface SandboxTokenOptions {
  /** Where the sandbox keeps its signing key (setting DATA_DIR). */
  dataDir: string
  /** Setting TOKEN_AUDIENCE; at /admin ADMIN_AUDIENCE. */
  audience: string | string[]
  /** 1 … 7, see people.ts. */
  person?: number | undefined
  /** Whether the person's face was verified. */
  face?: boolean | undefined
  /** 1 … 3: acts for this enterprise; whether a mandate allows it is for the hub to find out. */
  enterprise?: number | undefined
  expiresInSeconds?: number | undefined
  /** How long ago the face was verified. */
  faceAgeSeconds?: number | undefined
  /** Claims to replace; `undefined` drops one. For tests of what the hub must refuse. */
  claims?: Record<string, unknown> | undefined
}

/** → an access token as the app's issuer would give it: who, never an id number. */
export async function issueSandboxToken(options: SandboxTokenOptions): Promise<string> {
  const { dataDir, audience, person = 1, face = false, enterprise, expiresInSeconds = 3600, faceAgeSeconds = 0, claims } = options
  const key = signingKey(dataDir)
  const now = Math.floor(Date.now() / 1000)
  const payload: JWTPayload = {
    iss: SANDBOX_ISSUER,
    sub: `sandbox-person-${person}`,
    aud: audience,
    iat: now,
    exp: now + expiresInSeconds,
    jti: randomUUID(),
    client_id: 'sandbox-app',
    sid: `${LOG_IN}-${person}`,
    ...(face ? { face_verified_at: now - faceAgeSeconds, face_verification_id: randomUUID() } : {}),
    ...(enterprise === undefined ? {} : { enterprise: enterpriseId(enterprise) }),
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: ALGORITHM, kid: String(key['kid']), typ: 'at+jwt' })
    .sign(createPrivateKey({ key, format: 'jwk' }))
}

/** → the JSON Web Key Set that the sandbox's issuer publishes. */
export function jwks(dataDir: string): { keys: JsonWebKey[] } {
  const { d: _private, ...key } = signingKey(dataDir)
  return { keys: [{ ...key, alg: ALGORITHM, use: 'sig' }] }
}

function enterpriseId(index: number): string {
  const enterprise = enterprises[index - 1]
  if (!enterprise) throw new RangeError(`沙箱没有编号为 ${index} 的单位（1 至 ${enterprises.length}）`)
  return enterprise.id
}

/** The key outlives restarts and is one for all processes of a data folder. */
function signingKey(dataDir: string): JsonWebKey {
  return JSON.parse(readOrCreate(join(dataDir, 'sandbox-issuer.json'), createKey)) as JsonWebKey
}

function createKey(): string {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  return `${JSON.stringify({ ...key, kid: randomUUID() })}\n`
}
