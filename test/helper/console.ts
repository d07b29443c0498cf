import { bucketNames } from '../../plugins/operations/statistics/buckets.ts'
import { createSessionStore } from '../../plugins/sign-on/sessions.ts'
import type { AdminRole } from '../../plugins/users/roles.ts'
import { codeOf, stepNow } from './authenticator.ts'
import { type Browser, createBrowser, type Page } from './browser.ts'
import { send } from './hall.ts'
import type { Hub } from './hub.ts'
import { userId } from './identity.ts'
import { inOffice } from './second-person.ts'

/** An administrator with an authenticator, whose codes count again and again: so that a test need not wait for half a minute. */
export interface Administrator {
  person: number
  code(): Promise<string>
}

/** Puts somebody in office, and gives him an authenticator. */
export async function administrator(hub: Hub, person: number, role: AdminRole): Promise<Administrator> {
  const { app } = hub
  await inOffice(hub, person, role)
  const id = userId(person)
  const { secret } = await app.secondFactor.enrol(id, (await app.secondFactor.issueCode(id)).code)
  await app.secondFactor.confirm({ userId: id, tokenHash: `of ${id}`, addressHash: '', expiresAt: 0 }, codeOf(secret, stepNow()))
  const anew = () => app.database('second_factors').where({ user_id: id }).update({ last_step: 0, failures: 0, locked_until: null })
  return {
    person,
    async code() {
      await anew()
      return codeOf(secret, stepNow())
    },
  }
}

const BROWSER = { device: null, deviceName: 'Chrome', address: '127.0.0.1' }

/** A browser in which that person has signed on, and nothing more. */
export async function signedOn({ app }: Hub, origin: string, person: number): Promise<Browser> {
  const browser = createBrowser({ [origin]: origin })
  browser.setCookie('hub_session', await createSessionStore(app.database, app.vault).create(userId(person), null, BROWSER))
  return browser
}

/** Shows the code at the door. → the answer. */
export async function enterConsole(browser: Browser, code: string, to = '/console'): Promise<Page> {
  return send(browser, await browser.open(`/console/enter?${new URLSearchParams({ to })}`), { code })
}

/** A browser in which that administrator sits at the console. */
export async function atConsole(hub: Hub, origin: string, { person, code }: Administrator): Promise<Browser> {
  const browser = await signedOn(hub, origin, person)
  const { status, text } = await enterConsole(browser, await code())
  if (status !== 303) throw new Error(text)
  return browser
}

const HOUR_MS = 3_600_000

/** Calls of the seven days up to now, as they are kept once they are added up: one an hour, of a service and a few applications. */
export async function addCalls({ app }: Hub, service = { connector: 'demo', service: 'balance' }): Promise<void> {
  const last = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  const rows = Array.from({ length: 24 * 7 }, (_, index) => {
    const hour = last - index * HOUR_MS
    const local = new Date(hour + 8 * HOUR_MS)
    const day = local.toISOString().slice(0, 10)
    const app = ['bank', 'my-xuchang', ''][index % 3] ?? ''
    const sums = { calls: 1, failed: index % 5 === 0 ? 1 : 0, duration_ms: 40 }
    const buckets = Object.fromEntries(bucketNames.map((name, at) => [name, at === index % 4 ? 1 : 0]))
    return { hour, day, clock: local.getUTCHours(), ...service, app, ...sums, ...buckets }
  })
  await app.database('call_statistics').insert(rows)
}
