import { apiKey, apiKeyName } from '../../core/dialects/api-key.ts'
import { basic } from '../../core/dialects/basic.ts'
import { bgForm, bgHmac } from '../../core/dialects/bg-hmac.ts'
import { exchange } from '../../core/dialects/exchange.ts'
import { hmacNonce, hmacNonceForm } from '../../core/dialects/hmac-nonce.ts'
import { oauth2ClientCredentials } from '../../core/dialects/oauth2-client-credentials.ts'
import { signingDialect } from '../../core/dialects/signed-string.ts'
import { signedTicket, ticketName } from '../../core/dialects/signed-ticket.ts'
import { covers, signsBody } from '../../core/dialects/signing-check.ts'
import { placesOf, type SigningForm, timeOf } from '../../core/dialects/signing-form.ts'
import { messageForm, sm2Sm4Envelope } from '../../core/dialects/sm2-sm4-envelope.ts'
import { tif, tifForm } from '../../core/dialects/tif.ts'
import { twoSecret } from '../../core/dialects/two-secret.ts'
import type { DialectDeclaration } from '../../core/upstream/dialect.ts'

/** Options come from a file: what a dialect cannot make sense of it refuses itself. */
type Options = Readonly<Record<string, unknown>>

const makers: Readonly<Record<string, (options: Options) => DialectDeclaration>> = {
  exchange,
  'two-secret': twoSecret,
  'bg-hmac': bgHmac,
  tif,
  'hmac-nonce': hmacNonce,
  'sm2-sm4-envelope': sm2Sm4Envelope,
  'signed-string': (options) => {
    const form = options as unknown as SigningForm
    return { ...signingDialect('signed-string', { ...form, parts: form.parts ?? [], place: form.place ?? {} }), options: form }
  },
  'signed-ticket': signedTicket,
  'oauth2-client-credentials': oauth2ClientCredentials,
  'api-key': apiKey,
  basic,
}

export const dialectNames = Object.keys(makers)

/** Throws for a name that is none of {@link dialectNames}, and for options that no dialect can be made of. */
export function dialectOf(name: string, options: Options): DialectDeclaration {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined
  if (!make) throw new RangeError(`no dialect: ${name}`)
  return make(options)
}

/** Whether the agency hands out what calls are signed with, which then has to be kept. */
export function keepsSecrets({ name, options = {} }: DialectDeclaration): boolean {
  if (name === 'exchange') return !('secret' in options && options.secret === 'static')
  return name === 'two-secret' || name === 'oauth2-client-credentials'
}

/** What a dialect protects, as far as somebody who has one good request can try it. */
export interface Guard {
  /** Whether a header, parameter or member of that name carries the proof of who sends. */
  carries(name: string): boolean
  /** Seconds that a request's time may be off: `open` where the agency settles it, null where none is signed. */
  readonly skewSeconds: number | 'open' | null
  /** Whether a nonce makes a request good for one time. */
  readonly once: boolean
  /** What beside the proof cannot be changed. */
  readonly covers: readonly ('query' | 'body')[]
}

export function guardOf({ name, options = {} }: DialectDeclaration): Guard {
  const named = (carrier: string) => (given: string) => given.toLowerCase() === carrier.toLowerCase()
  const nothing = { skewSeconds: null, once: false, covers: [] } as const
  if (name === 'exchange') return { ...nothing, carries: (given) => given.endsWith('_sign'), skewSeconds: 'open' }
  if (name === 'two-secret') return { ...nothing, carries: named('sign'), skewSeconds: 'open' }
  if (name === 'oauth2-client-credentials') return { ...nothing, carries: (given) => /^(authorization|access_token)$/i.test(given) }
  if (name === 'api-key') return { ...nothing, carries: named(apiKeyName(options)) }
  if (name === 'basic') return { ...nothing, carries: named('authorization') }
  if (name === 'signed-ticket') {
    const { lifeSeconds = 60 } = options as { lifeSeconds?: number }
    return { carries: named(ticketName(options)), skewSeconds: lifeSeconds, once: true, covers: [] }
  }
  if (name === 'sm2-sm4-envelope') {
    const { signature } = messageForm(options).names
    return { carries: (given) => given === signature, skewSeconds: 'open', once: true, covers: ['body'] }
  }
  return guardOfForm(formOf(name, options))
}

function formOf(name: string, options: object): SigningForm {
  if (name === 'bg-hmac') return bgForm(options)
  if (name === 'tif') return tifForm(options)
  if (name === 'hmac-nonce') return hmacNonceForm(options)
  return options as SigningForm
}

function guardOfForm(form: SigningForm): Guard {
  const carriers = new Set(placesOf(form).flatMap(({ name, template }) => (template.includes('{signature}') ? [name.toLowerCase()] : [])))
  const query = form.parts.some((part) => {
    const bare = typeof part === 'object' && 'value' in part ? part.value : part
    return bare === 'query' || (typeof bare === 'object' && 'query' in bare)
  })
  return {
    carries: (given) => carriers.has(given.toLowerCase()),
    skewSeconds: covers(form, 'time') ? timeOf(form).skewSeconds : null,
    once: covers(form, 'nonce'),
    covers: [...(query ? (['query'] as const) : []), ...(signsBody(form) ? (['body'] as const) : [])],
  }
}
