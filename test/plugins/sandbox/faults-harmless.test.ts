import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import type { Fault } from '../../../plugins/sandbox/faults.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { envelopeVariants } from '../../../plugins/sandbox/wrapping.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, clone, contractOf, queries } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

/** Forms in which agencies are seen to write the same thing. */
const VARIANTS: readonly (readonly Fault[])[] = [
  [{ kind: 'gbk' }],
  [{ kind: 'upper-case' }],
  [{ kind: 'lower-case' }],
  [{ kind: 'camel-case' }],
  [{ kind: 'string-numbers' }],
  [{ kind: 'dates-dashed' }],
  [{ kind: 'dates-epoch' }],
  [{ kind: 'display-names' }],
  [{ kind: 'json-in-string' }],
  [{ kind: 'root-array' }],
  [{ kind: 'slow', ms: 20 }],
  ...envelopeVariants.map((fault) => [fault]),
  [{ kind: 'upper-case' }, { kind: 'string-numbers' }, { kind: 'dates-dashed' }, { kind: 'json-in-string' }, { kind: 'gbk' }],
  [{ kind: 'camel-case' }, { kind: 'dates-epoch' }, { kind: 'display-names' }, { kind: 'root-array' }],
]

/** The same fields, from an agency that counts in 万元. */
const thousands = clone('thousands', ['loan-information', 'loan-contract'], ({ fields }) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, { schema, notes }]) => [
      name,
      { schema, notes: notes.type === 'money' ? { ...notes, unit: '10k-yuan' as const } : notes },
    ]),
  ),
}))

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [housingFund, thousands] })
    const { faults, timing, refreshes } = hub.app.sandbox as Sandbox

    async function answer(service: string, connector = 'housing-fund') {
      const { kind, rows } = contractOf(service)
      const all = kind === 'list' || rows === 'many' ? '?pageSize=500' : ''
      const response = await hub.get(`/v1/${connector}/${service}${all}`, { enterprise: 1 })
      const { data, meta } = response.json()
      // A link to a file is another each time.
      const text = JSON.stringify([response.statusCode, data, meta?.absent], (key, value) => (key === 'href' ? typeof value : value))
      return { status: response.statusCode, data, text, traceId: meta?.traceId }
    }

    t.test('however the agency writes it, all ten queries answer the same', async (t) => {
      const plain = new Map(await Promise.all(queries.map(async ({ id }) => [id, await answer(id)] as const)))
      for (const variant of VARIANTS) {
        faults.clear()
        for (const fault of variant) faults.set(fault)
        const name = variant.map(({ kind, envelope }) => `${kind}${envelope ? ` ${JSON.stringify(envelope)}` : ''}`).join(' + ')
        // At once, so that they share the commits of their audit rows.
        for (const { id, status, text } of await Promise.all(queries.map(async ({ id }) => ({ id, ...(await answer(id)) })))) {
          t.equal(status, 200, `${name}: ${id}`)
          // As text: a tree of a thousand values is slow to compare one by one.
          t.equal(text, plain.get(id)?.text, `${name}: ${id}`)
        }
      }
      faults.clear()
      t.equal(hub.app.upstreams.get('housing-fund')?.summary().successRate, 1)
    })

    t.test('amounts in 万元 come out in yuan where the declaration says so', async (t) => {
      const plain = (await answer('loan-contract')).data
      const owed = (await answer('loan-information')).data[0].remainingRepaymentAmount
      t.ok(owed > 100_000)
      for (const service of ['loan-information', 'loan-contract']) faults.set({ kind: 'amounts-10k', sid: `thousands.${service}` })
      t.strictSame((await answer('loan-contract', 'thousands')).data, plain)
      t.equal((await answer('loan-information', 'thousands')).data[0].remainingRepaymentAmount, owed)
      faults.clear()
    })

    t.test('a secret that ended too soon is renewed once, and nobody notices', async (t) => {
      const sid = 'housing-fund.personal-account'
      for (const kind of ['secret-rotated', 'secret-expired'] as const) {
        const before = refreshes(sid)
        faults.set({ kind, sid, times: 1 })
        const { status, traceId } = await answer('personal-account')
        t.equal(status, 200, kind)
        t.equal(refreshes(sid), before + 1, `${kind}: one renewal`)
        t.match(await auditOf(hub, traceId), [{ outcome: 'ok', status: 200, upstreamStatus: 200 }], 'one audit row for two sends')
        t.equal((await answer('personal-account')).status, 200)
        t.equal(refreshes(sid), before + 1, `${kind}: and no more`)
      }
    })

    t.test('many calls under way share one renewal', async (t) => {
      const sid = 'housing-fund.loan-information'
      timing.oneSecretAtATime = true
      const before = refreshes(sid)
      faults.set({ kind: 'secret-rotated', sid, times: 1 })
      const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await answer('loan-information')).status))
      t.strictSame(statuses, Array(12).fill(200))
      t.equal(refreshes(sid), before + 1)
    })
  })
}
