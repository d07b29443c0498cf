import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** What stands in the register of employment now; who left a job and registered nothing has no form of employment. */
export const employmentStatus = service({
  id: 'employment-status',
  name: '就业登记状态和就业形式信息查询',
  section: '1.4.9.1',
  kind: 'query',
  single: '每人只有一个当前就业状态',
  inputs: { idCardNumber: input.verified('身份证号', 'person.idNumber', { code: 'AAE135' }) },
  fields: {
    employmentStatus: field.code('当前就业状态', lists.statuses, { code: 'dqjyzt', required: true }),
    employmentForm: field.code('就业形式', lists.forms, { code: 'jyxs' }),
    employerName: field.text('用人单位', { code: ['AAB004', 'AAE044'] }),
    registrationDate: field.date('登记日期', { code: 'djrq' }),
    handlingAgency: field.text('登记机构', { code: 'djjgmc' }),
  },
})
