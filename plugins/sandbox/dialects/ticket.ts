import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, timingSafeEqual, verify } from 'node:crypto'
import { type SignedTicketOptions, ticketName } from '../../../core/dialects/signed-ticket.ts'
import { createReplayGuard } from './replay-guard.ts'
import { carriedBy, isDistrustful, paramsOf, type Received, type Simulator, unauthorized } from './simulator.ts'

/** The longest life that the agency takes, and how far clocks may disagree. */
const LIFE_SECONDS = 300
const TOLERANCE_SECONDS = 30

/** An agency that verifies the hub's tickets as RFC 7515 and RFC 7519 say, without the library that signs them. */
export function createTicketSimulator(): Simulator<SignedTicketOptions> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = createPublicKey(privateKey)
  const credentials = {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    secret: randomBytes(32).toString('hex'),
    issuer: 'sandbox-hub',
    audience: 'sandbox-agency',
  }
  const isNew = createReplayGuard((LIFE_SECONDS + TOLERANCE_SECONDS) * 1000)

  return {
    credentials,
    admit(request, options, faults) {
      const ticket = read(request, options)
      if (!ticket) return unauthorized('缺少票据或票据格式错误')
      const { claims, header } = ticket
      const genuine = options.key === 'shared' ? isOfSecret(ticket, credentials.secret) : isOfKey(ticket, publicKey)
      const alg = options.key === 'shared' ? 'HS256' : 'ES256'
      if (header['alg'] !== alg || !genuine || isDistrustful(faults)) return unauthorized('票据签名错误')
      if (claims['iss'] !== credentials.issuer || claims['aud'] !== credentials.audience) return unauthorized('票据不匹配')
      const skew = faults.get('clock-skew')
      const clock = Date.now() + (skew ? (skew.ms ?? 600_000) : 0)
      if (!isInForce(claims, clock / 1000)) return unauthorized('票据已过期')
      if (typeof claims['sub'] !== 'string' || claims['sub'] === '') return unauthorized('票据无效')
      if (typeof claims['jti'] !== 'string' || !isNew(claims['jti'])) return unauthorized('票据重复使用')
      const { [ticketName(options)]: _, ...params } = paramsOf(request)
      return { params }
    },
    /** A ticket for one service opens no other. */
    serviceOf(request, options) {
      const purpose = read(request, options)?.claims['purpose']
      return typeof purpose === 'string' ? purpose : undefined
    },
  }
}

interface Ticket {
  readonly signed: string
  readonly signature: Buffer
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

function read(request: Received, options: SignedTicketOptions): Ticket | null {
  const prefix = options.scheme === undefined ? '' : `${options.scheme} `
  const carried = carriedBy(request)(ticketName(options))
  if (!carried.startsWith(prefix)) return null
  const [header = '', claims = '', signature = '', ...more] = carried.slice(prefix.length).split('.')
  if (more.length > 0) return null
  try {
    return { signed: `${header}.${claims}`, signature: Buffer.from(signature, 'base64url'), header: parse(header), claims: parse(claims) }
  } catch {
    return null
  }
}

function parse(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  return value as Record<string, unknown>
}

function isInForce({ iat, exp }: Ticket['claims'], now: number): boolean {
  if (typeof iat !== 'number' || typeof exp !== 'number') return false
  return exp - iat <= LIFE_SECONDS && iat <= now + TOLERANCE_SECONDS && now < exp + TOLERANCE_SECONDS
}

/** RFC 7518 §3.4: r‖s, not DER. */
function isOfKey({ signed, signature }: Ticket, key: KeyObject): boolean {
  return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature)
}

function isOfSecret({ signed, signature }: Ticket, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(signed).digest()
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}
