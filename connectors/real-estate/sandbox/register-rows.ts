import type { SandboxRows } from '../../../core/connector.ts'
import { ofOwner, ownerRows, type PropertyName } from './properties.ts'

const AGENCY = '许昌市不动产登记中心示例大厅'
const day = (digits: string) => `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
const yearsAfter = (digits: string, years: number) => `${Number(digits.slice(0, 4)) + years}${digits.slice(4)}`

const registration = ofOwner((property) => [
  {
    bdcdyh: property.unit,
    ZTT_GY_QLR: ownerRows(property),
    gyfs: property.owners.length > 1 ? '1' : '0',
    fdzl: property.place,
    qllx: '4',
    xzqk: property.restriction,
    ghyt: property.use,
    fwxz: '0',
    fwjg: '3',
    zyjzmj: property.area[0],
    ftjzmj: property.area[1],
    tdsyqssj: `${day(yearsAfter(property.bought, -4))} 00:00:00`,
    tdsyjssj: `${day(yearsAfter(property.bought, property.use === '30' ? 36 : 66))} 00:00:00`,
    djjg: AGENCY,
    djsj: `${day(property.bought)} 15:20:00`,
  },
])

/** Amounts in 万元. */
const mortgages: Readonly<Partial<Record<PropertyName, Record<string, unknown>>>> = {
  flat: {
    bdcdjzmh: '豫（2019）许昌市不动产证明第0000011号',
    dyfs: '1',
    bdbzzqse: '30',
    zjjzwzl: '',
    zjjzwdyfw: '全部',
    zwlxqssj: '2019-07-09 00:00:00',
    zwlxjssj: '2034-07-20 00:00:00',
    zgzqqdss: '',
    zgzqse: null,
    djsj: '2019-07-02 10:05:00',
    qszt: '1',
  },
  shop: {
    bdcdjzmh: '豫（2021）许昌市不动产证明第0000012号',
    dyfs: '2',
    bdbzzqse: null,
    // Finished: 在建建筑物抵押 is a developer's, before the first registration.
    zjjzwzl: '',
    zjjzwdyfw: '1层102号及其占用范围内的建设用地使用权',
    zwlxqssj: '20210401',
    zwlxjssj: '20310331',
    zgzqqdss: '债权确定期间届满或者法律规定的其他情形',
    zgzqse: '45.8',
    djsj: '2021-04-02 09:30:00',
    qszt: '1',
  },
}

const mortgage = ofOwner((property, name) => {
  const entry = mortgages[name]
  return entry ? [{ bdcdyh: property.unit, dyrxx: ownerRows(property, 'dyr'), ...entry }] : []
})

/** The shop's seizure was lifted; that of person 3's flat is in force. */
const seizures: Readonly<Partial<Record<PropertyName, Record<string, unknown>>>> = {
  shop: {
    cfwh: '（2023）豫1002执示例11号',
    cfjg: '许昌市魏都区人民法院（示例）',
    cflx: '1',
    cfwj: '协助执行通知书',
    cffw: '全部',
    cfqssj: '2023-03-08 00:00:00',
    cfjssj: '2026-03-07 23:59:59',
    jfjg: '许昌市魏都区人民法院（示例）',
    djsj: '2023-03-08 16:12:00',
  },
  old: {
    cfwh: '（2025）豫1081执示例27号',
    cfjg: '禹州市人民法院（示例）',
    cflx: '1',
    cfwj: '执行裁定书、协助执行通知书',
    cffw: '全部',
    cfqssj: '2025-09-15 00:00:00',
    cfjssj: '2028-09-14 23:59:59',
    jfjg: '',
    djsj: '2025-09-15 11:40:00',
  },
}

const seizure = ofOwner((property, name) => {
  const entry = seizures[name]
  return entry ? [{ bdcdyh: property.unit, ZTT_GY_QLR: ownerRows(property), ...entry }] : []
})

const objections: Readonly<Partial<Record<PropertyName, Record<string, unknown>>>> = {
  shop: { yysx: '申请人主张登记簿记载的建筑面积有误', bdcdjzmh: '豫（2022）许昌市不动产证明第0000021号' },
  old: { yysx: '申请人主张对该不动产享有共有权', bdcdjzmh: '豫（2026）禹州市不动产证明第0000022号' },
}

const objection = ofOwner((property, name) => {
  const entry = objections[name]
  return entry ? [{ bdcdyh: property.unit, qxdm: property.division, ZTT_GY_QLR: ownerRows(property), ...entry }] : []
})

export const registerRows: Readonly<Record<string, SandboxRows>> = {
  'property-registration': registration,
  'property-mortgage': mortgage,
  'property-seizure': seizure,
  'property-objection': objection,
}
