import { type codeList, field, input, service } from '../../core/connector.ts'
import { bookingStates, bookingTypes, groupOnly, individualOnly, volunteerOnly } from './codes.ts'

const section = '1.4.15'
const kind = 'booking'
const rate = { max: 20, perSeconds: 60 }
const at = (path: string) => ({ system: 'personal', sid: `/api/visits${path}` }) as const

const MOST = 500
const count = { code: 'rs', minimum: 1, maximum: MOST } as const

/** What a booking says, in the order of the contract; the phone is what a contact is good for. */
const said = (type: ReturnType<typeof codeList>, isActivity: boolean) => ({
  bookingType: input.choice('预约类型', type, { code: 'yylx', required: true }),
  visitDate: input.date('参观日期', { code: 'cgrq', required: true }),
  visitorCount: input.integer('人数', { ...count, required: true }),
  guideRequired: input.flag('是否需要讲解', { code: 'sfjj', required: true }),
  activityDescription: input.text('活动描述', { code: 'hdms', maxLength: 500, required: isActivity }),
  contactName: input.text('联系人', { code: 'lxr', maxLength: 30, required: true, examples: ['贾明'] }),
  contactPhone: input.phone('联系电话', { code: 'lxdh', required: true }),
})

/** All kinds of bookings are shown alike, for they are changed and given back in one place. */
const fields = {
  bookingNumber: field.text('预约编号', { code: 'yybh', required: true }),
  bookingState: field.code('预约状态', bookingStates, { code: 'yyzt', required: true }),
  visitDate: field.date('参观日期', { code: 'cgrq', required: true }),
  bookingType: field.code('预约类型', bookingTypes, { code: 'yylx' }),
  visitorCount: field.integer('人数', { code: 'rs' }),
  guideRequired: field.flag('是否需要讲解', { code: 'sfjj' }),
}

/** Open every day, the year round; whole days are booked. */
const days = { input: 'visitDate', from: '08:30', until: '17:00' } as const

const taken = (path: string) =>
  ({
    days,
    people: 'visitorCount',
    serial: 'lsh',
    reference: 'bookingNumber',
    state: 'bookingState',
    at: 'visitDate',
    states: { held: [], confirmed: ['1'], used: ['2'], ended: ['3', '4'] },
    status: { sid: `/api/visits${path}/state` },
    release: { sid: `/api/visits${path}/release` },
  }) as const

/** The day before, at five in the afternoon: guides and ceremonies are planned by then. */
const DAY_BEFORE = 15.5 * 60

const individual = service({
  id: 'individual-booking',
  name: '个人预约',
  section,
  kind,
  inputs: said(individualOnly, false),
  fields,
  booking: { ...taken('/individual'), rules: { aheadDays: 30, most: 9, cancelHours: 0, reschedule: { hours: 0, times: 5 } } },
  upstream: at('/individual'),
  rate,
})

const planned = { aheadDays: 60, closesMinutes: DAY_BEFORE, cancelHours: 2, reschedule: { hours: 15.5, times: 5 } } as const

const group = service({
  id: 'group-booking',
  name: '团队预约',
  section,
  kind,
  inputs: said(groupOnly, true),
  fields,
  booking: { ...taken('/group'), rules: { ...planned, most: MOST } },
  upstream: at('/group'),
  rate,
})

const volunteer = service({
  id: 'volunteer-booking',
  name: '预约志愿者',
  section,
  kind,
  inputs: said(volunteerOnly, true),
  fields,
  booking: { ...taken('/volunteer'), rules: { ...planned, most: 50 } },
  upstream: at('/volunteer'),
  rate,
})

/** The cemetery's own list: also what was booked at its pages. */
const list = service({
  id: 'booking-list',
  name: '预约信息查看',
  section,
  kind: 'list',
  inputs: {},
  fields: {
    bookingType: fields.bookingType,
    visitDate: fields.visitDate,
    visitorCount: fields.visitorCount,
    guideRequired: fields.guideRequired,
    activityDescription: field.text('活动描述', { code: 'hdms' }),
    contactName: field.text('联系人', { code: 'lxr', mask: 'name' }),
    bookingNumber: fields.bookingNumber,
    bookingState: fields.bookingState,
  },
  upstream: { ...at('/list'), method: 'GET' },
  retry: { attempts: 1 },
})

const of = ['individual-booking', 'group-booking', 'volunteer-booking'] as const

/** What isn't named stays. A booking of another type is another booking: that one is given back, and a new one made. */
const update = service({
  id: 'booking-update',
  name: '预约信息修改',
  section,
  kind,
  inputs: {
    bookingType: input.choice('预约类型', bookingTypes, { code: 'yylx' }),
    visitDate: input.date('参观日期', { code: 'cgrq' }),
    visitorCount: input.integer('人数', count),
    guideRequired: input.flag('是否需要讲解', { code: 'sfjj' }),
    activityDescription: input.text('活动描述', { code: 'hdms', maxLength: 500 }),
    contactName: input.text('联系人', { code: 'lxr', maxLength: 30 }),
    contactPhone: input.phone('联系电话', { code: 'lxdh' }),
  },
  fields: {},
  booking: { of, does: 'reschedule' },
  upstream: at('/update'),
  rate,
})

/** Of a booking whose day is still to come 删除 is giving it back: the place is free again, and it leaves the cemetery's list. */
const remove = service({
  id: 'booking-delete',
  name: '预约信息删除',
  section,
  kind,
  inputs: {},
  fields: {},
  booking: { of, does: 'cancel' },
  upstream: at('/delete'),
  rate,
})

export const bookingServices = [individual, group, volunteer, list, update, remove]
