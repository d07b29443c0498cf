import { field, input, service } from '../../core/connector.ts'
import { boundAccount } from './accounts.ts'
import * as lists from './codes.ts'
import {
  appointment,
  householdFields,
  paperLife,
  paperVisitLife,
  photos,
  plainLife,
  supplementFields,
  visitFields,
  visitLife,
  workOrderFields,
} from './life.ts'

/** One mechanism for all: a filing with the life of `life.ts`. The contract names neither inputs nor fields. */
const filed = { section: '1.4.13', kind: 'submit', timeoutMs: 15_000, rate: { max: 20, perSeconds: 60 } } as const

const contactPhone = input.phone('联系电话', { code: 'lxdh', required: true })
const description = (required: boolean) => input.text('情况说明', { code: 'qksm', maxLength: 500, required })
const household = { gasAccountNumber: boundAccount, contactPhone }
const visit = { ...household, ...appointment }
const visited = { ...workOrderFields, ...householdFields, ...visitFields }

const at = (name: string) => `api/v1/work-orders/${name}`
/** Whether the account is in a state for it, asked before anything is filed. */
const checked = (workOrderType: keyof typeof lists.workOrderTypes.values) =>
  ({
    precheck: { service: 'work-order-check', with: { workOrderType }, allows: { field: 'allowed', values: ['1'] }, reason: 'reason' },
  }) as const

/** 办理条件核验; it is asked with every work order for a household, and can be asked before a form is filled in. */
const workOrderCheck = service({
  id: 'work-order-check',
  name: '业务办理条件核验',
  section: '1.4.13',
  kind: 'query',
  single: '一个户号对一项业务只有一个结论',
  inputs: {
    gasAccountNumber: boundAccount,
    workOrderType: input.choice('业务类型', lists.workOrderTypes, { code: 'ywlx', field: 'workOrderType', required: true }),
  },
  fields: {
    gasAccountNumber: householdFields.gasAccountNumber,
    workOrderType: field.code('业务类型', lists.workOrderTypes, { code: 'ywlx', required: true }),
    allowed: field.code('能否办理', lists.decisions, { code: 'nfbl', required: true }),
    reason: field.text('原因', { code: 'yy' }),
  },
  upstream: { sid: at('check') },
})

const repairRequest = service({
  ...filed,
  id: 'repair-request',
  name: '燃气报修',
  inputs: {
    ...visit,
    faultKind: input.choice('故障类型', lists.faultKinds, { code: 'gzlx', required: true }),
    description: description(true),
    photos,
  },
  fields: { ...visited, faultKind: field.code('故障类型', lists.faultKinds, { code: 'gzlx' }) },
  upstream: { sid: at('repair') },
  submission: { ...visitLife(at('repair')), ...checked('01') },
})

const activationBooking = service({
  ...filed,
  id: 'activation-booking',
  name: '预约开通',
  inputs: { ...visit, description: description(false) },
  fields: visited,
  upstream: { sid: at('activation') },
  submission: { ...visitLife(at('activation')), ...checked('02') },
})

const gasModification = service({
  ...filed,
  id: 'gas-modification',
  name: '改装',
  inputs: {
    ...visit,
    modificationKind: input.choice('改装类型', lists.modificationKinds, { code: 'gzlb', required: true }),
    description: description(true),
    photos,
  },
  fields: { ...visited, modificationKind: field.code('改装类型', lists.modificationKinds, { code: 'gzlb' }), ...supplementFields },
  upstream: { sid: at('modification') },
  submission: { ...paperVisitLife(at('modification')), ...checked('03') },
})

const safetyInspection = service({
  ...filed,
  id: 'safety-inspection',
  name: '安检',
  inputs: { ...visit, description: description(false) },
  fields: visited,
  upstream: { sid: at('inspection') },
  submission: { ...visitLife(at('inspection')), ...checked('04') },
})

const meterReplacement = service({
  ...filed,
  id: 'meter-replacement',
  name: '换表',
  inputs: {
    ...visit,
    meterFaultKind: input.choice('换表原因', lists.meterFaultKinds, { code: 'hbyy', required: true }),
    description: description(false),
    photos,
  },
  fields: {
    ...visited,
    meterFaultKind: field.code('换表原因', lists.meterFaultKinds, { code: 'hbyy' }),
  },
  upstream: { sid: at('meter-replacement') },
  submission: { ...visitLife(at('meter-replacement')), ...checked('05') },
})

