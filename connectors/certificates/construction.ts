import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

const certificateNumber = input.documentNumber('证书编号', { code: 'ZZBH', field: 'certificateNumber' })

/** 持证主体 is the person. An employer finds all whom it employs, so there may be several. */
const classTwoConstructor = service({
  id: 'class-two-constructor-certificate',
  name: '二级建造师证书信息查询',
  section: '1.4.7.1',
  kind: 'query',
  rows: 'many',
  anyOf: ['idNumber', 'certificateNumber', 'enterpriseName'],
  inputs: {
    idNumber: input.text('证件号码', { code: 'CZZTDM', format: 'id-number', field: 'idNumber' }),
    certificateNumber,
    enterpriseName: input.text('企业名称', { code: 'KZ_empEnp', field: 'enterpriseName' }),
  },
  fields: {
    personName: field.text('建造师姓名', { code: 'CZZT', mask: 'name' }),
    gender: field.code('性别', lists.genders, { code: 'KZ_sex' }),
    idNumber: field.text('证件号码', { code: 'CZZTDM', mask: 'idNumber' }),
    enterpriseName: field.text('注册企业全称', { code: 'KZ_empEnp' }),
    unifiedSocialCreditCode: field.text('注册企业统一代码', { code: 'KZ_empEnpCode' }),
    registrationNumber: field.text('注册编号', { code: 'KZ_regNum', required: true }),
    practiceQualification: field.text('执业专业资质', { code: 'KZ_specSub' }),
    certificateStatus: field.code('证书有效状态', lists.certificateStates, { code: 'ZZZT' }),
    validUntil: field.date('有效期截止日', { code: ['ZZYXQJZRQ', 'KZ_subEndDate'] }),
    certificateNumber: field.text('证书编号', { code: 'ZZBH' }),
  },
})

/** 企业全信息 of one who takes part in the work; who leads it there is a person, and shortened. */
const unit = (title: string, code: string) =>
  field.list(
    title,
    {
      unitName: field.text('单位全称', { code: 'dwmc' }),
      unifiedSocialCreditCode: field.text('统一社会信用代码', { code: 'tyshxydm' }),
      qualificationLevel: field.text('资质等级', { code: 'zzdj' }),
      qualificationNumber: field.text('资质证书编号', { code: 'zzzsbh' }),
      personInCharge: field.text('项目负责人', { code: 'xmfzr', mask: 'name' }),
    },
    { code },
  )

/** An owner may have many permits; a number finds one. */
const permit = service({
  id: 'construction-permit',
  name: '建筑工程施工许可证查询信息查询',
  section: '1.4.7.2',
  kind: 'query',
  rows: 'many',
  anyOf: ['certificateNumber', 'projectOwnerUnifiedSocialCreditCode'],
  inputs: {
    certificateNumber,
    projectOwnerUnifiedSocialCreditCode: input.text('建设单位统一社会信用代码', {
      code: 'KZ_buildCorpCode',
      format: 'uscc',
      field: 'projectOwnerUnifiedSocialCreditCode',
    }),
  },
  fields: {
    projectName: field.text('工程法定名称', { code: 'KZ_prjName' }),
    constructionAddress: field.text('建设地址', { code: 'KZ_buildAddr' }),
    constructionScaleArea: field.number('建设规模（面积）', { code: 'KZ_area' }),
    constructionScaleHeight: field.number('建设规模（高度）', { code: 'KZ_height' }),
    constructionScaleFloors: field.integer('建设规模（层数）', { code: 'KZ_floors' }),
    // As permits print it, in 万元.
    contractPrice: field.money('合同价格', { code: 'KZ_contractPrice', unit: '10k-yuan' }),
    projectOwnerName: field.text('建设单位全称', { code: ['KZ_buildCorpName', 'CZZT'] }),
    projectOwnerUnifiedSocialCreditCode: field.text('建设单位统一社会信用代码', { code: ['KZ_buildCorpCode', 'CZZTDM'] }),
    contractorName: field.text('施工单位全称', { code: 'KZ_consCorpName' }),
    contractorUnifiedSocialCreditCode: field.text('施工单位统一社会信用代码', { code: 'KZ_consCorpCode' }),
    contractorPersonInCharge: field.text('施工单位负责人', { code: 'KZ_consCorpLeader', mask: 'name' }),
    surveyUnitInfo: unit('勘察单位企业全信息', 'KZ_econCorps'),
    designUnitInfo: unit('设计单位企业全信息', 'KZ_designCorps'),
    drawingReviewUnitInfo: unit('图审单位企业全信息', 'KZ_drawingCorps'),
    supervisionUnitInfo: unit('监理单位企业全信息', 'KZ_superCorps'),
    certificateNumber: field.text('证书编号', { code: 'ZZBH', required: true }),
    issuingAuthority: field.text('发证机关', { code: 'ZZBFJG' }),
    issueDate: field.date('发证日期', { code: 'ZZBFRQ' }),
    certificateStatus: field.code('证书有效状态', lists.certificateStates, { code: 'ZZZT' }),
  },
})

export const constructionServices = [classTwoConstructor, permit]
