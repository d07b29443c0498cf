import { createHash } from 'node:crypto'
import type { CredentialNotes, DialectDeclaration, Signer, SignerContext } from '../upstream/dialect.ts'
import { createDirectSigner, directLayout } from './direct.ts'
import { checkSigning } from './signing-check.ts'
import { credentialsOf, keyIdOf, keyOf, type Placement, placesOf, type SigningForm, type SoundPlacement, timeOf } from './signing-form.ts'
import { createDigest, hashBody, type SignedWire, stringToSign } from './signing-string.ts'
import { fillTemplates, holesOf, writeNonce, writeTime } from './signing-values.ts'

/**
 * A signature of an agency's own, declared: what the string to sign consists of, how it is digested, and where each
 * value travels. Credentials, the check at start and the sandbox's agency, which verifies signature, time and nonce,
 * follow from it.
 *
 * @example
 * upstream: {
 *   dialect: signedString({
 *     parts: ['method', 'path', 'query', 'time', 'nonce', 'bodyHash'],
 *     digest: { hmac: 'sha256' },
 *     time: { format: 's', skewSeconds: 300 },
 *     place: { headers: { 'X-App': '{keyId}', 'X-Time': '{time}', 'X-Nonce': '{nonce}', 'X-Sign': '{signature}' } },
 *   }),
 *   …
 * }
 */
export function signedString<
  const P extends Placement,
  const C extends Readonly<Record<string, CredentialNotes>> = Readonly<Record<never, CredentialNotes>>,
>(
  form: Omit<SigningForm<NoInfer<keyof C & string>>, 'place' | 'credentials'> & {
    credentials?: C
    place: P & SoundPlacement<P, keyof C & string>
  },
): DialectDeclaration {
  const general = form as unknown as SigningForm
  // Forms share a simulator exactly when they are the same, and an author has no name to invent.
  const text = JSON.stringify(general, (_, value: unknown) => (value instanceof RegExp ? String(value) : value))
  const name = `signed-string-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
  return { ...signingDialect(name, general), options: general, simulator: 'signed-string' }
}

/** A dialect that is an instance of a signing form under a name of its own. */
export function signingDialect(name: string, form: SigningForm): DialectDeclaration {
  return {
    name,
    credentials: credentialsOf(form),
    check: () => checkSigning(form),
    createSigner: (context) => createSigner(form, context),
  }
}

function createSigner(form: SigningForm, context: SignerContext): Signer {
  const { place } = form
  const { credentials, now = () => Date.now() } = context
  const key = credentials[keyOf(form).name] ?? ''
  const fixed = { ...credentials, key, keyId: credentials[keyIdOf(form).name] ?? '' }
  const digest = createDigest(form, key)
  const { host } = new URL(context.baseUrl)
  const { format } = timeOf(form)
  const lay = directLayout(context, form, ['query'])
  const travels = (value: string) => placesOf(form).some(({ where, template }) => where !== 'headers' && holesOf(template).includes(value))
  const [hashTravels, signatureTravels] = [travels('bodyHash'), travels('signature')]

  return createDirectSigner(context, form, 'fresh', (outgoing) => {
    const { method, params, sid } = outgoing
    const values: Record<string, string> = {
      ...fixed,
      service: sid,
      time: writeTime(now(), format),
      nonce: writeNonce(form.nonce),
    }

    /** The request with all values known so far in its query string and body. */
    function layOut() {
      const query = fillTemplates(place.query, values)
      if (!place.body) return lay(outgoing, query)
      const body = fillTemplates(place.body, values)
      return method === 'GET' ? lay(outgoing, { ...body, ...query }) : lay({ ...outgoing, params: { ...params, ...body } }, query)
    }

    let request = layOut()
    values['bodyHash'] = hashBody(form, request.body ?? '')
    if (hashTravels) request = layOut()
    const headers = { ...request.headers, ...fillTemplates(place.headers, values) }
    values['signature'] = digest.of(stringToSign(form, toWire({ ...request, host, headers }), values))
    if (signatureTravels) request = layOut()
    return { ...request, headers: { ...request.headers, ...fillTemplates(place.headers, values) } }
  })
}

function toWire({
  method,
  host,
  path,
  headers,
  body,
}: {
  method: string
  host: string
  path: string
  headers: Record<string, string>
  body: string | null
}): SignedWire {
  const end = path.includes('?') ? path.indexOf('?') : path.length
  return {
    method,
    host,
    path: path.slice(0, end),
    query: path.slice(end + 1),
    headers: Object.fromEntries([['host', host], ...Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])]),
    body: body ?? '',
  }
}
