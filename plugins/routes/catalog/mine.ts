import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Caller } from '../../access/authorise.ts'
import type { AccountState } from '../../agency-accounts/states.ts'

/** How a service stands for one who asks. A face is verified when it is used, and is no part of it. */
export interface Mine {
  /** Whether he could use it now. */
  usable: boolean
  /** What he has to do first; null where nothing he can do is missing. */
  needs: 'real-name' | 'mandate' | 'account' | null
  /** His account at the agency; null where the service needs none. */
  account: Exclude<AccountState, 'revoked'> | 'unbound' | null
}

const BEST_FIRST = ['active', 'reauthorise', 'suspended'] as const

/** → how each service stands for the caller, by its key. It says what a call would be told first, and lets nobody in. */
export async function mineOf(app: FastifyInstance, { user, claims }: Caller): Promise<(key: string) => Promise<Mine | null>> {
  const accounts = await app.accounts.store.list(user.id)

  function accountAt({ connector, needsAccount, needsToken }: CompiledService): Mine['account'] {
    if (!needsAccount && !needsToken) return null
    const states = new Set(accounts.flatMap((account) => (account.connector === connector.id ? [account.state] : [])))
    return BEST_FIRST.find((state) => states.has(state)) ?? 'unbound'
  }

  async function hasMandate({ key }: CompiledService): Promise<boolean> {
    if (claims.enterprise === null) return false
    try {
      return (await app.users.mandate(user.id, claims.enterprise, key)) !== null
    } catch (error) {
      // Of an enterprise that is frozen nothing can be used.
      if (error instanceof HubError) return false
      throw error
    }
  }

  async function missing(service: CompiledService, account: Mine['account']): Promise<Mine['needs']> {
    const { audience, identity, agents } = service.contract
    if (identity === 'none' || audience === 'public') return null
    if (identity !== 'login') {
      if (!user.person) return 'real-name'
      const asAgent = audience === 'enterprise' || (agents === true && claims.enterprise !== null)
      if (asAgent && !(await hasMandate(service))) return 'mandate'
    }
    return account === null || account === 'active' ? null : 'account'
  }

  return async (key) => {
    const service = app.services.get(key)
    if (!service) return null
    const account = accountAt(service)
    const needs = await missing(service, account)
    const open = service.contract.identity === 'none' || (await app.users.access.opens(key, user.kind))
    return { usable: open && needs === null, needs: open ? needs : null, account }
  }
}
