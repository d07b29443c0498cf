import { field, input, service } from '../../core/connector.ts'
import { bookingStates, CARDS } from './codes.ts'

const section = '1.4.12'
const rate = { max: 20, perSeconds: 60 }
const at = (path: string) => ({ system: 'personal', sid: `/api/bookings${path}` }) as const

const slotInputs = {
  timeSlot: input.text('预约时段', { code: 'ccbh', required: true, maxLength: 32, examples: ['20261201-1'] }),
  visitDate: input.date('参观日期', { code: 'cgrq', required: true }),
}

const create = service({
  id: 'booking-create',
  name: '线上预约',
  section,
  kind: 'booking',
  identity: 'real-name',
  inputs: {
    visitDate: input.date('参观日期', { code: 'cgrq', required: true }),
    timeSlot: input.text('时段', { code: 'ccbh', required: true, maxLength: 32, examples: ['20261201-1'] }),
    visitors: input.list('观众信息', input.text('观众编号', { maxLength: 32 }), { code: 'gzbh', required: true, max: 5 }),
  },
  fields: {
    bookingQrCode: field.text('专属二维码'),
    bookingNumber: field.text('预约编号', { code: 'yybh', required: true }),
    bookingState: field.code('预约状态', bookingStates, { code: 'yyzt', required: true }),
    slotNumber: field.text('场次编号', { code: 'ccbh', required: true }),
  },
  booking: {
    slots: {
      service: 'visit-slots',
      id: 'slotNumber',
      input: 'timeSlot',
      day: 'visitDate',
      from: 'startTime',
      until: 'endTime',
      left: 'placesLeft',
      open: 'bookable',
    },
    visitors: {
      service: 'visitor-list',
      input: 'visitors',
      id: 'visitorNumber',
      name: 'personName',
      idType: 'idType',
      idNumber: 'idNumber',
      cards: CARDS,
      birthday: 'birthDate',
    },
    serial: 'lsh',
    reference: 'bookingNumber',
    state: 'bookingState',
    at: 'slotNumber',
    states: { held: ['0'], confirmed: ['1'], used: ['2'], ended: ['3', '4', '5'] },
    confirm: { sid: '/api/bookings/confirm' },
    status: { sid: '/api/bookings/state' },
    release: { sid: '/api/bookings/release' },
    entryCode: 'bookingQrCode',
    // “需符合科技馆规定，如提前 24 小时”; the rest is the hub's proposal until the museum confirms it.
    rules: {
      aheadDays: 7,
      closesMinutes: 30,
      most: 5,
      child: { under: 14 },
      cancelHours: 24,
      refundHours: 24,
      reschedule: { hours: 24, times: 2 },
      entry: { beforeMinutes: 30, seconds: 180 },
    },
  },
  upstream: at(''),
  rate,
})

const code = service({
  id: 'booking-qr-code',
  name: '展码',
  section,
  kind: 'booking',
  inputs: {},
  fields: { bookingQrCode: field.text('专属二维码') },
  booking: { of: 'booking-create', does: 'code', image: 'bookingQrCode' },
  upstream: at('/code'),
})

/** The museum's own list: also what was booked at its WeChat account. */
const list = service({
  id: 'booking-list',
  name: '预约记录查看',
  section,
  kind: 'list',
  inputs: {},
  fields: {
    visitDate: field.date('参观日期', { code: 'cgrq', required: true }),
    timeSlot: field.text('预约时段', { code: 'ccmc', required: true }),
    visitors: field.list(
      '观众信息',
      {
        personName: field.text('姓名', { code: 'xm', mask: 'name' }),
        idNumber: field.text('证件号码', { code: 'zjhm', mask: 'idNumber' }),
      },
      { code: 'gzlb' },
    ),
    bookingQrCode: field.text('专属二维码', { code: 'ewm' }),
    bookingNumber: field.text('预约编号', { code: 'yybh', required: true }),
    bookingState: field.code('预约状态', bookingStates, { code: 'yyzt' }),
  },
  upstream: { ...at('/list'), method: 'GET' },
  retry: { attempts: 1 },
})

const deed = <const Id extends string>(id: Id, name: string, does: 'remove' | 'cancel' | 'refund', path: string) =>
  service({
    id,
    name,
    section,
    kind: 'booking',
    inputs: {},
    fields: {},
    booking: { of: 'booking-create', does },
    upstream: at(path),
    rate,
  })

const reschedule = service({
  id: 'booking-reschedule',
  name: '修改预约时段（改签）',
  section,
  kind: 'booking',
  inputs: slotInputs,
  fields: {},
  booking: { of: 'booking-create', does: 'reschedule' },
  upstream: at('/reschedule'),
  rate,
})

export const bookingServices = [
  create,
  code,
  list,
  deed('booking-delete', '预约记录删除', 'remove', '/delete'),
  deed('booking-cancel', '取消预约', 'cancel', '/cancel'),
  reschedule,
  deed('ticket-refund', '退票', 'refund', '/refund'),
]
