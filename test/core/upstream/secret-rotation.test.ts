import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { HubError } from '../../../core/base/errors.ts'
import type { FreshSecret } from '../../../core/upstream/secret-store.ts'
import { MINUTE, randomId, setUp, twoDatabases } from '../../helper/secret-stores.ts'
import { targets } from '../../helper/targets.ts'

t.jobs = targets.length
for (const target of targets) {
  t.test(target.name, { buffered: true }, async (t) => {
    const [first, second] = await twoDatabases(t, target)
    await t.test('another secret is fetched on demand, once however many want it, while the old one serves', async (t) => {
      const clock = { at: 1_800_000_000_000 }
      const now = () => clock.at
      const [one, other] = [setUp(first, { now }), setUp(second, { now })]
      const id = one.store.idOf(randomId())
      t.equal(await one.store.inspect(id), null)
      await one.store.obtain(id, one.issue(60 * MINUTE))
      await one.store.rotate(id, one.issue(60 * MINUTE))
      t.equal(one.fetches(), 2, 'also where one was fetched a moment ago: it may be the one that is mistrusted')
      const held = await other.store.obtain(id, other.issue(60 * MINUTE))
      t.match(await one.store.inspect(id), { id, obtainedAt: clock.at, expiresAt: clock.at + 60 * MINUTE, failures: 0 })

      clock.at += 2 * MINUTE
      const slow = one.issue(60 * MINUTE, 80)
      const rotating = Promise.all([one.store.rotate(id, slow), one.store.rotate(id, slow), other.store.rotate(id, slow)])
      await sleep(20)
      t.equal(one.store.current(id)?.value, held.value, 'calls go on with the old one')
      await rotating
      t.equal(one.fetches() + other.fetches(), 3)
      t.equal(one.store.current(id)?.value, 'secret-3')
      await other.store.refresh(id, other.issue(60 * MINUTE))
      t.equal(other.store.current(id)?.value, 'secret-3', 'whoever looks takes it up')
      t.match(await other.store.inspect(id), { obtainedAt: clock.at })
    })

    await t.test('an agency that hands out the same once more has replaced nothing, and its end counts', async (t) => {
      const clock = { at: 1_800_000_000_000 }
      const { store } = setUp(first, { now: () => clock.at })
      const id = store.idOf(randomId())
      const same = async () => ({ secret: 'the same', expiresAt: clock.at + 60 * MINUTE })
      await store.obtain(id, same)
      clock.at += 2 * MINUTE
      await t.rejects(store.rotate(id, same), { code: 'HUB_UPSTREAM_CREDENTIAL' })
      t.match(await store.inspect(id), { obtainedAt: clock.at, expiresAt: clock.at + 60 * MINUTE, failures: 0 })
      t.equal(store.current(id)?.value, 'the same')
    })

    await t.test('what is no secret, or has no end that there could be, takes the place of none', async (t) => {
      const clock = { at: 1_800_000_000_000 }
      const { store, issue } = setUp(first, { now: () => clock.at })
      const id = store.idOf(randomId())
      const { value } = await store.obtain(id, issue(60 * MINUTE))
      for (const fresh of [
        { secret: '', expiresAt: clock.at + 90 * MINUTE },
        { secret: 'x'.repeat(1_000_000), expiresAt: clock.at + 90 * MINUTE },
        { secret: 'x', expiresAt: Number.NaN },
      ]) {
        clock.at += 2 * MINUTE
        await t.rejects(
          store.rotate(id, async () => fresh),
          { code: 'HUB_UPSTREAM_CREDENTIAL' },
        )
        t.equal(store.current(id)?.value, value)
      }
      for (const expiresAt of [Number.POSITIVE_INFINITY, 1e300]) {
        clock.at += 2 * MINUTE
        await store.rotate(id, async () => ({ secret: `until ${expiresAt}`, expiresAt }))
        t.equal(store.current(id)?.value, `until ${expiresAt}`)
        t.ok(Number((await store.inspect(id))?.expiresAt) < clock.at + 11 * 365 * 24 * 60 * MINUTE)
      }
    })

    await t.test('an agency that gives no other leaves the old one in use, and is told so', async (t) => {
      const clock = { at: 1_800_000_000_000 }
      const { store, issue } = setUp(first, { now: () => clock.at })
      const id = store.idOf(randomId())
      const { value } = await store.obtain(id, issue(60 * MINUTE))
      clock.at += 2 * MINUTE
      const refuse = async (): Promise<FreshSecret> => {
        throw new HubError('HUB_UPSTREAM_CREDENTIAL')
      }
      await t.rejects(store.rotate(id, refuse), { code: 'HUB_UPSTREAM_CREDENTIAL' })
      t.equal(store.current(id)?.value, value)
      t.equal((await store.obtain(id, issue(60 * MINUTE))).value, value)
      t.match(await store.inspect(id), { failures: 1, obtainedAt: clock.at - 2 * MINUTE })
      await t.rejects(store.rotate(id, issue(60 * MINUTE)), { code: 'HUB_UPSTREAM_UNAVAILABLE' }, 'not asked again at once')
      clock.at += 5000
      await store.rotate(id, issue(60 * MINUTE))
      t.not(store.current(id)?.value, value)
    })
  })
}
