import type { Arrival, CallbackDeclaration, Notice } from '../upstream/dialect.ts'
import { isObject } from '../upstream/envelope.ts'
import type { DirectOptions } from './direct.ts'
import { checkSigning, covers, signsBody } from './signing-check.ts'
import { credentialsOf, keyIdOf, keyOf, type Placement, type SigningForm, type SoundPlacement, timeOf } from './signing-form.ts'
import { readSignedValues, signedText } from './signing-reading.ts'
import { createVerifier, hashBody } from './signing-string.ts'
import { readTime } from './signing-values.ts'

/** How an agency's notices of filings are signed, where they name the filing, and what it reads in the answer. */
export interface CallbackForm<P = Placement> extends Omit<SigningForm<string, P>, keyof DirectOptions | 'credentials' | 'weakness'> {
  /** Where the body (JSON, or a form) holds the hub's serial number of the filing, as a path: `data.lsh`. */
  serial?: string
  /** Or where it holds the agency's own number for it. */
  reference?: string
  /** Bodies of the answers: with 200 for what was taken, a repetition included, and with 401 for what was not believed. */
  answer: { taken: object | string; refused: object | string }
}

/** What names the agency's key where the form doesn't: another than the one with which the hub calls. */
const OWN_NAMES = { keyId: { name: 'callbackId', title: '回调应用编号' }, key: { name: 'callbackKey', title: '回调验签密钥' } } as const

/**
 * The notices of an agency, which only make the hub ask how a filing stands. Credentials, the check at start, the route and
 * the notices of the sandbox's agency follow from it. With SM2 the key is the agency's public one.
 *
 * @example
 * callback: signedCallback({ parts: ['time', 'body'], digest: { hmac: 'sm3' }, serial: 'lsh', place: { … }, answer: { … } })
 */
export function signedCallback<const P extends Placement>(
  declared: Omit<CallbackForm, 'place'> & { place: P & SoundPlacement<P, never> },
): CallbackDeclaration {
  const { serial, reference, answer, ...signing } = declared as unknown as CallbackForm
  const form: SigningForm = { ...OWN_NAMES, ...signing }
  return {
    credentials: credentialsOf(form),
    options: { ...form, serial, reference },
    answer,
    check: () => checkCallback(form, serial, reference),
    createReader: (credentials) => createReader(form, { serial, reference }, credentials),
  }
}

const LONGEST_NUMBER = 64

type Names = Partial<Record<Notice['by'], string | undefined>>

function checkCallback(form: SigningForm, serial: string | undefined, reference: string | undefined): string[] {
  return [
    ...checkSigning(form),
    ...(signsBody(form) ? [] : ['the body is not signed: anybody could change which filing a notice is about']),
    ...(covers(form, 'time') ? [] : ['the time is not signed: an old notice could not be told from a new one']),
    ...((serial === undefined) === (reference === undefined) ? ['needs either serial or reference'] : []),
  ]
}

function createReader(form: SigningForm, names: Names, credentials: Readonly<Record<string, string>>) {
  const key = credentials[keyOf(form).name] ?? ''
  const own = { ...credentials, key, keyId: credentials[keyIdOf(form).name] ?? '' }
  const fits = createVerifier(form, key)
  const { format, skewSeconds } = timeOf(form)
  const by = names.serial === undefined ? 'reference' : 'serial'

  return (arrival: Arrival, now: number): Notice | null => {
    const members = membersOf(arrival)
    const values = readSignedValues(form, arrival, members)
    const text = values && signedText(form, arrival, values, own)
    if (!values || text === null || !fits(text, values['signature'] ?? '')) return null
    const number = valueAt(members, names[by] ?? '')
    const at = readTime(values['time'] ?? '', format)
    if (number === null || Number.isNaN(at)) return null
    const id = values['nonce'] ?? hashBody({ bodyHash: { hash: 'sha256', encoding: 'hex' } }, text)
    return { by, number, id, isInTime: Math.abs(now - at) < skewSeconds * 1000 }
  }
}

function membersOf({ body, headers }: Arrival): Readonly<Record<string, unknown>> | null {
  if (String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(body))
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function valueAt(members: Readonly<Record<string, unknown>> | null, path: string): string | null {
  const step = (value: unknown, name: string) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined)
  const found = path.split('.').reduce<unknown>(step, members)
  return typeof found === 'string' && found !== '' && found.length <= LONGEST_NUMBER ? found : null
}
