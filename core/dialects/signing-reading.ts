import type { Arrival } from '../upstream/dialect.ts'
import { placesOf, type SigningForm } from './signing-form.ts'
import { hashBody, type SignedWire, stringToSign } from './signing-string.ts'
import { templateReader } from './signing-values.ts'

/**
 * The values that a request carries where the form places them; null where one is missing, has another form, or contradicts
 * another. `members`: of its body, where that has any.
 */
export function readSignedValues(
  form: Pick<SigningForm, 'place'>,
  { method, query, headers }: Pick<Arrival, 'method' | 'query' | 'headers'>,
  members: Readonly<Record<string, unknown>> | null,
): Record<string, string> | null {
  const search = new URLSearchParams(query)
  const inBody = method === 'GET' ? null : members
  const values: Record<string, string> = {}
  for (const { where, name, template } of placesOf(form)) {
    const carried = where === 'headers' ? headers[name.toLowerCase()] : where === 'body' && inBody ? inBody[name] : search.get(name)
    const read = typeof carried === 'string' ? templateReader(template)(carried) : null
    if (!read) return null
    for (const [value, text] of Object.entries(read)) {
      values[value] ??= text
      if (values[value] !== text) return null
    }
  }
  return values
}

/**
 * The string that the sender must have signed, from what came and the receiver's `own` values (key, key id, further
 * credentials); null where a value contradicts the receiver's own or the body.
 */
export function signedText(
  form: SigningForm,
  arrival: Arrival,
  values: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): string | null {
  const isOwn = (name: string) => own[name] === undefined || values[name] === undefined || values[name] === own[name]
  if (!Object.keys(own).every(isOwn)) return null
  if (values['bodyHash'] !== undefined && values['bodyHash'] !== hashBody(form, arrival.body)) return null
  return stringToSign(form, withoutSignature(form, arrival), { ...own, ...values })
}

function withoutSignature(form: Pick<SigningForm, 'place'>, { method, path, query, headers, body }: Arrival): SignedWire {
  const carrying = placesOf(form).filter(({ where, template }) => where !== 'headers' && template.includes('{signature}'))
  const names = new Set(carrying.flatMap(({ where, name }) => (where === 'query' || method === 'GET' ? [encodeURIComponent(name)] : [])))
  const pairs = query.split('&').filter((pair) => !names.has(pair.split('=', 1)[0] ?? ''))
  return {
    method,
    host: String(headers['host'] ?? ''),
    path,
    query: pairs.join('&'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body,
  }
}
