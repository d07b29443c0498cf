import t from 'tap'
import type { AgencyCalendar } from '../../../plugins/calendar/policy.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { loadConnectors } from '../../../plugins/load-connectors.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

/** What is said of a connector with this calendar. */
function said(calendar: unknown): string[] {
  const connector = minimalConnector()
  return checkDeclarations([{ ...connector, upstream: { ...connector.upstream, calendar: calendar as AgencyCalendar } }], kinds)
}
const closing = (changes: object) => ({ maintenance: [{ title: '维护', from: '23:00', to: '01:00', ...changes }] })

t.test('a calendar that says nothing wrong', async (t) => {
  t.same(said({}), [])
  t.same(said(closing({})), [])
  t.same(said(closing({ from: '22:00', to: '24:00', on: [6, 7] })), [])
  t.same(said({ freezes: [{ title: '结转', from: '12-31T18:00', to: '01-02T08:00' }] }), [])
  t.same(said({ freezes: [{ title: '闰日', from: '02-29T18:00', to: '03-01T08:00' }] }), [])
  t.same(said({ officeHours: { days: [1, 2], times: [['09:00', '12:00']] } }), [])
  t.same(checkDeclarations(await loadConnectors(), kinds), [], 'those of the connectors')
})

t.test('bad calendars', async (t) => {
  for (const [calendar, problem] of [
    [closing({ title: '' }), /missing title/],
    [closing({ from: '25:00' }), /must both be/],
    [closing({ from: '24:00' }), /must both be/],
    [closing({ from: '9:00', to: '8:00' }), /must both be/],
    [closing({ from: '12-31T18:00' }), /must both be/],
    [closing({ from: '02-30T18:00', to: '03-01T18:00' }), /must both be/],
    [closing({ from: '2026-02-29T18:00', to: '2026-03-01T18:00' }), /must both be/],
    [closing({ from: '23:00', to: '23:00' }), /always shut/],
    [closing({ from: '00:00', to: '24:00' }), /always shut/],
    [closing({ on: [] }), /on names the days/],
    [closing({ from: '06-30T00:00', to: '07-01T00:00', on: [1] }), /on names the days/],
    [closing({ from: '2026-12-02T00:00', to: '2026-12-01T00:00' }), /no longer than 31 days/],
    [closing({ from: '01-01T00:00', to: '03-01T00:00' }), /no longer than 31 days/],
    [
      { maintenance: [...closing({ from: '01:00', to: '13:00' }).maintenance, ...closing({ from: '12:00', to: '02:00' }).maintenance] },
      /always shut/,
    ],
    [{ officeHours: { days: [], times: [['09:00', '12:00']] } }, /name each day once/],
    [{ officeHours: { days: [1, 1], times: [['09:00', '12:00']] } }, /name each day once/],
    [{ officeHours: { days: [1], times: [] } }, /in order/],
    [{ officeHours: { days: [1], times: [['12:00', '09:00']] } }, /in order/],
    [
      {
        officeHours: {
          days: [1],
          times: [
            ['09:00', '12:00'],
            ['11:00', '17:00'],
          ],
        },
      },
      /in order/,
    ],
  ] as const)
    t.match(said(calendar).join('\n'), problem, JSON.stringify(calendar))
})

t.test('what services make of it', async (t) => {
  const [maintained, connector] = [{ maintenance: closing({}).maintenance }, minimalConnector()]
  const with_ = (contract: object, calendar: AgencyCalendar | undefined = maintained) => {
    const [service, ...others] = connector.services
    if (!service) throw new Error('no service')
    const changed = { ...service, contract: { ...service.contract, ...contract } }
    const upstream = { ...connector.upstream, ...(calendar ? { calendar } : {}) }
    return checkDeclarations([{ ...connector, upstream, services: [changed, ...others] }], kinds).join('\n')
  }
  t.equal(with_({ lastGood: { maxAgeSeconds: 3600 } }), '')
  t.match(with_({ lastGood: { maxAgeSeconds: 10 } }), /between 60 and 604800/)
  t.match(with_({ lastGood: { maxAgeSeconds: Number.NaN } }), /between 60 and 604800/)
  t.equal(with_({ lastGood: { maxAgeSeconds: 3600 } }, {}), '')
  t.match(with_({ lastGood: { maxAgeSeconds: 3600 }, identity: 'face', face: { maxAgeSeconds: 300, once: true } }), /is not kept/)
  t.match(with_({ officeHours: true }), /officeHours are for what is done/)
  const bare = checkDeclarations(
    [
      {
        ...connector,
        services: connector.services.map((each) => ({ ...each, contract: { ...each.contract, lastGood: { maxAgeSeconds: 3600 } } })),
      },
    ],
    kinds,
  )
  t.match(bare.join('\n'), /has no calendar/)
})
