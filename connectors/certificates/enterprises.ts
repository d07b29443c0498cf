import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

const enterpriseName = input.text('企业名称', { code: 'CZZT', field: 'enterpriseName' })

/** 三重责任主体: each is a person, and shortened. An enterprise may hold certificates of several fields. */
const designQualification = service({
  id: 'engineering-design-qualification',
  name: '工程设计资质证书信息查询',
  section: '1.4.7.3',
  kind: 'query',
  rows: 'many',
  anyOf: ['enterpriseName', 'unifiedSocialCreditCode'],
  inputs: {
    enterpriseName,
    unifiedSocialCreditCode: input.text('统一社会信用代码', { code: 'CZZTDM', format: 'uscc', field: 'unifiedSocialCreditCode' }),
  },
  fields: {
    certificateNumber: field.text('资质证书编号', { code: 'ZZBH', required: true }),
    issuingAuthority: field.text('发证机关', { code: 'ZZBFJG' }),
    qualificationLevel: field.text('资质等级', { code: 'KZ_quaLevel' }),
    qualificationScope: field.text('资质范围', { code: 'KZ_quaScope' }),
    businessPermitList: field.list(
      '业务许可清单',
      {
        permitName: field.text('许可业务', { code: 'ywmc' }),
        permitLevel: field.text('等级', { code: 'ywdj' }),
        approvedOn: field.date('批准日期', { code: 'pzrq' }),
      },
      { code: 'KZ_busiList' },
    ),
    registeredCapital: field.money('注册资本', { code: 'KZ_regCapital', unit: '10k-yuan' }),
    establishmentDate: field.date('企业成立时间', { code: 'KZ_estDate' }),
    // Of a company, and in the public register.
    enterpriseAddress: field.text('详细地址', { code: 'KZ_address' }),
    legalRepresentativeName: field.text('法人', { code: 'KZ_legalRep', mask: 'name' }),
    unitPersonInCharge: field.text('单位负责人', { code: 'KZ_unitLeader', mask: 'name' }),
    constructionPersonInCharge: field.text('建设负责人', { code: 'KZ_buildLeader', mask: 'name' }),
    enterpriseName: field.text('企业名称', { code: 'CZZT' }),
    unifiedSocialCreditCode: field.text('统一社会信用代码', { code: 'CZZTDM' }),
    certificateStatus: field.code('证书有效状态', lists.certificateStates, { code: 'ZZZT' }),
    validUntil: field.until('有效期至', { code: 'ZZYXQJZRQ' }),
  },
})

/** 营业执照号 is the unified social credit code since 2015. Given both, both must agree. */
const drugProduction = service({
  id: 'drug-production-license',
  name: '药品生产许可证信息查询',
  section: '1.4.7.4',
  kind: 'query',
  single: '一家企业的许可证列在一条答复中',
  anyOf: ['enterpriseName', 'businessLicenseNumber'],
  inputs: {
    enterpriseName,
    businessLicenseNumber: input.text('营业执照号', { code: 'CZZTDM', format: 'uscc', field: 'businessLicenseNumber' }),
  },
  fields: {
    drugProductionLicenses: field.list(
      '药品生产许可证信息',
      {
        licenseNumber: field.text('许可证编号', { code: 'ZZBH' }),
        classificationCode: field.text('分类码', { code: 'KZ_flm' }),
        productionAddress: field.text('生产地址', { code: 'KZ_scdz' }),
        productionScope: field.text('生产范围', { code: 'KZ_scfw' }),
        legalRepresentativeName: field.text('法定代表人', { code: 'KZ_fddbr', mask: 'name' }),
        enterprisePersonInCharge: field.text('企业负责人', { code: 'KZ_qyfzr', mask: 'name' }),
        qualityPersonInCharge: field.text('质量负责人', { code: 'KZ_zlfzr', mask: 'name' }),
        issuingAuthority: field.text('发证机关', { code: 'ZZBFJG' }),
        issueDate: field.date('发证日期', { code: 'ZZBFRQ' }),
        validUntil: field.until('有效期至', { code: 'ZZYXQJZRQ' }),
        licenseStatus: field.code('证照状态', lists.certificateStates, { code: 'ZZZT' }),
      },
      { code: 'KZ_xkzList', required: true },
    ),
    enterpriseName: field.text('企业名称', { code: 'CZZT' }),
    businessLicenseNumber: field.text('营业执照号', { code: 'CZZTDM' }),
  },
})

export const enterpriseServices = [designQualification, drugProduction]
