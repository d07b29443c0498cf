import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import housingFund from '../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration } from '../../core/connector.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'
import type { Hub } from './hub.ts'
import { minimalConnector } from './minimal-connector.ts'

type CallOptions = Parameters<Hub['token']>[0] & { body?: unknown; headers?: Record<string, string> }

/** A request as one of the sandbox's people, by default person 1 with a fresh face verification. */
export async function call(
  hub: Hub,
  method: NonNullable<InjectOptions['method']>,
  url: string,
  { body, headers = {}, ...options }: CallOptions = {},
): Promise<LightMyRequestResponse> {
  const authorization = `Bearer ${await hub.token(options)}`
  return hub.app.inject({ method, url, headers: { authorization, ...headers }, ...(body === undefined ? {} : { payload: body as object }) })
}

/** Two connectors with services for all that mandates are about; guardians may use `demo`. */
export function declarations(): ConnectorDeclaration[] {
  const demo = minimalConnector()
  const services = demo.services.map((service) => ({ ...service, contract: { ...service.contract, dependants: true } }))
  return [housingFund, { ...demo, services }]
}

export const userId = (person: number) => people[person - 1]?.id ?? ''
export const enterpriseId = (enterprise: number) => enterprises[enterprise - 1]?.id ?? ''
export const usccOf = (enterprise: number) => enterprises[enterprise - 1]?.number ?? ''

export const EMPLOYER = '/v1/housing-fund/employer-account'
export const ACCOUNT = '/v1/housing-fund/personal-account'
export const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

/** An invented number: the order number 000 is not issued (standards.md §7.1). GB 11643: Σ aᵢ·2^(18−i) ≡ 1 (mod 11). */
export function inventIdNumber(birthday: string): string {
  const sum = [...`411002${birthday}000`].reduce((total, digit, index) => total + Number(digit) * 2 ** (17 - index), 0)
  return `411002${birthday}000${'0123456789X'[(12 - (sum % 11)) % 11]}`
}

/** An account nobody has verified yet; its token comes with `claims: { sub }`. */
export async function addUser({ app }: Hub, sub: string, level: 'login' | 'real-name' = 'login'): Promise<string> {
  const id = crypto.randomUUID()
  const now = Date.now()
  await app
    .database('users')
    .insert({ id, issuer: 'urn:xuchang-hub:sandbox-issuer', subject: sub, status: 'active', level, created_at: now, updated_at: now })
  return id
}

/** An invented enterprise's code; `n` from 1 to 9. GB 32100: Σ cᵢ·3^(i−1) ≡ 0 (mod 31). */
export function inventUscc(n: number): string {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
  const body = `91411000MA00009${n}X`
  const sum = [...body].reduce((total, letter, index) => total + alphabet.indexOf(letter) * 3 ** index, 0)
  return body + alphabet[(31 - (sum % 31)) % 31]
}
