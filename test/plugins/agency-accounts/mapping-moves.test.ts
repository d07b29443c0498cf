import fc from 'fast-check'
import t from 'tap'
import type { AccountsDeclaration } from '../../../core/contract/accounts.ts'
import { createMoves } from '../../../plugins/agency-accounts/moves.ts'
import { createAccountStore } from '../../../plugins/agency-accounts/store.ts'
import { createTokenStore } from '../../../plugins/agency-accounts/tokens.ts'
import { openStore } from '../../helper/filing.ts'
import { targets } from '../../helper/targets.ts'

/** Any order of binding, unbinding, merging, splitting and undoing keeps the rules; undoing at once restores all. */
const declarations: Record<string, AccountsDeclaration> = {
  single: { cardinality: 'one-to-one', bind: [], contact: '—' },
  shared: { cardinality: 'many-to-many', bind: [], contact: '—' },
}
const USERS = [1, 2, 3].map((number) => `b0000000-0000-4000-8000-00000000000${number}`)

const user = fc.constantFrom(...USERS)
const step = fc.oneof(
  fc.record({
    act: fc.constant('bind' as const),
    user,
    connector: fc.constantFrom('single', 'shared'),
    external: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({ act: fc.constant('unbind' as const), user, nth: fc.nat(3) }),
  fc.record({ act: fc.constant('merge' as const), user, other: user }),
  fc.record({ act: fc.constant('split' as const), user, other: user, nth: fc.nat(3) }),
  fc.record({ act: fc.constant('undo' as const), nth: fc.nat(3) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const EXPECTED = [
  'HUB_ACCOUNT_CONFLICT',
  'HUB_ACCOUNT_UNDO',
  'HUB_ACCOUNT_SUSPENDED',
  'HUB_USER_DISABLED',
  'HUB_USER_UNKNOWN',
  'HUB_NO_RECORD',
]

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { database, vault, close } = await openStore(target)
    t.teardown(close)
    for (const id of USERS)
      await database('users').insert({ id, issuer: 'test', subject: id, status: 'active', level: 'login', created_at: 0, updated_at: 0 })
    const declarationOf = (connector: string) => declarations[connector]
    const tokens = createTokenStore({ database, vault, log: { warn() {}, error() {} } as never })
    const store = createAccountStore({ database, vault, tokens, declarationOf })
    const moves = createMoves({ database, vault, declarationOf, along: [], changed: () => {} })
    const why = { actor: 'test', reason: 'test' }

    const living = () =>
      database('agency_accounts')
        .whereNot({ state: 'revoked' })
        .orderBy('id')
        .select('id', 'user_id', 'connector', 'external_hash', 'state', 'external_claim', 'user_claim')
    const standing = async () =>
      JSON.stringify([await living(), await database('users').whereIn('id', USERS).orderBy('id').select('id', 'status')])

    async function move(made: () => Promise<number>) {
      const before = await standing()
      const id = await made()
      await moves.undo(id)
      if ((await standing()) !== before) throw new Error('undoing did not restore what was')
      await made()
    }

    async function run(one: Step): Promise<void> {
      switch (one.act) {
        case 'bind':
          await store.bind({
            userId: one.user,
            connector: one.connector,
            externalId: one.external,
            unionId: null,
            level: 'login',
            by: 'oauth',
          })
          return
        case 'unbind':
          await store.unbind(one.user, (await store.list(one.user))[one.nth]?.id ?? '')
          return
        case 'merge':
          return move(() => moves.merge({ from: one.user, into: one.other, ...why }))
        case 'split': {
          const account = (await store.list(one.user))[one.nth]?.id ?? ''
          return move(() => moves.split({ from: one.user, to: one.other, accountIds: [account], ...why }))
        }
        case 'undo': {
          const ids: number[] = await database('account_moves').orderBy('id', 'desc').pluck('id')
          return moves.undo(ids[one.nth] ?? 0)
        }
      }
    }

    async function check() {
      const rows = await living()
      const single = rows.filter(({ connector }) => connector === 'single')
      const shared = rows.filter(({ connector }) => connector === 'shared')
      const distinct = (values: string[], what: string) => {
        if (new Set(values).size !== values.length) throw new Error(what)
      }
      distinct(
        single.map(({ external_hash: hash }) => hash),
        'one account, two users',
      )
      distinct(
        single.map(({ user_id: id }) => id),
        'one user, two accounts',
      )
      distinct(
        shared.map(({ external_hash: hash, user_id: id }) => `${hash} ${id}`),
        'bound twice',
      )
      if (rows.some(({ external_claim: claim }) => claim === null)) throw new Error('a living mapping claims nothing')
    }

    let done = 0
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      for (const table of ['account_move_items', 'account_moves', 'agency_accounts']) await database(table).delete()
      await database('users').update({ status: 'active' })
      for (const one of steps) {
        try {
          await run(one)
          done++
        } catch (error) {
          if (!EXPECTED.includes(String((error as { code?: unknown }).code))) throw error
        }
        await check()
      }
    })
    await fc.assert(property, { numRuns: 20 })
    t.ok(done > 30, `${done} steps were taken`)
  })
}
