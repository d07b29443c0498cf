import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** Of the holder, or of a ward: by a guardian's mandate, or because the register names the asker as guardian. */
const disabledPerson = service({
  id: 'disabled-person-info',
  name: '残疾人基础信息查询',
  section: '1.4.8.3',
  kind: 'query',
  single: '每人只有一份残疾人档案',
  dependants: 'guardian',
  kinship: { service: 'disability-guardianship', idNumber: 'wardIdNumber' },
  inputs: { idCardNumber: input.verified('身份证号', 'person.idNumber', { code: 'cert_num' }) },
  fields: {
    personName: field.text('姓名', { code: 'name' }),
    idNumber: field.text('证件号', { code: ['cert_num', 'id_card'], mask: 'idNumber', subject: 'person', required: true }),
    birthDate: field.date('出生日期', { code: 'birth_date' }),
    gender: field.code('性别', lists.genders, { code: 'sex' }),
    ethnicity: field.text('民族', { code: 'nation' }),
    disabilityCategory: field.code('残疾类别', lists.disabilityCategories, { code: 'cjlb', essential: true }),
    disabilityLevel: field.code('残疾等级', lists.disabilityLevels, { code: 'cjdj' }),
    certificateHoldingStatus: field.code('持证状态', lists.holdingStates, { code: 'czzt' }),
    applicationCategory: field.code('申请类别', lists.applicationCategories, { code: 'sqlb' }),
    educationLevel: field.code('文化程度', lists.educationLevels, { code: 'whcd' }),
    maritalStatus: field.code('婚姻状况', lists.maritalStates, { code: 'hyzk' }),
    householdType: field.code('户口性质', lists.householdTypes, { code: 'hkxz' }),
    householdAddress: field.text('户籍地址', { code: 'hjdz', mask: 'address', reveal: true }),
    residenceAddress: field.text('居住地址', { code: 'jzdz', mask: 'address', reveal: true }),
    regionCode: field.text('行政区划', { code: 'xzqhdm' }),
    guardianName: field.text('监护人姓名', { code: 'jhrxm', mask: 'name' }),
    guardianLandlineNumber: field.text('监护人固话', { code: 'jhrgh', mask: 'phone' }),
    guardianMobileNumber: field.text('监护人手机', { code: 'jhrsj', mask: 'phone' }),
  },
})

/** Whom the register names the asker as guardian of. */
const guardianship = service({
  id: 'disability-guardianship',
  name: '本人监护的残疾人',
  section: '1.4.8.3',
  kind: 'list',
  inputs: {},
  fields: {
    wardName: field.text('被监护人姓名', { code: 'bjhrxm', mask: 'name', required: true }),
    wardIdNumber: field.text('被监护人证件号码', { code: 'bjhrzjhm', mask: 'idNumber', required: true }),
    relation: field.code('与被监护人关系', lists.relations, { code: 'gx' }),
  },
})

export const disabilityServices = [disabledPerson, guardianship]
