import t from 'tap'
import type { HubError } from '../../../../core/base/errors.ts'
import type { BookingRules } from '../../../../plugins/kinds/booking/policy.ts'
import { assertAccompanied, assertBookable, assertInTime, endOf } from '../../../../plugins/kinds/booking/rules.ts'

const HOUR = 3_600_000
const rules: BookingRules = {
  aheadDays: 7,
  closesMinutes: 30,
  most: 5,
  child: { under: 14 },
  cancelHours: 24,
  reschedule: { hours: 2, times: 1 },
}
const START = Date.parse('2026-12-08T09:00:00+08:00')
const offer = { place: 'S', startsAt: START, endsAt: START + 2 * HOUR, left: 3 }

function codeOf(work: () => void): string | null {
  try {
    work()
    return null
  } catch (error) {
    return (error as HubError).code
  }
}

t.test('what can be booked', async (t) => {
  const at = (now: number, people = 1, left: number | null = 3) => codeOf(() => assertBookable(rules, { ...offer, left }, people, now))
  t.equal(at(START - 31 * 60_000), null)
  t.equal(at(START - 30 * 60_000), 'HUB_BOOKING_SLOT', 'closed half an hour before')
  // The eighth is seven days after the first, at whatever hour.
  t.equal(at(Date.parse('2026-12-01T00:00:00+08:00')), null)
  t.equal(at(Date.parse('2026-11-30T23:59:59+08:00')), 'HUB_BOOKING_SLOT')
  t.equal(at(START - HOUR, 3), null)
  t.equal(at(START - HOUR, 4), 'HUB_BOOKING_FULL')
  t.equal(at(START - HOUR, 6, null), 'HUB_BOOKING_RULE', 'too many, however many places there are')
  t.equal(at(START - HOUR, 5, null), null)
})

t.test('until when', async (t) => {
  const booking = { starts_at: START, changes: 0 }
  t.equal(
    codeOf(() => assertInTime(rules, 'cancel', booking, START - 24 * HOUR)),
    null,
  )
  t.equal(
    codeOf(() => assertInTime(rules, 'cancel', booking, START - 24 * HOUR + 1)),
    'HUB_BOOKING_RULE',
  )
  t.equal(
    codeOf(() => assertInTime(rules, 'refund', booking, 0)),
    'HUB_BOOKING_RULE',
    'of which no rule speaks',
  )
  t.equal(
    codeOf(() => assertInTime(rules, 'reschedule', { ...booking, changes: 1 }, 0)),
    'HUB_BOOKING_RULE',
  )
  t.equal(endOf(rules, 'remove', START), null)
})

t.test('children come with somebody of age', async (t) => {
  const of = (...ages: (number | null)[]) => codeOf(() => assertAccompanied(rules, ages))
  t.equal(of(13), 'HUB_BOOKING_RULE')
  t.equal(of(13, 17), 'HUB_BOOKING_RULE', 'who is no adult looks after nobody')
  t.equal(of(13, null), 'HUB_BOOKING_RULE', 'nor who may be none')
  for (const ages of [[13, 18], [14], [null], []]) t.equal(of(...ages), null, JSON.stringify(ages))
})
