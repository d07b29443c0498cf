import fc from 'fast-check'
import t from 'tap'
import { closureAt, opensAt, type Spell } from '../../../plugins/calendar/closings.ts'
import { arranged, arrangements, missingYears } from '../../../plugins/calendar/holidays.ts'
import { DAY_MS, dayOf, momentOf, readDay, textOf, weekdayOf } from '../../../plugins/calendar/moments.ts'
import type { AgencyCalendar, Closing, OfficeHours, Weekday } from '../../../plugins/calendar/policy.ts'
import { hoursIn, returnIn } from '../../../plugins/calendar/words.ts'

const beijing = (text: string) => Date.parse(`${text}:00+08:00`)
const ASK = { changes: false, officeHours: false }
const ACT = { changes: true, officeHours: false }
const PEOPLE = { changes: true, officeHours: true }
const until = (calendar: AgencyCalendar, at: string, use = ASK, announced: Spell[] = []) => {
  const closure = closureAt(calendar, announced, use, beijing(at))
  return closure && `${closure.why} ${new Date(closure.until + 8 * 3_600_000).toISOString().slice(0, 16)}`
}
const OFFICE: OfficeHours = {
  days: [1, 2, 3, 4, 5],
  times: [
    ['09:00', '12:00'],
    ['13:00', '17:00'],
  ],
}

t.test('each form of a closing holds from its first minute to before its end', async (t) => {
  const night: AgencyCalendar = { maintenance: [{ title: '日终处理', from: '23:00', to: '01:00' }] }
  t.equal(until(night, '2026-11-27T22:59'), null)
  t.equal(until(night, '2026-11-27T23:00'), 'maintenance 2026-11-28T01:00')
  t.equal(until(night, '2026-11-28T00:59'), 'maintenance 2026-11-28T01:00')
  t.equal(until(night, '2026-11-28T01:00'), null)
  // Begun on Sunday, it ends on Monday; what begins on Saturday is none.
  const sunday: AgencyCalendar = { maintenance: [{ title: '系统维护', from: '22:00', to: '02:00', on: [7] }] }
  t.equal(until(sunday, '2026-11-29T23:00'), 'maintenance 2026-11-30T02:00')
  t.equal(until(sunday, '2026-11-30T01:00'), 'maintenance 2026-11-30T02:00')
  t.equal(until(sunday, '2026-11-28T23:00'), null)
  t.equal(until(sunday, '2026-11-29T01:00'), null)
  const year: AgencyCalendar = { freezes: [{ title: '年度结转', from: '12-31T20:00', to: '01-01T08:00' }] }
  t.equal(until(year, '2026-12-31T20:00', ACT), 'freeze 2027-01-01T08:00')
  t.equal(until(year, '2027-01-01T07:59', ACT), 'freeze 2027-01-01T08:00')
  t.equal(until(year, '2027-01-01T08:00', ACT), null)
  t.equal(until(year, '2026-12-31T23:00', ASK), null, 'what is there can be asked for')
  const once: AgencyCalendar = { maintenance: [{ title: '系统升级', from: '2026-12-05T08:00', to: '2026-12-06T24:00' }] }
  t.equal(until(once, '2026-12-06T23:59'), 'maintenance 2026-12-07T00:00')
  t.equal(until(once, '2027-12-06T23:59'), null)
})

t.test('what follows without a break is one closure, and what was announced counts', async (t) => {
  const both: AgencyCalendar = { maintenance: [{ title: '日终处理', from: '23:00', to: '01:00' }], officeHours: OFFICE }
  t.equal(until(both, '2026-11-27T23:30', PEOPLE), 'maintenance 2026-11-30T09:00', 'Friday night to Monday morning')
  t.equal(until(both, '2026-11-27T23:30', ACT), 'maintenance 2026-11-28T01:00')
  const told: Spell = { why: 'maintenance', title: '紧急升级', from: beijing('2026-11-28T00:30'), to: beijing('2026-11-28T03:00') }
  t.equal(until(both, '2026-11-27T23:30', ASK, [told]), 'maintenance 2026-11-28T03:00')
  t.equal(until({}, '2026-11-28T00:30', ASK, [told]), 'maintenance 2026-11-28T03:00')
  t.equal(until({}, '2026-11-28T03:00', ASK, [told]), null)
})

t.test('offices go by the arrangement of the State Council', async (t) => {
  const office: AgencyCalendar = { officeHours: OFFICE }
  t.equal(until(office, '2026-11-27T12:30', PEOPLE), 'office-hours 2026-11-27T13:00', 'at noon')
  t.equal(until(office, '2026-11-27T12:30', ACT), null, 'a service that takes no people')
  t.equal(until(office, '2026-11-27T10:00', PEOPLE), null)
  t.equal(until(office, '2026-02-13T17:00', PEOPLE), 'office-hours 2026-02-14T09:00', 'the Saturday before the Spring Festival is worked')
  t.equal(until(office, '2026-02-14T17:30', PEOPLE), 'office-hours 2026-02-24T09:00', 'nine days off')
  t.equal(until(office, '2026-09-20T10:00', PEOPLE), null, 'a Sunday that is worked for the National Day')
  t.equal(until(office, '2026-10-01T10:00', PEOPLE), 'office-hours 2026-10-08T09:00')
  const always: AgencyCalendar = { officeHours: { ...OFFICE, days: [1, 2, 3, 4, 5, 6, 7], holidays: 'ignored' } }
  t.equal(until(always, '2026-10-01T10:00', PEOPLE), null)
  t.equal(until(office, '2027-01-01T10:00', PEOPLE), null, 'of 2027 only the weekday is known: it is a Friday')
})