const meterCalibration = service({
  ...filed,
  id: 'meter-calibration',
  name: '校表',
  inputs: {
    ...visit,
    calibrationReason: input.choice('校表原因', lists.calibrationReasons, { code: 'jbyy', required: true }),
    description: description(false),
    photos,
  },
  fields: { ...visited, calibrationReason: field.code('校表原因', lists.calibrationReasons, { code: 'jbyy' }) },
  upstream: { sid: at('meter-calibration') },
  submission: { ...visitLife(at('meter-calibration')), ...checked('06') },
})

/** Whoever wants gas has no account yet; a contract of supply is made with somebody whose name is known. */
const installationApplication = service({
  ...filed,
  id: 'installation-application',
  name: '报装',
  identity: 'real-name',
  inputs: {
    contactPhone,
    installationAddress: input.address('报装地址', { codes: ['bzdz', 'bzxzq'], required: true }),
    premises: input.choice('房屋类型', lists.premises, { code: 'fwlx', required: true }),
    description: description(false),
    ...appointment,
    photos,
  },
  fields: {
    ...workOrderFields,
    premises: field.code('房屋类型', lists.premises, { code: 'fwlx' }),
    ...visitFields,
    ...supplementFields,
  },
  upstream: { sid: at('installation') },
  submission: paperVisitLife(at('installation')),
})

const supplyShutdown = service({
  ...filed,
  id: 'supply-shutdown',
  name: '关停',
  inputs: {
    ...visit,
    shutdownReason: input.choice('关停原因', lists.shutdownReasons, { code: 'gtyy', required: true }),
    description: description(false),
    photos,
  },
  fields: { ...visited, shutdownReason: field.code('关停原因', lists.shutdownReasons, { code: 'gtyy' }), ...supplementFields },
  upstream: { sid: at('shutdown') },
  submission: { ...paperVisitLife(at('shutdown')), ...checked('08') },
})

const supplyRestoration = service({
  ...filed,
  id: 'supply-restoration',
  name: '恢复供气',
  inputs: { ...visit, description: description(false), photos },
  fields: { ...visited, ...supplementFields },
  upstream: { sid: at('restoration') },
  submission: { ...paperVisitLife(at('restoration')), ...checked('09') },
})

/** 过户 is filed by whoever takes the account over; the company looks at the papers. */
const informationChange = service({
  ...filed,
  id: 'information-change',
  name: '信息变更',
  inputs: {
    ...household,
    changeItem: input.choice('变更事项', lists.changeItems, { code: 'bgsx', required: true }),
    description: input.text('变更内容', { code: 'qksm', maxLength: 500, required: true }),
    photos,
  },
  fields: {
    ...workOrderFields,
    ...householdFields,
    changeItem: field.code('变更事项', lists.changeItems, { code: 'bgsx' }),
    ...supplementFields,
  },
  upstream: { sid: at('information-change') },
  submission: { ...paperLife(at('information-change')), ...checked('10') },
})

/** Of anybody, with an account or without. */
const consultationComplaint = service({
  ...filed,
  id: 'consultation-complaint',
  name: '咨询投诉',
  inputs: {
    contactPhone,
    complaintKind: input.choice('类型', lists.complaintKinds, { code: 'tslx', required: true }),
    description: input.text('内容', { code: 'qksm', maxLength: 1000, required: true }),
    photos,
  },
  fields: { ...workOrderFields, complaintKind: field.code('类型', lists.complaintKinds, { code: 'tslx' }) },
  upstream: { sid: at('complaint') },
  submission: plainLife(at('complaint')),
})

export const workOrderServices = [
  workOrderCheck,
  repairRequest,
  activationBooking,
  gasModification,
  safetyInspection,
  meterReplacement,
  meterCalibration,
  installationApplication,
  supplyShutdown,
  supplyRestoration,
  informationChange,
  consultationComplaint,
]
