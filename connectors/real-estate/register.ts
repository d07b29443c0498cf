import { divisions, field, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PARTIES, partyColumns, propertyCertificateNumber } from './policies.ts'

/** A person may have several properties, and a property several entries: every answer is a list. */
const entries = { kind: 'query', rows: 'many', inputs: { propertyCertificateNumber } } as const

/**
 * Apply and poll, as registers share with each other: the application gets a query number (查询申请单号
 * `cxsqdh`), under which its state (`zt`, 1 to 5) and result are fetched. Source: one public implementation
 * of such an exchange, beside the QLT_FW_FDCQ_YZ classes; it names number and states but not what each
 * state means, nor `jg`. Those are assumptions until the agency confirms them (README, To be confirmed, 8).
 */
const appliedFor = {
  number: 'cxsqdh',
  state: 'zt',
  // 1 已申请, 2 办理中
  running: ['1', '2'],
  // 3 已办结
  done: ['3'],
  // 4 不予提供, 5 办理失败
  refused: ['4', '5'],
  rows: 'jg',
  pollMs: 300,
} as const

/** QLT_FW_FDCQ_YZ with the owners (ZTT_GY_QLR) as a list in each row. */
const propertyRegistration = service({
  ...entries,
  id: 'property-registration',
  name: '房产登记信息查询',
  section: '1.4.2.5',
  fields: {
    rightHolderIdentityDetails: field.list(
      '权利人身份详情',
      {
        ...partyColumns('权利人', 'qlrmc'),
        rightHolderType: field.code('权利人类型', lists.rightHolderTypes, { code: 'qlrlx' }),
        share: field.text('权利比例', { code: 'qlbl' }),
      },
      { code: ['ZTT_GY_QLR', 'qlrxx'], required: true },
    ),
    coOwnership: field.code('共有权属关系', lists.coOwnershipForms, { code: 'gyfs' }),
    propertyLocation: field.text('不动产坐落', { code: ['fdzl', 'zl'] }),
    rightType: field.code('权利类型', lists.rightTypes, { code: 'qllx', required: true }),
    rightRestrictions: field.text('权利限制', { code: ['xzqk', 'qlqtzk'] }),
    housePlannedUse: field.code('房屋规划用途', lists.plannedUses, { code: 'ghyt' }),
    houseNature: field.code('房屋性质', lists.houseNatures, { code: 'fwxz' }),
    houseStructure: field.code('房屋结构', lists.houseStructures, { code: 'fwjg' }),
    exclusiveFloorArea: field.number('专有建筑面积', { code: 'zyjzmj' }),
    sharedFloorArea: field.number('分摊建筑面积', { code: 'ftjzmj' }),
    landUseStartDate: field.date('土地使用期限起始时点', { code: 'tdsyqssj' }),
    landUseEndDate: field.date('土地使用期限终止时点', { code: 'tdsyjssj' }),
    registrationAgency: field.text('登记机构', { code: 'djjg' }),
    registrationTime: field.datetime('登记时间', { code: 'djsj' }),
  },
  // 查询范围: what is in force now, not the property's history.
  upstream: { async: appliedFor, constants: { cxfw: '1' } },
})

/** QLF_QL_DYAQ. Amounts stand in the register in 万元. */
const propertyMortgage = service({
  ...entries,
  id: 'property-mortgage',
  name: '房地产权关联抵押信息查询',
  section: '1.4.2.6',
  fields: {
    registrationCertificateNumber: field.text('登记证明号', { code: 'bdcdjzmh', required: true }),
    mortgagorInfo: field.list('抵押人信息', partyColumns('抵押人', ['dyr', 'qlrmc']), { code: ['dyrxx', 'ZTT_GY_QLR'], required: true }),
    mortgageMethod: field.code('抵押方式', lists.mortgageMethods, { code: 'dyfs' }),
    securedPrincipalClaimAmount: field.money('被担保主债权数额', { code: 'bdbzzqse', unit: '10k-yuan' }),
    buildingUnderConstructionLocation: field.text('在建建筑物位置', { code: ['zjjzwzl', 'zjjzwwz'] }),
    mortgageScope: field.text('抵押范围', { code: ['zjjzwdyfw', 'dyfw'] }),
    debtPerformancePeriod: field.text('债务履行期限', { code: ['zwlxqx', 'zwlxqssj'] }),
    maximumClaimDeterminationFacts: field.text('最高债权确定事实', { code: 'zgzqqdss' }),
    maximumClaimAmount: field.money('最高债权数额', { code: 'zgzqse', unit: '10k-yuan' }),
    mortgageRegistrationTime: field.datetime('抵押登记时间', { code: 'djsj' }),
    currentTitleStatus: field.code('当前权属状态', lists.titleStatuses, { code: 'qszt' }),
  },
}).via({
  // The register keeps two dates where the contract has one period.
  map(row, source) {
    const dates = ['zwlxqssj', 'zwlxjssj'].map((key) => dayOf(source[key] ?? source[key.toUpperCase()]))
    return dates.every((day) => day !== '') ? { ...row, debtPerformancePeriod: dates.join(' 至 ') } : row
  },
})

function dayOf(value: unknown): string {
  return (
    /^(\d{4})\D?(\d{2})\D?(\d{2})/
      .exec(String(value ?? ''))
      ?.slice(1)
      .join('-') ?? ''
  )
}

/** QLF_QL_CFDJ, running and lifted, with the owners of the property beside it. */
const propertySeizure = service({
  ...entries,
  id: 'property-seizure',
  name: '房地产权关联查封信息查询',
  section: '1.4.2.7',
  kind: 'list',
  parties: PARTIES,
  fields: {
    seizureDocumentNumber: field.text('查封文号', { code: 'cfwh', required: true }),
    seizureAuthority: field.text('查封机关', { code: 'cfjg' }),
    seizureType: field.code('查封类型', lists.seizureTypes, { code: 'cflx' }),
    seizureBasisDocument: field.text('查封依据文件', { code: 'cfwj' }),
    seizureScope: field.text('查封范围', { code: 'cffw' }),
    seizureStartTime: field.datetime('查封起始时间', { code: 'cfqssj' }),
    seizureEndTime: field.datetime('查封终止时间', { code: 'cfjssj' }),
    unsealingAuthority: field.text('解封机关', { code: 'jfjg' }),
    seizureRegistrationTime: field.datetime('查封登记时间', { code: 'djsj' }),
  },
})

/** QLF_QL_YYDJ, for the owners of the property and whoever lodged the objection. */
const propertyObjection = service({
  ...entries,
  id: 'property-objection',
  name: '房地产权关联异议信息查询',
  section: '1.4.2.8',
  parties: PARTIES,
  fields: {
    objectionContent: field.text('异议事项具体内容', { code: ['yysx', 'yynr'], required: true }),
    propertyUnitNumber: field.text('不动产单元号', { code: 'bdcdyh' }),
    registrationCertificateNumber: field.text('登记证明号', { code: 'bdcdjzmh' }),
    objectionJurisdictionCode: field.code('异议管辖区域代码', divisions, { code: 'qxdm' }),
  },
})

export const registerServices = [propertyRegistration, propertyMortgage, propertySeizure, propertyObjection]
