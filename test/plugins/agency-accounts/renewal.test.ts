import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openDataKey } from '../../../plugins/agency-accounts/data-key.ts'
import type { AgencyClient } from '../../../plugins/agency-accounts/index.ts'
import { accountsOf, bindAs, bookings, startAgency } from '../../helper/agency.ts'
import type { CallersOrder, CallersReply } from '../../helper/agency-callers.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { museum } from '../../helper/museum-connector.ts'
import { targets } from '../../helper/targets.ts'

// The agency's refresh tokens are good for one use: a second one kills the grant, and the mapping with it.
const agency = await startAgency()
t.teardown(agency.close)

const PROCESSES = 2
const CALLERS = 10
const FOR_MS = 3000

function startCallers(order: Partial<CallersOrder> & Pick<CallersOrder, 'env'>): ChildProcess {
  const full: CallersOrder = { callers: CALLERS, forMs: FOR_MS, leaseMs: 10_000, ...order }
  return fork(new URL('../../helper/agency-callers.ts', import.meta.url), [JSON.stringify(full)], { timeout: 60_000 })
}

const message = async (child: ChildProcess) => {
  const lost = new AbortController()
  child.once('exit', () => lost.abort(new Error('a process ended early')))
  return (await once(child, 'message', { signal: lost.signal }))[0] as unknown
}

/** Renewals of users' tokens in the hub's own process, by outcome. */
async function renewed(hub: Hub): Promise<Record<string, number>> {
  const counts = hub.app.seen?.metrics.find(({ name }) => name === 'hub_credential_renewals_total')
  const rows = ((await counts?.read()) ?? []).filter(({ labels }) => labels['of'] === 'user')
  return Object.fromEntries(rows.map(({ labels, value }) => [String(labels['outcome']), value]))
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings: store, drop } = await target.create()
    t.teardown(drop)
    const env = { NODE_ENV: 'test', LOG_LEVEL: 'debug', METRICS_PORT: '0', ...store, ...agency.env('hub-second') }
    const hub = await build(t, { store: env, declarations: [museum], accountsPace: { leaseMs: 1000, waitMs: 3000, pollMs: 10 } })
    // Tokens of this client die within a second.
    const expire = () => sleep(1100)

    // Started together, as starting takes longer than all the rest.
    const children = Array.from({ length: PROCESSES }, () => startCallers({ env }))
    const mortal = startCallers({ env, callers: 1, leaseMs: 1000 })
    const mortalReady = message(mortal)

    await t.test(
      `${PROCESSES} processes of ${CALLERS} callers while tokens live one second: one refresh an expiry, no failed call`,
      async (t) => {
        await bindAs(hub, 'alice')
        await Promise.all(children.map(message))
        await agency.control('reset')
        const told = Promise.all(children.map(message))
        for (const child of children) child.send('start')
        const replies = (await told) as CallersReply[]
        const log = await agency.control('log')

        for (const { calls, failures } of replies) {
          t.strictSame(failures, [])
          t.ok(calls > 20, `${calls} calls`)
        }
        const refreshes = log.tokens.filter(({ grantType }) => grantType === 'refresh_token')
        t.same(
          refreshes.filter(({ error }) => error !== null),
          [],
          'no refresh token was used twice',
        )
        // A new token is due at half its life, or at once where the agency's clock, which counts whole seconds, ended it.
        const most = Math.ceil(FOR_MS / 500) + Math.ceil(FOR_MS / 1000) + 1
        t.ok(refreshes.length >= 3 && refreshes.length <= most, `${refreshes.length} refreshes`)
        t.match(await accountsOf(hub), [{ state: 'active' }])
      },
    )

    await t.test('an outage costs no mapping', async (t) => {
      await bookings(hub)
      await expire()
      await agency.control('down/2000')
      const back = Date.now() + 2000
      const during = await bookings(hub)
      t.ok([502, 503].includes(during.statusCode), `${during.statusCode}`)
      t.match(await accountsOf(hub), [{ state: 'active' }])
      await sleep(back - Date.now() + 100)
      let reply = await bookings(hub)
      for (const limit = Date.now() + 5000; reply.statusCode !== 200 && Date.now() < limit; reply = await bookings(hub)) await sleep(100)
      t.equal(reply.statusCode, 200, 'and works again by itself')
    })

    await t.test('a grant that the agency revoked: the user is asked to authorise again', async (t) => {
      const tokens = await hub.app.database('agency_tokens').first()
      await expire()
      await bookings(hub)
      // Somebody else uses an old refresh token: the agency ends the grant with that.
      const { refresh_boxed, data_key_sealed, account_id } = tokens
      const key = openDataKey(hub.app.vault, account_id, data_key_sealed)
      const museumServer = hub.app.accounts.agencies.get('science-museum') as AgencyClient
      await t.rejects(museumServer.refresh(key.unbox(refresh_boxed, 'refresh')), { code: 'invalid_grant' })
      await expire()
      const before = await renewed(hub)
      const reply = await bookings(hub)
      t.equal(reply.statusCode, 403)
      t.same(await renewed(hub), { ...before, HUB_ACCOUNT_REAUTHORISE: 1 }, 'counted')
      const stepUp = { method: 'account', connector: 'science-museum', url: '/v1/me/accounts/science-museum/authorise' }
      t.match(reply.json(), { code: 'HUB_ACCOUNT_REAUTHORISE', stepUp })
      t.match(await accountsOf(hub), [{ state: 'reauthorise', renewUrl: stepUp.url }])
      await agency.control('reset')
      t.equal((await bookings(hub)).statusCode, 403)
      t.same((await agency.control('log')).tokens, [], 'and the agency is left alone meanwhile')
      await bindAs(hub, 'alice')
      t.equal((await bookings(hub)).statusCode, 200)
      t.equal((await accountsOf(hub)).length, 1, 'the same mapping, renewed')
    })

    await t.test('a process that dies between the agency’s answer and its commit: honest, and renewable', async (t) => {
      await mortalReady
      await bookings(hub)
      await expire()
      await agency.control('reset')
      await agency.control('hold/on')
      mortal.send('start')
      for (const limit = Date.now() + 5000; (await agency.control('log')).tokens.length === 0 && Date.now() < limit; ) await sleep(20)
      mortal.kill('SIGKILL')
      await once(mortal, 'exit')
      await agency.control('hold/off')
      const [row] = await hub.app.database('agency_tokens')
      t.ok(Number(row.refreshing_since) > 0, 'what was begun is on the disk')
      t.ok(row.refresh_boxed, 'with the old refresh token')

      const reply = await bookings(hub)
      t.equal((reply.json() as { code: string }).code, 'HUB_ACCOUNT_REAUTHORISE')
      t.match(await hub.app.database('agency_accounts').first(), { state: 'reauthorise', reason: 'answer-lost' })
      await bindAs(hub, 'alice')
      t.equal((await bookings(hub)).statusCode, 200)
    })

    await t.test('a process that dies before it asked: the next one goes on with the old token', async (t) => {
      await expire()
      const lease = { lease_owner: 'gone', lease_until: Date.now() + 300 }
      await hub.app.database('agency_tokens').update({ refreshing_since: Date.now(), ...lease })
      t.equal((await bookings(hub)).statusCode, 200)
      const [row] = await hub.app.database('agency_tokens')
      t.equal(row.refreshing_since, null)
    })
  })
}