t.test('the arrangement of 2026', async (t) => {
  const days = Array.from({ length: 365 }, (_, index) => textOf(dayOf(beijing('2026-01-01T00:00')) + index))
  const of = (kind: string) => days.filter((day) => arranged(day) === kind)
  t.equal(of('off').length, 3 + 9 + 3 + 5 + 3 + 3 + 7, 'as many days off as the notice counts')
  t.same(of('worked'), ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'])
  for (const day of of('worked')) t.ok(weekdayOf(readDay(day) ?? 0) > 5, `${day} is a weekend`)
  for (const { year, source, published, holidays } of arrangements) {
    t.match(source, `${year}`)
    t.ok(published < `${year}`, 'published the year before')
    for (const { from, to } of holidays) t.ok(from <= to && from.startsWith(`${year}`) && readDay(from) !== null && readDay(to) !== null)
  }
  t.same(missingYears(beijing('2026-11-01T00:00')), [])
  t.same(missingYears(beijing('2026-12-10T00:00')), [2027], 'warned a month ahead')
  t.same(missingYears(beijing('2027-03-01T00:00')), [2027])
})

t.test('days and moments of Beijing', async (t) => {
  t.equal(textOf(dayOf(beijing('2026-11-27T00:00'))), '2026-11-27')
  t.equal(textOf(dayOf(beijing('2026-11-27T00:00') - 1)), '2026-11-26')
  t.equal(weekdayOf(dayOf(beijing('2026-11-27T12:00'))), 5)
  t.equal(momentOf(readDay('2026-11-27') ?? 0, '24:00'), beijing('2026-11-28T00:00'))
  for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', 'today']) t.equal(readDay(text), null, text)
  fc.assert(fc.property(fc.integer({ min: -1e6, max: 1e6 }), (day) => weekdayOf(day) === (new Date(day * DAY_MS).getUTCDay() || 7)))
})

t.test('words', async (t) => {
  const calendar: AgencyCalendar = {
    maintenance: [
      { title: '日终处理', from: '23:00', to: '01:00' },
      { title: '系统维护', from: '02:00', to: '05:00', on: [7] },
    ],
    freezes: [{ title: '年度结转', from: '12-31T18:00', to: '01-01T08:00' }],
    officeHours: OFFICE,
  }
  t.same(hoursIn(calendar, true), [
    '日终处理：每天 23:00 至次日 01:00，其间不能使用',
    '系统维护：周日 02:00 至 05:00，其间不能使用',
    '年度结转：每年 12-31 18:00 至次年 01-01 08:00，其间可以查询，不能办理',
    '办公时间：周一至周五 09:00 至 12:00、13:00 至 17:00，法定节假日除外，调休的周末照常',
  ])
  t.equal(hoursIn(calendar, false).length, 3)
  t.equal(returnIn(beijing('2026-12-31T08:00'), beijing('2026-12-30T08:00')), '12月31日 08:00')
  t.equal(returnIn(beijing('2027-01-01T08:00'), beijing('2026-12-31T23:59')), '2027年1月1日 08:00')
})

const clock = fc
  .integer({ min: 0, max: 1439 })
  .map((minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
const weekdays = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }) as fc.Arbitrary<Weekday[]>
const closing: fc.Arbitrary<Closing> = fc
  .record({ from: clock, to: clock, on: fc.option(weekdays, { nil: undefined }) })
  .filter(({ from, to }) => from !== to)
  .map(({ from, to, on }) => ({ title: '维护', from, to, ...(on ? { on } : {}) }))
const moment = fc
  .integer({ min: beijing('2026-01-01T00:00') / 60_000, max: beijing('2027-12-31T00:00') / 60_000 })
  .map((minute) => minute * 60_000)

t.test('a closure ends at the first minute at which there is none', async () => {
  fc.assert(
    fc.property(fc.array(closing, { maxLength: 3 }), fc.boolean(), moment, (maintenance, office, at) => {
      const calendar: AgencyCalendar = { maintenance, ...(office ? { officeHours: OFFICE } : {}) }
      const closure = closureAt(calendar, [], PEOPLE, at)
      if (!closure || closure.waitMs > 20 * DAY_MS) return true
      if (closureAt(calendar, [], PEOPLE, closure.until) !== null || closure.until <= at) return false
      for (let minute = at; minute < closure.until; minute += 60_000) if (!closureAt(calendar, [], PEOPLE, minute)) return false
      return true
    }),
    { numRuns: 60 },
  )
  // Against the same question asked in another way: by the text of the clock.
  fc.assert(
    fc.property(closing, moment, ({ from, to, on }, at) => {
      const now = new Date(at + 8 * 3_600_000)
      const time = now.toISOString().slice(11, 16)
      const weekday = now.getUTCDay() || 7
      const isOn = (day: number) => on === undefined || on.includes(day as Weekday)
      const yesterday = weekday === 1 ? 7 : weekday - 1
      const isIn =
        from < to ? isOn(weekday) && time >= from && time < to : (isOn(weekday) && time >= from) || (isOn(yesterday) && time < to)
      const calendar: AgencyCalendar = { maintenance: [{ title: '维护', from, to, ...(on ? { on } : {}) }] }
      return (closureAt(calendar, [], ASK, at) !== null) === isIn
    }),
  )
  fc.assert(
    fc.property(moment, (at) => {
      const opens = opensAt(OFFICE, at)
      return opens >= at && opensAt(OFFICE, opens) === opens && opens - at < 12 * DAY_MS
    }),
  )
})
