import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { DialectDeclaration, Outgoing, SignerContext } from '../upstream/dialect.ts'
import { createDirectSigner, type DirectOptions, directLayout } from './direct.ts'
import type { Carrier } from './exchange-request.ts'

export interface SignedTicketOptions extends DirectOptions {
  /**
   * `private`: the hub's own key, of which the agency has the public part; its kind decides: EC P-256 signs ES256,
   * RSA (2048 bits or more) RS256. `shared`: HS256 with a secret of at least 32 bytes. Default `private`.
   */
  key?: 'private' | 'shared'
  /** Where the ticket travels; in the body of a GET means in its query string. Default `header`. */
  carrier?: Carrier
  /** Its name there. Default `X-Ticket` as a header, otherwise `ticket`. */
  name?: string
  /** Word before the ticket, as in `Authorization: Bearer <ticket>`. */
  scheme?: string
  /** Seconds for which a ticket is good, 1 to 300. Default 60. */
  lifeSeconds?: number
}

const LONGEST_LIFE_SECONDS = 300
const LEAST_SECRET_BYTES = 32

const parties = {
  issuer: { title: '票据签发方（iss）', secret: false },
  audience: { title: '票据接收方（aud）', secret: false },
}

/**
 * A ticket per call that the hub signs and the agency verifies: a JWS (RFC 7515) with the claims of RFC 7519. `sub` is
 * the user's account at the agency where one is bound, otherwise a pseudonym that is nobody's at any other agency, and
 * without a user the hub itself (`iss`); never an id number. `purpose` is the service's sid, `jti` makes it good for one
 * use. Path and parameters are not covered.
 *
 * @example
 * upstream: { dialect: signedTicket({ name: 'Authorization', scheme: 'Bearer' }), … }
 */
export function signedTicket(options: SignedTicketOptions = {}): DialectDeclaration {
  const { key = 'private', carrier = 'header', lifeSeconds = 60, scheme } = options
  if (!(Number.isInteger(lifeSeconds) && lifeSeconds >= 1 && lifeSeconds <= LONGEST_LIFE_SECONDS))
    throw new RangeError(`signed-ticket: lifeSeconds must lie between 1 and ${LONGEST_LIFE_SECONDS}`)
  const name = ticketName(options)
  return {
    name: 'signed-ticket',
    options,
    credentials:
      key === 'shared'
        ? { secret: { title: '票据共享密钥', secret: true }, ...parties }
        : { privateKey: { title: '票据签名私钥（PEM）', secret: true }, ...parties },
    createSigner(context) {
      const lay = directLayout(context, options, [carrier])
      const issue = createIssuer(context, key, lifeSeconds)
      return createDirectSigner(context, options, 'fresh', async (outgoing) => {
        const ticket = await issue(outgoing)
        return lay(outgoing, { [name]: scheme === undefined ? ticket : `${scheme} ${ticket}` })
      })
    },
  }
}

export function ticketName({ carrier = 'header', name }: SignedTicketOptions): string {
  return name ?? (carrier === 'header' ? 'X-Ticket' : 'ticket')
}

function createIssuer({ credentials, subjectOf, now = () => Date.now() }: SignerContext, kind: 'private' | 'shared', lifeSeconds: number) {
  const { issuer = '', audience = '' } = credentials
  const { key, alg } = kind === 'shared' ? readSecret(credentials['secret']) : readPrivateKey(credentials['privateKey'])

  return async ({ sid, userId }: Pick<Outgoing, 'sid' | 'userId'>): Promise<string> => {
    const subject = userId === undefined ? issuer : await subjectOf?.(userId)
    if (subject === undefined) throw new Error('signed-ticket: no way to name the user')
    const iat = Math.floor(now() / 1000)
    return new SignJWT({ purpose: sid })
      .setProtectedHeader({ alg, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt(iat)
      .setExpirationTime(iat + lifeSeconds)
      .sign(key)
  }
}

function readSecret(secret = ''): { key: Uint8Array; alg: 'HS256' } {
  const key = Buffer.from(secret)
  // RFC 7518 §3.2: no shorter than the digest.
  if (key.length < LEAST_SECRET_BYTES) throw new Error(`signed-ticket: the secret must have at least ${LEAST_SECRET_BYTES} bytes`)
  return { key, alg: 'HS256' }
}

function readPrivateKey(pem = ''): { key: KeyObject; alg: 'ES256' | 'RS256' } {
  const key = parse(pem)
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return { key, alg: 'ES256' }
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048) return { key, alg: 'RS256' }
  throw new Error('signed-ticket: the private key must be EC P-256 or RSA of at least 2048 bits')
}

/** A parser's message may quote what it read, so it is not passed on. */
function parse(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    throw new Error('signed-ticket: the private key is not a PEM private key')
  }
}
