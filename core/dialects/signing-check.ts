import { barePartsOf, credentialsOf, keyIdOf, keyOf, placesOf, type SignedValue, type SigningForm, timeOf } from './signing-form.ts'
import { holesOf } from './signing-values.ts'

/** Headers that the hub or its HTTP client writes itself. */
const OWN_HEADERS = new Set(['content-type', 'content-length', 'host', 'connection', 'transfer-encoding', 'expect'])
const RESERVED = ['keyId', 'key', 'time', 'nonce', 'service', 'bodyHash', 'signature']
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** All mistakes of a signing form that the compiler cannot see. */
export function checkSigning(form: SigningForm): string[] {
  if (form.parts.length === 0) return ['nothing is signed']
  return [...checkStrength(form), ...checkTravel(form), ...checkHeaders(form), ...checkNames(form), ...checkBounds(form)]
}

function checkStrength(form: SigningForm): string[] {
  const { digest, weakness } = form
  const signed = barePartsOf(form)
  const open = openEnds(form)
  const found = weakness?.trim() ? [] : open.map((end) => `${end}; say why in weakness`)
  if (open.length === 0 && weakness !== undefined) found.push('weakness is for forms that leave something open')
  if ('hash' in digest && !signed.includes('key'))
    found.push('a plain digest needs the key among its parts: anybody could compute this one')
  if ('sm2' in digest && signed.includes('key')) found.push('a private key is no part of a string to sign')
  return found
}

/** What a form lets others do, which an agency may insist on. */
function openEnds(form: SigningForm): string[] {
  const isSent = (value: string) => placesOf(form).some(({ template }) => holesOf(template).includes(value))
  const unsigned = (['time', 'nonce', 'bodyHash'] as const).filter((value) => isSent(value) && !covers(form, value))
  const fresh = covers(form, 'time') || covers(form, 'nonce')
  return [
    ...(fresh ? [] : ['neither time nor nonce is signed: a request can be sent again']),
    ...unsigned.map((value) => `the ${value} is sent but not signed: anybody could change it`),
  ]
}

/** Whether a value is signed, by itself or with what carries it. */
export function covers(form: SigningForm, value: SignedValue): boolean {
  const signed = barePartsOf(form)
  const signsQuery = signed.some((part) => part === 'query' || (typeof part === 'object' && 'query' in part))
  const carrier = {
    headers: (name: string) => headersSigned(form).has(name.toLowerCase()),
    query: () => signsQuery,
    // With GET it travels in the query string.
    body: () => signsQuery && signsBody(form),
  }
  return (
    signed.includes(value) || placesOf(form).some(({ where, name, template }) => holesOf(template).includes(value) && carrier[where](name))
  )
}

/** Whether the string to sign depends on the body. */
export function signsBody(form: SigningForm): boolean {
  const signed = barePartsOf(form)
  if (signed.includes('body') || signed.includes('bodyHash')) return true
  return placesOf(form).some(
    ({ where, name, template }) => where === 'headers' && template.includes('{bodyHash}') && headersSigned(form).has(name.toLowerCase()),
  )
}

/** Between what is signed and what is sent. */
function checkTravel(form: SigningForm): string[] {
  const places = placesOf(form)
  const signed = barePartsOf(form)
  const sent = (value: string) => places.some(({ template }) => holesOf(template).includes(value))
  const found: string[] = []
  if (!sent('signature')) found.push('the signature is sent nowhere')
  for (const value of ['time', 'nonce'] as const)
    if (signed.includes(value) && !sent(value)) found.push(`the ${value} is signed but sent nowhere`)
  for (const { template, name } of places.filter(({ where }) => where === 'body')) {
    if (holesOf(template).includes('bodyHash')) found.push(`${name}: a hash of the body cannot travel in it`)
    if (holesOf(template).includes('signature') && signsBody(form)) found.push(`${name}: a signature of the body cannot travel in it`)
  }
  return found
}

function headersSigned(form: SigningForm): Set<string> {
  return new Set(barePartsOf(form).flatMap((part) => (typeof part === 'object' && 'header' in part ? [part.header.toLowerCase()] : [])))
}

function checkHeaders(form: SigningForm): string[] {
  const headers = placesOf(form).filter(({ where }) => where === 'headers')
  const names = headers.map(({ name }) => name.toLowerCase())
  const found: string[] = []
  for (const [index, { name, template }] of headers.entries()) {
    if (!HEADER_NAME.test(name)) found.push(`${name}: not a header's name`)
    if (OWN_HEADERS.has(name.toLowerCase())) found.push(`${name}: the hub writes this header itself`)
    if (names.indexOf(name.toLowerCase()) < index) found.push(`${name}: duplicate header`)
    if (/[^\t\x20-\x7e]/.test(template)) found.push(`${name}: a header holds printable ASCII only`)
  }
  const carried = new Map(headers.map(({ name, template }) => [name.toLowerCase(), template]))
  for (const name of headersSigned(form)) {
    const template = carried.get(name)
    if (template === undefined && name !== 'content-type' && name !== 'host') found.push(`${name}: a header that is signed but not sent`)
    if (template?.includes('{signature}')) found.push(`${name}: a header cannot be signed that holds the signature`)
  }
  return found
}

function checkNames(form: SigningForm): string[] {
  const credentials = Object.keys(credentialsOf(form))
  const further = Object.keys(form.credentials ?? {})
  const known = new Set([...RESERVED, ...further].filter((name) => name !== 'key'))
  const found: string[] = []
  for (const name of further) {
    if (RESERVED.includes(name)) found.push(`${name}: this name means something else in a form`)
    if (name === keyOf(form).name || name === keyIdOf(form).name) found.push(`${name}: duplicate credential`)
  }
  for (const part of barePartsOf(form)) {
    if (typeof part === 'object' && 'credential' in part && !credentials.includes(part.credential))
      found.push(`no such credential: ${part.credential}`)
  }
  for (const { name, template } of placesOf(form)) {
    for (const hole of holesOf(template)) if (!known.has(hole)) found.push(`${name}: unknown value {${hole}}`)
    if (template.includes('}{')) found.push(`${name}: two values with nothing between them cannot be told apart`)
  }
  return found
}

function checkBounds(form: SigningForm): string[] {
  const { skewSeconds } = timeOf(form)
  const found: string[] = []
  if (!(skewSeconds >= 1 && skewSeconds <= 3600)) found.push('time.skewSeconds must lie between 1 and 3600')
  if (typeof form.nonce === 'object' && !(form.nonce.hexBytes >= 8 && form.nonce.hexBytes <= 64))
    found.push('nonce.hexBytes must lie between 8 and 64')
  return found
}
