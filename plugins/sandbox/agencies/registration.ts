import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readOrCreate } from '../../../config/key-file.ts'
import type { AgencyOAuth } from '../../../core/contract/accounts.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'
import { accountsOf } from '../accounts.ts'
import { people } from '../people.ts'

/** What an agency's authorization server knows; plain data, since it crosses to another process. */
export interface Agency {
  readonly id: string
  /** 科技馆 …, as its page names it. */
  readonly name: string
  readonly oauth: AgencyOAuth
  /** The hub's redirect URI that it has on file. */
  readonly callback: string
  readonly holders: readonly Holder[]
}

/** An invented person with an account there. */
export interface Holder {
  /** 1 …: the person's index, and `sub` of the tokens. */
  readonly index: number
  readonly name: string
  /** What the user info answers. */
  readonly info: object
}

/** One sandbox's agencies: all that the other process is told. */
export interface Registration {
  /** Where browsers and the hub find the sandbox. */
  readonly origin: string
  readonly dataDir: string
  readonly secrets: Secrets
  readonly agencies: readonly Agency[]
}

/** One for all processes of a data folder, and for all its agencies; they outlive restarts, as the tokens do. */
export interface Secrets {
  /** The hub's. */
  readonly client: string
  /** That of the agencies' own interfaces, which ask whose a token is (RFC 7662). */
  readonly resource: string
  readonly cookies: string
  readonly key: JsonWebKey
}

export const CLIENT_ID = 'sandbox-hub'
export const RESOURCE_ID = 'sandbox-agency'

/** Headers that the sandbox adds to what it passes on: whose agencies are meant, and how long an access token may live. */
export const ORIGIN_HEADER = 'x-sandbox-origin'
export const LIFE_HEADER = 'x-sandbox-token-seconds'

export const pathOf = (connectorId: string) => `/agencies/${connectorId}`
export const introspectionPath = (connectorId: string) => `${pathOf(connectorId)}/introspection`

export function readSecrets(dataDir: string): Secrets {
  return JSON.parse(readOrCreate(join(dataDir, 'sandbox-agencies.json'), createSecrets)) as Secrets
}

function createSecrets(): string {
  const [client, resource, cookies] = Array.from({ length: 3 }, () => randomBytes(24).toString('base64url'))
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  return `${JSON.stringify({ client, resource, cookies, key })}\n`
}

/** `hubUrl`: where the hub says that browsers find it. */
export function agencyOf(connector: ConnectorDeclaration, oauth: AgencyOAuth, hubUrl: string): Agency {
  return {
    id: connector.id,
    name: connector.agency,
    oauth,
    callback: `${hubUrl}/oauth/agencies/${connector.id}/callback`,
    holders: people.map((person) => {
      const [account = ''] = accountsOf(connector, person)
      const info: Record<string, unknown> = {}
      setAt(info, oauth.externalId, account)
      if (oauth.unionId !== undefined) setAt(info, oauth.unionId, `union-${account}`)
      if (oauth.idNumber !== undefined) setAt(info, oauth.idNumber, person.number)
      return { index: person.index, name: person.name, info }
    }),
  }
}

/** Puts a value where a JSON pointer (RFC 6901) points, with the objects that it leads through. */
function setAt(document: Record<string, unknown>, pointer: string, value: string): void {
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.pop() ?? ''
  let place = document
  for (const name of names) {
    const inner = (place[name] ?? {}) as Record<string, unknown>
    place[name] = inner
    place = inner
  }
  place[last] = value
}
