import { HubError } from '../../core/base/errors.ts'
import type { SignOnAccounts } from './accounts.ts'
import type { SignOnConfiguration } from './configuration.ts'
import type { Flows } from './flows.ts'
import { readIdentity } from './identity.ts'
import type { SignOnProfile } from './profile.ts'

/** What the user came back with, from the callback's query. */
export interface Return {
  ticketId?: string
  code?: string
  state?: string
  /** What some platforms call the state. */
  sp?: string
  error?: string
}

export interface SignOn {
  /** → where to send the browser. */
  start(browser: string, returnTo: string): Promise<string>
  /** → who came back and where he was going. Throws what the parts throw, HUB_SIGN_ON_DENIED among it. */
  finish(browser: string | null, back: Return): Promise<{ userId: string; returnTo: string }>
}

export interface SignOnParts {
  configuration: SignOnConfiguration
  profile: SignOnProfile
  flows: Flows
  accounts: SignOnAccounts
}

/** One sign-on from end to end: page → ticket → who it is → the hub's own user. */
export function createSignOn({ configuration, profile, flows, accounts }: SignOnParts): SignOn {
  return {
    start: async (browser, returnTo) => profile.pageUrl(await flows.open(browser, returnTo)),
    async finish(browser, back) {
      const { returnTo, verifier } = await flows.close(browser, back.state ?? back.sp ?? '')
      if (back.error !== undefined) throw new HubError('HUB_SIGN_ON_DENIED')
      const ticket = back[profile.parameter]
      if (!ticket) throw new HubError('HUB_TICKET_INVALID')
      await flows.present(ticket)
      const identity = readIdentity(await profile.exchange(ticket, verifier), configuration)
      return { userId: await accounts.settle(identity), returnTo }
    },
  }
}
