import { field, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** One of the two. Both numbers leave shortened, the spouse's name too; who asks may see his own name whole. */
const party = (who: '男方' | '女方', key: 'man' | 'woman') => ({
  name: field.text(`${who}姓名`, { code: `name_${key}`, mask: 'name', reveal: true }),
  idType: field.code(`${who}身份证件类型`, lists.idTypes, { code: `cert_type_${key}` }),
  idNumber: field.text(`${who}身份证件号码`, { code: `cert_num_${key}`, mask: 'idNumber', subject: 'party' }),
})
const man = party('男方', 'man')
const woman = party('女方', 'woman')

/** A record for each registration, so that a reissue stands beside what it is of. The asker must be one of the two. */
export const marriageRegistration = service({
  id: 'marriage-registration',
  name: '婚姻登记信息查询',
  section: '1.4.8.1',
  kind: 'query',
  rows: 'many',
  inputs: {},
  fields: {
    businessCategory: field.code('业务类别', lists.marriageBusiness, { code: ['op_type', 'op_type_desc'], required: true }),
    malePartyName: man.name,
    femalePartyName: woman.name,
    malePartyIdType: man.idType,
    femalePartyIdType: woman.idType,
    malePartyIdNumber: man.idNumber,
    femalePartyIdNumber: woman.idNumber,
    // Of a reissue `op_date` may be the day of that, so its own key goes first.
    registrationDate: field.date('法定登记日期', { code: ['reg_date', 'op_date'] }),
    reissueRegistrationDate: field.date('补发登记日期', { code: 'reissue_date' }),
    registrationAuthority: field.text('登记机关', { code: ['dept_name', 'dept_code'] }),
  },
})
