import type { ConnectorDeclaration, SandboxSubject } from '../../../core/contract/types.ts'
import { people } from '../people.ts'
import type { Platform, PlatformAnswer, PlatformCall } from '../platform.ts'
import { type AgencyReply, createAgencyProcess } from './process.ts'
import {
  agencyOf,
  CLIENT_ID,
  introspectionPath,
  LIFE_HEADER,
  ORIGIN_HEADER,
  pathOf,
  RESOURCE_ID,
  type Registration,
  readSecrets,
  type Secrets,
} from './registration.ts'

/**
 * The agencies' authorization servers, one for every connector that declares `accounts.oauth`: an oidc-provider each, in a process
 * of their own that is forked when the first is asked. Browsers and the hub find them under the sandbox's address, which stands
 * before that process does and outlives it; what goes wrong on the way ({@link Platform.api}) goes wrong here.
 */
export interface AgencyOAuth {
  readonly platforms: readonly Platform[]
  /** The hub's registration, the same at all of them; null where no agency has such a server. */
  readonly client: { readonly clientId: string; readonly clientSecret: string }
  baseUrlOf(connectorId: string): string
  /** Whose account a living access token of the agency opens, by its introspection. */
  holderOf(connectorId: string, accessToken: string): Promise<SandboxSubject | null>
  /** Access and refresh tokens handed out since the start. */
  issued(): readonly string[]
  /** How often tokens were handed out. */
  grants(): number
  /** Id of the other process, while there is one. */
  pid(): number | null
  close(): Promise<void>
}

export interface AgencyOAuthOptions {
  connectors: readonly ConnectorDeclaration[]
  dataDir: string
  /** Where the hub says browsers find it: its callback there is the registered one. */
  hubUrl: string
  /** The sandbox's own. */
  origin(): string
  /** Seconds; how long an access token lives that is handed out now. */
  tokenLife(): number
}

/** Headers that mean something between two machines only, and the address that the sandbox has told itself. */
const OF_THE_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect', 'upgrade', ORIGIN_HEADER, LIFE_HEADER]

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

export function createAgencyOAuth({ connectors, dataDir, hubUrl, origin, tokenLife }: AgencyOAuthOptions): AgencyOAuth {
  let secrets: Secrets | null = null
  const secretsOfNow = () => (secrets ??= readSecrets(dataDir))
  const declared = connectors.flatMap((connector) => (connector.accounts?.oauth ? [[connector, connector.accounts.oauth] as const] : []))
  const issued: string[] = []
  let grants = 0

  const server = createAgencyProcess((): Registration => {
    const agencies = declared.map(([connector, oauth]) => agencyOf(connector, oauth, hubUrl))
    return { origin: origin(), dataDir, secrets: secretsOfNow(), agencies }
  })

  async function passOn({ method, path, query, headers, body }: PlatformCall): Promise<PlatformAnswer> {
    const given = Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_HOP.includes(name)))
    const search = query.size > 0 ? `?${query}` : ''
    const reply = await server.ask({ method, path: path + search, headers: { ...given, [LIFE_HEADER]: tokenLife() }, body })
    return { status: reply.status, text: reply.text, headers: endToEnd(reply) }
  }

  function platformOf({ id }: ConnectorDeclaration, tokenPath: string, paths: readonly (string | undefined)[]): Platform {
    const prefix = pathOf(id)
    return {
      name: `oauth:${id}`,
      prefix,
      api: new Set(paths.flatMap((path) => (path === undefined ? [] : [prefix + path]))),
      async answer(call) {
        const answer = await passOn(call)
        if (call.path === prefix + tokenPath && answer.status === 200 && 'text' in answer) note(answer.text)
        return answer
      },
    }
  }

  function note(answer: string): void {
    const { access_token, refresh_token } = JSON.parse(answer) as { access_token: string; refresh_token?: string }
    grants++
    issued.push(access_token, ...(refresh_token === undefined ? [] : [refresh_token]))
  }

  return {
    client: {
      clientId: CLIENT_ID,
      get clientSecret() {
        return secretsOfNow().client
      },
    },
    platforms: declared.map(([connector, oauth]) =>
      platformOf(connector, oauth.tokenPath, [oauth.tokenPath, oauth.userInfoPath, oauth.revokePath]),
    ),
    baseUrlOf: (connectorId) => origin() + pathOf(connectorId),
    async holderOf(connectorId, token) {
      const headers = {
        authorization: basic(RESOURCE_ID, secretsOfNow().resource),
        'content-type': 'application/x-www-form-urlencoded',
      }
      const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
      const reply = await server.ask({ method: 'POST', path: introspectionPath(connectorId), headers, body })
      if (reply.status !== 200) return null
      const { active, sub } = JSON.parse(reply.text) as { active: boolean; sub?: string }
      return (active && people.find(({ index }) => String(index) === sub)) || null
    },
    issued: () => [...issued],
    grants: () => grants,
    pid: server.pid,
    close: server.close,
  }
}

function endToEnd({ headers }: AgencyReply) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_HOP.includes(name)))
}
