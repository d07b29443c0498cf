import { type ConnectorDeclaration, codeList, field, input, type SandboxRows, service } from '../../core/connector.ts'
import { minimalConnector } from './minimal-connector.ts'

/** Where times stand in tests: far enough ahead for every rule. */
export const HALL_DAY = new Date(Date.now() + 8 * 3_600_000 + 3 * 86_400_000).toISOString().slice(0, 10)
export const PLACES = 100
const FEW = 2

const states = codeList('synthetic', { '0': '占位', '1': '已约', '2': '已到', '3': '已退' })
const kinds = codeList('synthetic', { '1': '个人', '2': '团队', '3': '志愿者' })
const common = { section: '0', kind: 'booking', audience: 'person', identity: 'real-name', timeoutMs: 2000 } as const
const rate = { max: 100_000, perSeconds: 60 }

const slots = service({
  id: 'sessions',
  name: '场次',
  section: '0',
  kind: 'list',
  audience: 'person',
  identity: 'login',
  inputs: {},
  fields: {
    session: field.text('编号', { code: 'cc', required: true }),
    day: field.date('日期', { code: 'rq', required: true }),
    from: field.text('开始', { code: 'ks', required: true }),
    until: field.text('结束', { code: 'js', required: true }),
    left: field.integer('剩余', { code: 'sy', required: true }),
  },
  upstream: { sid: 'hall.sessions' },
  timeoutMs: 5000,
  rate,
})

const answered = {
  code: field.text('入场码'),
  ticket: field.text('编号', { code: 'bh', required: true }),
  stand: field.code('状态', states, { code: 'zt', required: true }),
  slot: field.text('场次', { code: 'cc', required: true }),
}

const held = {
  slots: { service: 'sessions', id: 'session', input: 'session', day: 'day', from: 'from', until: 'until', left: 'left' },
  serial: 'lsh',
  reference: 'ticket',
  state: 'stand',
  at: 'slot',
  states: { held: ['0'], confirmed: ['1'], used: ['2'], ended: ['3'] },
} as const
const calls = <const S extends string>(system: S) => ({
  confirm: { sid: `${system}.confirm` },
  status: { sid: `${system}.status` },
  release: { sid: `${system}.release` },
})
const rules = { aheadDays: 7, most: 20, cancelHours: 24, refundHours: 24, reschedule: { hours: 24, times: 2 } }

/** A room in the neighbourhood: so many people, nobody named. */
const room = service({
  ...common,
  id: 'room',
  name: '功能室预约',
  inputs: {
    session: input.text('场次', { code: 'cc', required: true }),
    guests: input.integer('人数', { code: 'rs', required: true, minimum: 1, maximum: 50 }),
  },
  fields: { ...answered, guests: field.integer('人数', { code: 'rs' }) },
  booking: {
    ...held,
    ...calls('hall'),
    people: 'guests',
    entryCode: 'code',
    rules: { ...rules, entry: { beforeMinutes: 30, seconds: 120 } },
  },
  upstream: { sid: 'hall.hold' },
  rate,
})

/** A seat there, for whoever books it. */
const { code: _code, ...seated } = answered
const seat = service({
  ...common,
  id: 'seat',
  name: '座位预约',
  inputs: { session: input.text('场次', { code: 'cc', required: true }) },
  fields: seated,
  booking: { ...held, ...calls('seat'), rules },
  upstream: { sid: 'seat.hold' },
  rate,
})
const seatMove = service({
  ...common,
  id: 'seat-move',
  name: '改座位时间',
  inputs: { session: input.text('场次', { code: 'cc' }) },
  fields: {},
  booking: { of: 'seat', does: 'reschedule' },
  upstream: { sid: 'seat.move' },
  rate,
})
const seatCancel = service({
  ...common,
  id: 'seat-cancel',
  name: '取消座位',
  inputs: {},
  fields: {},
  booking: { of: 'seat', does: 'cancel' },
  upstream: { sid: 'seat.cancel' },
  rate,
})

