import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { contactPhone, own, section } from './common.ts'

const rate = { max: 20, perSeconds: 60 }

/** Rooms of the communities, by the half day; one booking has a room to itself. */
const slots = service({
  id: 'room-slots',
  name: '功能室和时段查询',
  assists: ['function-room-booking'],
  section,
  kind: 'catalog',
  inputs: { useDate: input.date('使用日期', { code: 'syrq', field: 'useDate' }) },
  fields: {
    slotNumber: field.text('时段编号', { code: 'sdbh', required: true }),
    useDate: field.date('使用日期', { code: 'syrq', required: true }),
    startTime: field.text('开始时间', { code: 'kssj', required: true }),
    endTime: field.text('结束时间', { code: 'jssj', required: true }),
    roomName: field.text('功能室', { code: 'gnsmc', required: true }),
    community: field.text('社区', { code: 'sq' }),
    placesLeft: field.integer('可容纳人数', { code: 'syrs', required: true }),
    bookable: field.flag('可以预约', { code: 'kyy', required: true }),
  },
  upstream: { path: 'rooms/slots', method: 'GET' },
  retry: { attempts: 1 },
})

const booking = service({
  id: 'function-room-booking',
  name: '社区功能室预约',
  section,
  kind: 'booking',
  inputs: {
    slotNumber: input.text('时段编号', { code: 'sdbh', required: true, maxLength: 32 }),
    guests: input.integer('使用人数', { code: 'rs', required: true, minimum: 1, maximum: 60 }),
    roomUse: input.choice('使用事由', lists.roomUses, { code: 'sysy', required: true }),
    contactPhone,
  },
  fields: {
    bookingNumber: field.text('预约编号', { code: 'yybh', required: true }),
    bookingStatus: field.code('预约状态', lists.roomStates, { code: 'yyzt', required: true }),
    slotNumber: field.text('时段编号', { code: 'sdbh', required: true }),
    roomUse: field.code('使用事由', lists.roomUses, { code: 'sysy' }),
  },
  booking: {
    slots: {
      service: 'room-slots',
      id: 'slotNumber',
      input: 'slotNumber',
      day: 'useDate',
      from: 'startTime',
      until: 'endTime',
      left: 'placesLeft',
      open: 'bookable',
    },
    people: 'guests',
    serial: 'lsh',
    reference: 'bookingNumber',
    state: 'bookingStatus',
    at: 'slotNumber',
    states: { held: [], confirmed: ['1'], used: ['2'], ended: ['3', '4'] },
    status: { sid: '/api/rooms/bookings/state' },
    release: { sid: '/api/rooms/bookings/release' },
    rules: { aheadDays: 7, closesMinutes: 60, most: 60, cancelHours: 2, reschedule: { hours: 2, times: 2 } },
  },
  upstream: own('/api/rooms/bookings'),
  rate,
})

const reschedule = service({
  id: 'function-room-reschedule',
  name: '社区功能室改约',
  section,
  kind: 'booking',
  inputs: { slotNumber: input.text('时段编号', { code: 'sdbh', required: true, maxLength: 32 }) },
  fields: {},
  booking: { of: 'function-room-booking', does: 'reschedule' },
  upstream: own('/api/rooms/bookings/reschedule'),
  rate,
})

const cancel = service({
  id: 'function-room-cancel',
  name: '取消社区功能室预约',
  section,
  kind: 'booking',
  inputs: {},
  fields: {},
  booking: { of: 'function-room-booking', does: 'cancel' },
  upstream: own('/api/rooms/bookings/cancel'),
  rate,
})

export const roomServices = [slots, booking, reschedule, cancel]
