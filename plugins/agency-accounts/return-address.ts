import { HubError } from '../../core/base/errors.ts'

/** → the address, if its part before the query is one of `allowed` to the letter; throws HUB_VALIDATION. */
export function checkReturnAddress(address: string, allowed: readonly string[]): string {
  const [place = ''] = address.split(/[?#]/, 1)
  if (allowed.includes(place) && URL.canParse(address)) return address
  throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/returnTo', detail: '不是允许返回的地址' }] })
}

/** The address with further query parameters. */
export function withParameters(address: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}
