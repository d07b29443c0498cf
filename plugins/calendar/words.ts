import { beijing } from '../../core/base/time.ts'
import { TIME, YEARLY } from './closings.ts'
import type { AgencyCalendar, Closing, OfficeHours, Weekday } from './policy.ts'

const WEEKDAYS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日']

/** What a service's user should know of an agency's hours, a sentence each. */
export function hoursIn(calendar: AgencyCalendar, officeHours: boolean): string[] {
  const { maintenance = [], freezes = [] } = calendar
  return [
    ...maintenance.map((closing) => `${closing.title}：${stretchIn(closing)}，其间不能使用`),
    ...freezes.map((closing) => `${closing.title}：${stretchIn(closing)}，其间可以查询，不能办理`),
    ...(officeHours && calendar.officeHours ? [officeHoursIn(calendar.officeHours)] : []),
  ]
}

function officeHoursIn({ days, times, holidays }: OfficeHours): string {
  const spans = times.map((span) => span.join(' 至 ')).join('、')
  return `办公时间：${daysIn(days)} ${spans}${holidays === 'ignored' ? '，节假日照常' : '，法定节假日除外，调休的周末照常'}`
}

function stretchIn({ from, to, on }: Closing): string {
  if (from.length === TIME) return `${on ? daysIn(on) : '每天'} ${from} 至${to > from ? ' ' : '次日 '}${to}`
  const readable = (text: string) => text.replace('T', ' ')
  if (from.length === YEARLY) return `每年 ${readable(from)} 至${to > from ? ' ' : '次年 '}${readable(to)}`
  return `${readable(from)} 至 ${readable(to)}`
}

function daysIn(days: readonly Weekday[]): string {
  const sorted = [...days].sort()
  const [first = 1, last = 1] = [sorted[0], sorted.at(-1)]
  const names = (list: readonly number[]) => list.map((day) => WEEKDAYS[day - 1]).join('、')
  if (sorted.length === WEEKDAYS.length) return '每天'
  return sorted.length > 2 && last - first === sorted.length - 1 ? `${WEEKDAYS[first - 1]}至${WEEKDAYS[last - 1]}` : names(sorted)
}

/** `12月31日 08:00`, with the year where it is another than that of `now`. */
export function returnIn(until: number, now: number): string {
  const [year = '', month = '', day = ''] = beijing(until).slice(0, 10).split('-')
  const same = beijing(now).startsWith(year)
  return `${same ? '' : `${year}年`}${Number(month)}月${Number(day)}日 ${beijing(until).slice(11, 16)}`
}
