import type { FastifyInstance } from 'fastify'
import { HubError, toProblem } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { type Caller, recognise } from '../access/authorise.ts'
import { insideClaims } from '../access/inside.ts'
import { assertTokenAccount, ownAccount } from '../agency-accounts/own-account.ts'
import type { Account } from '../agency-accounts/store.ts'
import { assertAge } from '../kinds/filing/ages.ts'
import { kindOf } from '../kinds/index.ts'

/** Why a call would be refused, in the words in which its caller would read it. */
export interface Reason {
  code: string
  title: string
  detail: string
}

/** For whom a user asks: himself, an enterprise whose mandate he holds, or one of his family. */
export interface Principal {
  as: 'self' | 'enterprise' | 'dependant'
  id: string | null
  /** An enterprise's name; a person's, masked. */
  name: string | null
}

export interface Entitlement {
  service: CompiledService
  usable: boolean
  /** What keeps everybody from it now. */
  closed: Reason | null
  /** For each for whom he might ask: null where he may. */
  ways: readonly (Principal & { reason: Reason | null })[]
  /** What is asked for each time besides. */
  conditions: readonly string[]
}

type Parts = Pick<FastifyInstance, 'users' | 'holders' | 'accounts' | 'catalogue' | 'calendar' | 'services'>

const SELF: Principal = { as: 'self', id: null, name: null }
/** Of so many mandates at most. */
const MANDATES = 100

/**
 * What one user may use now, and why or why not. It is found out by letting him ask: the same code decides that decides over his
 * calls, short of the agency, which is not asked.
 */
export async function entitlementsOf(app: Parts, userId: string): Promise<Entitlement[]> {
  const caller = await callerOf(app, userId)
  const principals = await principalsOf(app, userId)
  const accounts = await app.accounts.store.list(userId)
  return Promise.all(
    [...app.services.values()].map(async (service) => {
      const closed = closedNow(app, service)
      const wanted = principalsFor(service, principals)
      const ways = await Promise.all(wanted.map(async (one) => ({ ...one, reason: await refusalOf(app, service, caller, one, accounts) })))
      return {
        service,
        closed,
        ways,
        usable: closed === null && ways.some(({ reason }) => reason === null),
        conditions: conditionsOf(service),
      }
    }),
  )
}

/** The user as if he called now; or why he cannot, whatever he calls. */
async function callerOf({ users }: Parts, userId: string): Promise<Caller | HubError> {
  try {
    return { claims: insideClaims({ userId, enterprise: null, session: null }), user: await users.byId(userId) }
  } catch (error) {
    return refusal(error)
  }
}

async function principalsOf({ holders }: Parts, userId: string): Promise<Principal[]> {
  const { rows } = await holders.find({ userId, current: true, page: 1, pageSize: MANDATES })
  const found = rows.flatMap(({ role, enterprise, child }): Principal[] => {
    if (role === 'operator') return []
    if (enterprise) return [{ as: 'enterprise', id: enterprise.id, name: enterprise.name }]
    return child ? [{ as: 'dependant', id: child.id, name: child.name }] : []
  })
  return [...new Map(found.map((principal) => [principal.id, principal])).values()]
}

function principalsFor({ contract: { audience, agents, dependants } }: CompiledService, principals: readonly Principal[]): Principal[] {
  const enterprises = principals.filter(({ as }) => as === 'enterprise')
  if (audience === 'enterprise') return enterprises.length > 0 ? enterprises : [SELF]
  const family = dependants ? principals.filter(({ as }) => as === 'dependant') : []
  return [SELF, ...(agents ? enterprises : []), ...family]
}

async function refusalOf(
  { users }: Parts,
  service: CompiledService,
  caller: Caller | HubError,
  { as, id }: Principal,
  accounts: readonly Account[],
): Promise<Reason | null> {
  try {
    if (service.contract.identity === 'none') return null
    if (caller instanceof HubError) throw caller
    const claims = { ...caller.claims, enterprise: as === 'enterprise' ? id : null }
    const dependant = as === 'dependant' && id !== null ? id : undefined
    await assertEquipped(service, await recognise(service, { ...caller, claims }, users, dependant), accounts)
    return null
  } catch (error) {
    return reasonOf(refusal(error))
  }
}

/** What somebody who is admitted needs besides: an account at the agency, and the age. */
async function assertEquipped(service: CompiledService, asker: Asker, accounts: readonly Account[]): Promise<void> {
  assertAge(service.contract.submission?.ages ?? [], asker, {})
  if (asker.userId === undefined) return
  const bound = accounts.filter(({ connector }) => connector === service.connector.id)
  if (service.needsToken) assertTokenAccount(service.connector, bound)
  if (!service.needsAccount) return
  const store = { list: async () => bound, touch: () => {} }
  await ownAccount(store, service.connector, asker.userId).catch((error: unknown) => {
    // He would be asked which of them.
    if (!(error instanceof HubError && error.code === 'HUB_SEVERAL_RECORDS')) throw error
  })
}

function closedNow({ catalogue, calendar }: Parts, service: CompiledService): Reason | null {
  const offline = catalogue.offline(service.key)
  if (offline) return reasonOf(offline)
  try {
    calendar.assertOpen(service, !kindOf(service.contract).asks)
    return null
  } catch (error) {
    return reasonOf(refusal(error, true))
  }
}

function conditionsOf({ contract: { face } }: CompiledService): string[] {
  if (!face) return []
  return [`${Math.round(face.maxAgeSeconds / 60)} 分钟以内的人脸核验${face.once ? '，每次办理须重新核验' : ''}`]
}

/** Trouble of the hub's own is no reason why somebody may not. */
function refusal(error: unknown, closed = false): HubError {
  if (error instanceof HubError && (closed || error.status < 500)) return error
  throw error
}

function reasonOf(error: HubError): Reason {
  const { code, title, detail } = toProblem(error, '')
  return { code, title, detail: detail ?? title }
}
