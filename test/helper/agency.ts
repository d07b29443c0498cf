import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgencyLog } from './agency-provider.ts'
import type { Hub } from './hub.ts'

const PATH = '/v1/me/accounts/science-museum'
export const HUB_URL = 'http://127.0.0.1:39999'
export const RETURN_URL = 'xuchang://accounts'

export interface Agency {
  origin: string
  /** `/control/<action>` of the agency. */
  control(action: string): Promise<AgencyLog>
  /** Settings of a hub that knows the agency. */
  env(client?: 'hub-second' | 'hub-hour'): Record<string, string>
  close(): void
}

/** The agency's own process. */
export async function startAgency(): Promise<Agency> {
  const child: ChildProcess = fork(new URL('agency-provider.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [origin] = (await once(child, 'message')) as [string]
  const dir = mkdtempSync(join(tmpdir(), 'hub-agency-'))
  return {
    origin,
    control: async (action) => (await fetch(`${origin}/control/${action}`)).json() as Promise<AgencyLog>,
    env(client = 'hub-hour') {
      const file = join(dir, `${client}.json`)
      const credentials = { clientId: client, clientSecret: `${client}-secret` }
      writeFileSync(file, JSON.stringify({ 'science-museum': { baseUrl: origin, credentials } }))
      return { CONNECTORS_FILE: file, PUBLIC_URL: HUB_URL, ACCOUNT_RETURN_URLS: RETURN_URL }
    },
    close() {
      child.kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export interface Begun {
  /** The agency's page. */
  url: string
  /** Cookie of the browser that set out. */
  cookie: string
}

export async function begin(hub: Hub, person = 1, returnTo?: string): Promise<Begun> {
  const reply = await hub.post(`${PATH}/authorise`, { person, ...(returnTo ? { body: { returnTo } } : {}) })
  if (reply.statusCode !== 200) throw new Error(reply.body)
  const cookie = String(reply.headers['set-cookie']).split(';')[0] as string
  return { url: (reply.json() as { data: { url: string } }).data.url, cookie }
}

/** A browser at the agency: follows it through sign-in and consent. → the address of the hub to which the agency sends it back. */
export async function visit(url: string, answer: string): Promise<URL> {
  const jar = new Map<string, string>()
  let next = new URL(url)
  for (let step = 0; step < 10; step++) {
    if (next.origin === HUB_URL) return next
    if (next.pathname.startsWith('/interaction/')) next.search = answer
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(next, { redirect: 'manual', headers: { cookie } })
    for (const line of reply.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] as string).split('=')
      jar.set(name, value)
    }
    const location = reply.headers.get('location')
    if (!location) throw new Error(`the agency stopped at ${next.pathname}: ${reply.status} ${await reply.text()}`)
    next = new URL(location, next)
  }
  throw new Error('the agency goes in circles')
}

/** The browser back at the hub. */
export function comeBack(hub: Hub, back: URL, cookie = '') {
  return hub.app.inject({ url: back.pathname + back.search, headers: cookie ? { cookie } : {} })
}

/** The whole way, in one browser. */
export async function bindAs(hub: Hub, account: string, person = 1) {
  const { url, cookie } = await begin(hub, person)
  return comeBack(hub, await visit(url, `as=${account}`), cookie)
}

export async function accountsOf(hub: Hub, person = 1) {
  return (
    (await hub.get('/v1/me/accounts', { person })).json() as {
      data: { id: string; connector: string; state: string; account: string | null; [more: string]: unknown }[]
    }
  ).data
}

export const bookings = (hub: Hub, person = 1) => hub.get('/v1/science-museum/bookings', { person })
