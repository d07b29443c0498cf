import t from 'tap'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { connectorOf, dialectCases } from '../../helper/dialects.ts'
import { build } from '../../helper/hub.ts'
import { userId } from '../../helper/identity.ts'
import { verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const renewing = dialectCases.filter(({ renews }) => renews)
const CREDENTIAL = [502, 'HUB_UPSTREAM_CREDENTIAL']
const OK = [200, null]

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: renewing.map((one) => connectorOf(one, one.id)) })
    const { faults, refreshes } = hub.app.sandbox as Sandbox
    const ask = async (id: string) => verdict(await hub.get(`/v1/${id}/balance`))

    t.test('one token serves all that ask at once', async (t) => {
      for (const { id, dialect } of renewing) {
        const counted = dialect.name === 'exchange' ? `${id}.balance` : dialect.name
        const before = refreshes(counted)
        const answers = await Promise.all(Array.from({ length: 10 }, () => ask(id)))
        for (const answer of answers) t.strictSame(answer, OK, id)
        // The second connector of an agency takes up what the first has got there.
        t.equal(refreshes(counted) - before, id === 'two-secret-json' ? 0 : 1, id)
      }
    })

    t.test('what ended early is obtained again, once, within the call', async (t) => {
      // Not by two connectors that share what they hold: one's end would be the other's, too.
      for (const { id } of renewing.filter((one) => one.id !== 'two-secret-json')) {
        for (const kind of ['secret-expired', 'secret-rotated'] as const) {
          faults.set({ kind, sid: `${id}.balance`, times: 1 })
          t.strictSame(await ask(id), OK, `${id}: ${kind}`)
          t.strictSame(faults.list(), [])
        }
        faults.set({ kind: 'secret-expired', sid: `${id}.balance` })
        t.strictSame(await ask(id), CREDENTIAL, `${id}: and no third time`)
        faults.clear()
        t.strictSame(await ask(id), OK)
      }
    })
  })
}

t.test('a refresh secret that ended early is bought anew with the app secret', async (t) => {
  const hub = await build(t, { declarations: renewing.filter(({ id }) => id === 'two-secret').map((one) => connectorOf(one, one.id)) })
  const { faults, refreshes } = hub.app.sandbox as Sandbox
  const ask = async () => verdict(await hub.get('/v1/two-secret/balance'))
  const endRequestSecret = () => faults.set({ kind: 'secret-rotated', sid: 'two-secret.balance', times: 1 })
  t.strictSame(await ask(), OK)
  t.equal(refreshes('two-secret'), 1, 'one refresh hands out both')
  endRequestSecret()
  t.strictSame(await ask(), OK)
  t.equal(refreshes('two-secret'), 2, 'by refresh secret')
  endRequestSecret()
  faults.set({ kind: 'secret-rotated', sid: 'two-secret', on: 'refresh', times: 1 })
  t.strictSame(await ask(), OK)
  t.equal(refreshes('two-secret'), 4, 'by refresh secret, in vain; by app secret')
  endRequestSecret()
  t.strictSame(await ask(), OK)
  t.equal(refreshes('two-secret'), 5, 'and the new one serves from then on')

  const secrets = async () => (await hub.app.database('upstream_secrets').pluck('secret_sealed')).sort()
  await hub.app.database('upstream_secrets').decrement('obtained_at', 120_000)
  const before = await secrets()
  t.match(await hub.app.credentials.rotate('two-secret', userId(1)), { renewed: 1, failed: 0 })
  const after = await secrets()
  t.equal(after.length, 2)
  t.notOk(
    after.some((secret) => before.includes(secret)),
    'both are bought anew',
  )
  t.equal(refreshes('two-secret'), 6, 'in one question')
  t.strictSame(await ask(), OK)
  t.equal(refreshes('two-secret'), 6)
})

t.test('trouble of a token endpoint is told as it is', async (t) => {
  const cases = [
    ['http-503', 503, 'HUB_UPSTREAM_UNAVAILABLE'],
    ['bad-sign', 502, 'HUB_UPSTREAM_CREDENTIAL'],
  ] as const
  for (const [kind, ...expected] of cases) {
    const hub = await build(t, { declarations: renewing.map((one) => connectorOf(one, one.id)) })
    const { faults } = hub.app.sandbox as Sandbox
    faults.set({ kind, on: 'refresh' })
    for (const { id } of renewing.filter((one) => one.id !== 'two-secret-json')) {
      t.strictSame(verdict(await hub.get(`/v1/${id}/balance`)), expected, `${id}: ${kind}`)
    }
  }
})
