import type { Outgoing, SignedRequest } from '../upstream/dialect.ts'

/** Where a request may carry its four values; with GET and DELETE, `body` means the query string. */
export type Carrier = 'header' | 'query' | 'body'

export interface RequestForm {
  /** Path of the gateway's address and of the service behind it. */
  path: string
  carriers: readonly Carrier[]
  /** How the parameters of a POST or PUT are written. */
  bodyFormat: 'json' | 'form'
}

const CONTENT_TYPES = { json: 'application/json; charset=utf-8', form: 'application/x-www-form-urlencoded' }

/** Lays a call out for the wire; `signed` are the four values by their full names. */
export function layOut(form: RequestForm, { method, params }: Outgoing, signed: Record<string, string>): SignedRequest {
  const headers = form.carriers.includes('header') ? signed : {}
  const inQuery = form.carriers.includes('query')
  const inBody = form.carriers.includes('body')
  // What a body of a DELETE means, nobody has laid down (RFC 9110 §9.3.5).
  if (method === 'GET' || method === 'DELETE') {
    const query = join(encode(params), inQuery || inBody ? encode(signed) : '')
    return { method, path: withQuery(form.path, query), headers, body: null }
  }
  const values = inBody ? { ...params, ...signed } : params
  return {
    method,
    path: withQuery(form.path, inQuery ? encode(signed) : ''),
    // In this order: V8 adds to an object that was spread ten times slower than it spreads into one.
    headers: { 'content-type': CONTENT_TYPES[form.bodyFormat], ...headers },
    body: form.bodyFormat === 'json' ? JSON.stringify(values) : encode(values),
  }
}

/** → where a service is: `{path}` in the template stands for its own path (encoded already) or, where it has none, its id at the agency. */
export function servicePath(base: string, template: string): (service: Pick<Outgoing, 'sid' | 'path'>) => string {
  const fixed = `${base}${template}` || '/'
  if (!template.includes('{path}')) return () => fixed
  return ({ sid, path }) => fixed.replace('{path}', () => (path ?? encodePath(sid)).replace(/^\/+/, ''))
}

/** Slashes separate, everything else is written so that it cannot. */
function encodePath(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/')
}

/** `application/x-www-form-urlencoded`, UTF-8, a space as `%20`. Values left empty by the caller (null, undefined) are left out. */
function encode(values: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const key in values) {
    const value = values[key]
    if (value === undefined || value === null) continue
    const plain = typeof value === 'object' ? JSON.stringify(value) : String(value)
    text = join(text, `${encodeURIComponent(key)}=${encodeURIComponent(plain)}`)
  }
  return text
}

function join(first: string, second: string): string {
  return first === '' || second === '' ? first + second : `${first}&${second}`
}

function withQuery(path: string, query: string): string {
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
}
