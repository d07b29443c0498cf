import { divisions, field, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/**
 * The deceased is named by the register, not by the caller: asked is of whom the asker is kin. Who is kin, or was the legal
 * representative, is proved by the record itself: it lists both by id number (`parties`), and one that does not name the asker is
 * withheld. For a child who is kin its guardian asks, by mandate; no consent opens the record to anybody else.
 */
export const cremation = service({
  id: 'cremation',
  name: '遗体火化信息查询',
  section: '1.4.8.2',
  kind: 'query',
  rows: 'many',
  identity: 'face',
  face: { maxAgeSeconds: 600, once: false },
  dependants: 'guardian',
  parties: ['QSLB.CERT_NUM'],
  inputs: {},
  fields: {
    deceasedName: field.text('逝者姓名', { code: 'NAME', required: true }),
    deceasedIdNumber: field.text('逝者身份证件号码', { code: 'ID_CARD', mask: 'idNumber' }),
    gender: field.code('性别', lists.genders, { code: 'SEX' }),
    // The division alone: ADDRESS, which stands beside it, is not read.
    householdRegion: field.code('户籍所在区划', divisions, { code: 'XZQHDM' }),
    deathTime: field.datetime('死亡精确时间', { code: 'DEATH_TIME' }),
    cremationInstitution: field.text('火化机构', { code: 'CREMATION_ORG' }),
    cremationTime: field.datetime('火化完成时间', { code: 'CREMATION_TIME' }),
  },
})
