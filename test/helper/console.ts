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
