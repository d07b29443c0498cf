import type { SignedRequest } from '../../core/upstream/dialect.ts'
import type { Guard } from './dialects.ts'

/** Good requests, spoilt as somebody would who has overheard one and holds no key. Each keeps what its signer marked it with. */

type Change = (text: string) => string | null

/** One character of the proof is another one. */
export const withWrongProof = (request: SignedRequest, guard: Guard) => changed(request, guard, spoil)

/** The proof is left out. */
export const withoutProof = (request: SignedRequest, guard: Guard) => changed(request, guard, () => null)

/** Something that is signed says more than was signed; null where nothing of this request but the proof is. */
export function withMore(request: SignedRequest, { covers }: Guard): SignedRequest | null {
  if (request.body !== null && covers.includes('body')) {
    const members = membersOf(request.body)
    if (members) return { ...request, body: JSON.stringify({ ...members, hubVerify: '1' }) }
    return { ...request, body: `${request.body}&hubVerify=1` }
  }
  if (!covers.includes('query')) return null
  return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}hubVerify=1` }
}

function changed(request: SignedRequest, { carries }: Guard, change: Change): SignedRequest {
  const each = (pairs: readonly (readonly [string, string])[]) =>
    pairs.flatMap(([name, text]) => {
      const given = carries(name) ? change(text) : text
      return given === null ? [] : [[name, given] as const]
    })
  const [path = '', query] = request.path.split('?')
  const members = request.body === null ? null : membersOf(request.body)
  const isForm = String(request.headers['content-type']).includes('form-urlencoded')
  const form = (text: string) =>
    new URLSearchParams(each([...new URLSearchParams(text)]).map(([name, value]): [string, string] => [name, value])).toString()
  return {
    ...request,
    path: query !== undefined && [...new URLSearchParams(query).keys()].some(carries) ? `${path}?${form(query)}` : request.path,
    headers: Object.fromEntries(each(Object.entries(request.headers))),
    body: members
      ? JSON.stringify({ ...members, ...changedMembers(members, carries, change) })
      : request.body !== null && isForm
        ? form(request.body)
        : request.body,
  }
}

function changedMembers(members: Readonly<Record<string, unknown>>, carries: Guard['carries'], change: Change): Record<string, unknown> {
  const texts = Object.entries(members).filter(([name, value]) => carries(name) && typeof value === 'string')
  // What is undefined is not written.
  return Object.fromEntries(texts.map(([name, value]) => [name, change(String(value)) ?? undefined]))
}

/** Another character in the middle of the last part: of a JWS the signature, of a header with several values the last of them. */
function spoil(text: string): string {
  let end = text.length
  while (end > 1 && (text[end - 1] === '=' || text[end - 1] === '"')) end--
  const start = Math.max(...['.', ',', ' ', '"', '='].map((mark) => text.lastIndexOf(mark, end - 1))) + 1
  const at = start + Math.floor((end - start) / 2)
  const was = text[at] ?? ''
  const instead = was === 'a' ? 'b' : was === 'A' ? 'B' : /[A-Z]/.test(was) ? 'A' : 'a'
  return text.slice(0, at) + instead + text.slice(at + 1)
}

function membersOf(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
