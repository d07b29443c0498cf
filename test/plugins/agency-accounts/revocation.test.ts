import t, { type Test } from 'tap'
import { openDatabase } from '../../../plugins/store/open.ts'
import { accountsOf, bindAs, startAgency } from '../../helper/agency.ts'
import { build, type Hub, type HubOptions } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { museum } from '../../helper/museum-connector.ts'
import { targets } from '../../helper/targets.ts'

const agency = await startAgency()
t.teardown(agency.close)

const QUICK = { sweepMs: 20, baseMs: 20, maxMs: 40, leaseMs: 200 }
const FOREVER = 1_000_000

const options = (revocation: object, more: HubOptions = {}): HubOptions => ({
  env: agency.env(),
  declarations: [museum],
  accountsPace: { revocation: { ...QUICK, ...revocation } },
  ...more,
})

const down = () => agency.control(`down/${FOREVER}`)
const up = () => agency.control('down/0')
const heard = async () => (await agency.control('status')).revocations
const open = (hub: Hub) => hub.app.database('agency_revocations')

async function unbind(hub: Hub, person = 1): Promise<number> {
  const [account] = await accountsOf(hub, person)
  return (await call(hub, 'DELETE', `/v1/me/accounts/${account?.id}`, { person })).statusCode
}

async function until(fits: () => Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + 30_000; !(await fits()) && Date.now() < limit; ) await new Promise((resolve) => setTimeout(resolve, 10))
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    await up()
    const store = { store: settings }

    await t.test('the user is answered at once, and the agency is told until it hears', async (t: Test) => {
      const hub = await build(t, options({}, store))
      await bindAs(hub, 'alice')
      await agency.control('reset')
      await down()
      t.equal(await unbind(hub), 204)
      t.same(await accountsOf(hub), [])
      const [row] = await open(hub)
      const token = hub.app.vault.open(row.token_sealed, `agency_revocations.token:${row.id}`)
      await until(async () => (await open(hub))[0]?.failures >= 2)
      t.equal(await heard(), 0)
      await up()
      await until(async () => (await open(hub)).length === 0)
      t.same(await open(hub), [], 'the token is erased')
      t.equal(await heard(), 1)
      t.notOk((hub.logged() + JSON.stringify(row)).includes(token), 'and was nowhere to be read')
      const dead = await fetch(`${agency.origin}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from('hub-hour:hub-hour-secret').toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
      })
      t.match(await dead.json(), { error: 'invalid_grant' }, 'it was the one that ends them all')
    })

    await t.test('a hub that stops between the change and the call finishes it after its restart', async (t: Test) => {
      const first = await build(t, options({}, store))
      await bindAs(first, 'bob', 2)
      await agency.control('reset')
      await down()
      t.equal(await unbind(first, 2), 204)
      await first.app.close()
      // What a process leaves behind that died in the middle of the call.
      const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
      t.teardown(() => database.destroy())
      await database('agency_revocations').update({ lease_owner: 'dead', lease_until: Date.now() + FOREVER })
      await up()
      const second = await build(t, options({}, store))
      await new Promise((resolve) => setTimeout(resolve, 5 * QUICK.sweepMs))
      t.equal(await heard(), 0, 'while the lease of the dead holds, nobody else does it')
      await database('agency_revocations').update({ lease_until: Date.now() })
      await until(async () => (await open(second)).length === 0)
      t.same(await open(second), [])
      t.equal(await heard(), 1)
    })

    await t.test('of two hubs one tells it; 注销 does the same for all accounts', async (t: Test) => {
      const [hub, other] = [await build(t, options({}, store)), await build(t, options({}, store))]
      await bindAs(hub, 'carol', 3)
      await agency.control('reset')
      await down()
      t.equal((await hub.post('/v1/me/deregister', { person: 3 })).statusCode, 204)
      t.equal((await open(hub)).length, 1)
      await until(async () => (await open(hub))[0]?.failures >= 2)
      await up()
      await until(async () => (await open(other)).length === 0)
      t.equal(await heard(), 1)
    })

    await t.test('one that is never heard is given up, and its token erased', async (t: Test) => {
      const first = await build(t, options({}, store))
      await bindAs(first, 'dave', 4)
      await agency.control('reset')
      await down()
      t.equal(await unbind(first, 4), 204)
      const [row] = await open(first)
      await first.app.close()
      const hub = await build(t, options({ giveUpMs: 100 }, store))
      await until(async () => (await open(hub)).length === 0)
      t.same(await open(hub), [])
      t.match(hub.logged(), /未能在对方系统撤销令牌，已放弃并删除/)
      t.match(hub.logged(), row.id)
      t.notOk(hub.logged().includes(row.token_sealed))
      await up()
      t.equal(await heard(), 0)
    })

    await t.test('what fails in the database gives nothing up', async (t: Test) => {
      const hub = await build(t, options({ sweepMs: FOREVER }, store))
      await bindAs(hub, 'erin', 5)
      const [account] = await accountsOf(hub, 5)
      const { database, accounts } = hub.app
      const undone = database.transaction(async (transaction) => {
        await accounts.store.revoke(transaction, account?.id ?? '', 'unbound')
        throw new Error('undone')
      })
      await t.rejects(undone, /undone/)
      t.same(await open(hub), [])
      t.match(await database('agency_tokens').where({ account_id: account?.id }), [{ account_id: account?.id }])
      t.match(await accountsOf(hub, 5), [{ state: 'active' }])
      t.same(await database('agency_accounts').where({ user_id: userId(5), state: 'revoked' }), [])
    })
  })
}
