import { field, input } from '../../core/connector.ts'
import { accountFields } from './accounts.ts'
import * as lists from './codes.ts'

/** What is left of these days and windows, the company says; others are shown, and not taken. */
export const appointment = {
  appointmentDate: input.date('预约上门日期', { code: 'yyrq', field: 'appointmentDate', required: true, ahead: { from: 1, to: 14 } }),
  appointmentSlot: input.choice(
    '预约上门时段',
    { from: 'appointment-slots', value: 'appointmentSlot', open: 'bookable' },
    { code: 'yysd', field: 'appointmentSlot', required: true },
  ),
}

/** Photographs alone: a leak, a meter's dial, a paper. */
export const photos = input.list(
  '照片',
  input.file('照片', { codes: ['zp'], mediaTypes: ['image/jpeg', 'image/png'], maxBytes: 5 * 1024 * 1024 }),
  { code: 'zp', max: 3 },
)

export const appointmentFields = {
  appointmentDate: field.date('预约上门日期', { code: 'yyrq' }),
  appointmentSlot: field.text('预约上门时段', { code: 'yysd' }),
}

/** Of every work order. */
export const workOrderFields = {
  workOrderNumber: field.text('工单编号', { code: 'gdbh', required: true }),
  applicationTime: field.datetime('受理时间', { code: 'slsj' }),
  workOrderStatus: field.code('工单状态', lists.workOrderStatuses, { code: 'gdzt' }),
  updateTime: field.datetime('更新时间', { code: 'gxsj' }),
  handlingOpinion: field.text('处理意见', { code: 'clyj' }),
}

export const householdFields = { gasAccountNumber: accountFields.gasAccountNumber, gasAddress: accountFields.gasAddress }
export const visitFields = {
  ...appointmentFields,
  technicianName: field.text('上门人员', { code: 'smry', mask: 'name' }),
  technicianNumber: field.text('工号', { code: 'gh' }),
}

/** What is missing, for those that want papers. */
export const supplementFields = {
  missingItems: field.list(
    '需要补正的材料',
    { name: field.text('材料名称', { code: 'clmc' }), reason: field.text('补正原因', { code: 'bzyy' }) },
    { code: 'bzcl' },
  ),
  supplementDeadline: field.date('补正期限', { code: 'bzqx' }),
}

/** Until somebody is at the door a work order can be given up or moved. */
const OPEN = ['submitted', 'reviewing', 'dispatched'] as const

const filing = {
  serial: 'lsh',
  reference: 'workOrderNumber',
  pollSeconds: 30,
  maxAttempts: 8,
  words: { applicationTime: 'filedAt', updateTime: 'updatedAt', workOrderStatus: 'status' },
  remarks: ['handlingOpinion'],
  refusal: 'handlingOpinion',
} as const

const states = {
  dispatched: { title: '已派单', after: ['submitted', 'reviewing', 'approved'] },
  done: { title: '已完成', after: ['submitted', 'reviewing', 'approved', 'dispatched'] },
  withdrawn: { title: '已取消', after: ['submitted', 'reviewing', 'dispatched'], final: true },
} as const
const incomplete = { title: '待补正', after: ['submitted', 'reviewing'], pause: true } as const

const rules = [
  { state: 'withdrawn', when: { workOrderStatus: ['60'] } },
  { state: 'done', when: { workOrderStatus: ['40'] } },
  { state: 'rejected', when: { workOrderStatus: ['50'] } },
  { state: 'dispatched', when: { workOrderStatus: ['20', '30'] } },
  { state: 'reviewing', when: { workOrderStatus: ['10'] } },
] as const

const cancelReason = input.text('取消原因', { code: 'qxyy', maxLength: 200 })

/** Filing, following and cancelling: what all work orders have in common. `path`: the order's own at the company. */
export const plainLife = (path: string) =>
  ({
    ...filing,
    states,
    cancel: { sid: `${path}/cancel`, when: OPEN, to: 'withdrawn', inputs: { cancelReason } },
    progress: rules,
  }) as const

/** 改期, of those that somebody comes for. */
const rescheduling = (path: string) => ({ change: { sid: `${path}/reschedule`, when: OPEN, inputs: appointment } }) as const

export const visitLife = (path: string) => ({ ...plainLife(path), ...rescheduling(path) }) as const

/** 补正, of those that want papers. */
export const paperLife = (path: string) =>
  ({
    ...plainLife(path),
    states: { ...states, incomplete },
    cancel: { sid: `${path}/cancel`, when: [...OPEN, 'incomplete'], to: 'withdrawn', inputs: { cancelReason } },
    supplement: {
      sid: `${path}/supplement`,
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: { statement: input.text('补正说明', { code: 'bzsm', maxLength: 500, required: true }), photos },
    },
    progress: [{ state: 'incomplete', when: { workOrderStatus: ['70'] } }, ...rules],
  }) as const

export const paperVisitLife = (path: string) => ({ ...paperLife(path), ...rescheduling(path) }) as const
