import { field, input, service } from '../../core/connector.ts'

/** Days on which the museum is open, their sessions, and the places left. */
export const slots = service({
  id: 'visit-slots',
  name: '参观日期和时段选择',
  section: '1.4.12',
  kind: 'list',
  inputs: { visitDate: input.date('参观日期', { code: 'cgrq', field: 'visitDate' }) },
  fields: {
    visitDate: field.date('参观日期', { code: 'cgrq', required: true }),
    timeSlot: field.text('时段', { code: 'ccmc', required: true }),
    slotNumber: field.text('场次编号', { code: 'ccbh', required: true }),
    startTime: field.text('开始时间', { code: 'kssj', required: true }),
    endTime: field.text('结束时间', { code: 'jssj', required: true }),
    places: field.integer('总名额', { code: 'zme' }),
    placesLeft: field.integer('剩余名额', { code: 'syme', required: true }),
    bookable: field.flag('是否可以预约', { code: 'sfky', required: true }),
  },
  upstream: { path: 'sessions', method: 'GET' },
  retry: { attempts: 1 },
})