const move = service({
  ...common,
  id: 'room-move',
  name: '改时间',
  inputs: { session: input.text('场次', { code: 'cc' }), guests: input.integer('人数', { code: 'rs', minimum: 1, maximum: 50 }) },
  fields: {},
  booking: { of: 'room', does: 'reschedule' },
  upstream: { sid: 'hall.move' },
  rate,
})
const deed = <const Id extends string>(id: Id, name: string, does: 'cancel' | 'refund' | 'remove') =>
  service({ ...common, id, name, inputs: {}, fields: {}, booking: { of: 'room', does }, upstream: { sid: `hall.${does}` }, rate })
const code = service({
  ...common,
  id: 'room-code',
  name: '入场码',
  identity: 'face',
  face: { maxAgeSeconds: 600, once: false },
  inputs: {},
  fields: { picture: field.text('二维码') },
  booking: { of: 'room', does: 'code', image: 'picture' },
  rate,
})

/** A memorial: whole days, in groups or as a volunteer; changed as a whole, and booked at once. */
const tribute = service({
  ...common,
  id: 'tribute',
  name: '祭扫预约',
  inputs: {
    bookingType: input.choice('预约类型', kinds, { code: 'lx', required: true }),
    visitDate: input.date('参观日期', { code: 'rq', required: true }),
    visitorCount: input.integer('参观人数', { code: 'rs', required: true, minimum: 1, maximum: 500 }),
    guide: input.flag('是否需要讲解', { code: 'jj' }),
    contactPhone: input.phone('联系人电话', { code: 'dh', required: true }),
  },
  fields: {
    ticket: field.text('编号', { code: 'bh', required: true }),
    stand: field.code('状态', states, { code: 'zt', required: true }),
    visitDate: field.date('参观日期', { code: 'rq', required: true }),
    bookingType: field.code('预约类型', kinds, { code: 'lx' }),
  },
  booking: {
    days: { input: 'visitDate', from: '08:30', until: '17:00', closed: [1] },
    people: 'visitorCount',
    serial: 'lsh',
    reference: 'ticket',
    state: 'stand',
    at: 'visitDate',
    states: { held: [], confirmed: ['1'], used: ['2'], ended: ['3'] },
    status: { sid: 'tomb.status' },
    release: { sid: 'tomb.release' },
    rules: { aheadDays: 30, most: 200, cancelHours: 0, reschedule: { hours: 0, times: 9 } },
  },
  upstream: { sid: 'tomb.book' },
  rate,
})
const alter = service({
  ...common,
  id: 'tribute-change',
  name: '修改祭扫预约',
  inputs: {
    visitDate: input.date('参观日期', { code: 'rq' }),
    visitorCount: input.integer('参观人数', { code: 'rs', minimum: 1, maximum: 500 }),
  },
  fields: {},
  booking: { of: 'tribute', does: 'reschedule' },
  upstream: { sid: 'tomb.change' },
  rate,
})
const forgo = service({
  ...common,
  id: 'tribute-cancel',
  name: '取消祭扫预约',
  inputs: {},
  fields: {},
  booking: { of: 'tribute', does: 'cancel' },
  upstream: { sid: 'tomb.cancel' },
  rate,
})

const sessions: SandboxRows = ({ filed = [] }) => {
  const left = (number: string, places: number) => {
    const there = filed.filter(({ service: by, params }) => by === 'room' && params['place'] === number && params['state'] !== 'ended')
    return String(places - there.reduce((sum, { params }) => sum + Number(params['people']), 0))
  }
  return [
    ['H1', '09:00', '11:00', PLACES],
    ['H2', '14:00', '16:00', FEW],
    ['H3', '16:00', '18:00', PLACES],
  ].map(([number, ks, js, places]) => ({ cc: number, rq: HALL_DAY, ks, js, sy: left(String(number), Number(places)) }))
}

/** Like 许邻e家 and 烈士陵园: what can be booked there needs nothing of a museum's. */
export function bookingConnector(): ConnectorDeclaration {
  const demo = minimalConnector()
  const { upstream } = demo
  return {
    ...demo,
    id: 'rooms',
    upstream: { ...upstream, dateFormat: 'YYYY-MM-DD', maxConcurrent: 64 },
    services: [
      ...demo.services,
      slots,
      room,
      move,
      seat,
      seatMove,
      seatCancel,
      deed('room-cancel', '取消', 'cancel'),
      deed('room-refund', '退票', 'refund'),
      deed('room-remove', '删除', 'remove'),
      code,
      tribute,
      alter,
      forgo,
    ],
    sandbox: { sessions },
  }
}
