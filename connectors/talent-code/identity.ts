import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'

const personName = field.text('姓名', { code: 'xm', mask: 'name', reveal: true })
const talentCategory = field.code('人才类别', lists.talentCategories, { code: 'rclb' })
const standing = {
  talentNumber: field.text('人才编号', { code: 'rcbh', required: true }),
  talentCategory,
  holding: field.code('人才资格状态', lists.holdings, { code: 'zgzt' }),
  certifiedOn: field.date('认定日期', { code: 'rdrq' }),
  validUntil: field.until('资格有效期至', { code: 'yxqz' }),
}
const NOT_CERTIFIED = '通过认证的人才才有人才码，可以先申请人才在线认证。'

const info = service({
  id: 'talent-info',
  name: '人才信息',
  section: '1.4.21',
  kind: 'query',
  identity: 'real-name',
  single: '一人只有一份人才信息',
  none: NOT_CERTIFIED,
  lastGood,
  inputs: {},
  fields: {
    personName,
    idInfo: field.text('证件信息', { code: 'zjhm', mask: 'idNumber', subject: 'person' }),
    educationLevel: field.code('学历', lists.educationLevels, { code: 'xl' }),
    experience: field.list(
      '经历',
      {
        experienceKind: field.code('经历类别', lists.experienceKinds, { code: 'jllb' }),
        organisation: field.text('单位或者学校', { code: 'dwmc' }),
        position: field.text('岗位或者专业', { code: 'gw' }),
        from: field.month('起始月份', { code: 'qsny' }),
        until: field.month('截止月份', { code: 'jzny' }),
      },
      { code: 'jl' },
    ),
    ...standing,
  },
  upstream: { path: 'talents/me', method: 'GET' },
})

/**
 * The platform makes the code, a new one every minute; the picture is that of the code as it is when it is fetched. Printed, it is a sheet
 * with a code of the hub's beside it, which anybody can check at `/v1/verify/{code}` for as long.
 */
const dynamicCode = service({
  id: 'dynamic-talent-code',
  name: '动态人才码生成',
  section: '1.4.21',
  kind: 'document',
  document: { title: '人才码出示凭证', minutes: 2 },
  identity: 'real-name',
  single: '一人同时只有一个人才码',
  none: NOT_CERTIFIED,
  files: { sid: 'talent.code-image', path: 'codes/image', parameter: 'tpbh', method: 'GET' },
  inputs: {},
  fields: {
    talentCode: field.files('动态人才码', { code: 'rcmtp' }),
    codeContent: field.text('码的内容', { code: 'rcm', required: true }),
    expiresAt: field.datetime('失效时间', { code: 'sxsj' }),
    personName,
    talentCategory,
  },
  upstream: { path: 'codes' },
})

/** Whoever scans a code learns that it holds, a shortened name and the class, and nothing else; the platform learns nothing of who scans. */
const verification = service({
  id: 'talent-code-verification',
  name: '人才码扫码核验',
  section: '1.4.21',
  kind: 'query',
  audience: 'public',
  identity: 'login',
  rate: { max: 30, perSeconds: 60 },
  single: '一个码只属于一个人',
  none: '人才码无效或者已经过期，请持码人刷新后再出示。',
  inputs: {
    talentCode: input.text('动态人才码', {
      code: 'rcm',
      field: 'talentCode',
      pattern: '^RCM[0-9A-Z]{24}$',
      examples: ['RCM0123456789ABCDEFGHJKMNPQ'],
      required: true,
    }),
  },
  fields: {
    talentCode: field.text('动态人才码', { code: 'rcm', required: true }),
    valid: field.flag('是否有效', { code: 'sfyx', required: true }),
    personName: field.text('持码人', { code: 'xm', mask: 'name' }),
    talentCategory,
    verifiedAt: field.datetime('核验时间', { code: 'hysj' }),
  },
  upstream: { path: 'codes/verify' },
})

const personalCentre = service({
  id: 'personal-center',
  name: '个人中心',
  section: '1.4.21',
  kind: 'query',
  single: '一人只有一个个人中心',
  none: NOT_CERTIFIED,
  inputs: {},
  fields: {
    personName,
    ...standing,
    usableBenefits: field.integer('可用权益（项）', { code: 'kyqy' }),
    usesThisYear: field.integer('今年已用（次）', { code: 'yycs' }),
    benefitUses: field.list(
      '权益使用记录',
      {
        benefitName: field.text('权益名称', { code: 'qymc' }),
        place: field.text('使用地点', { code: 'sydd' }),
        usedAt: field.datetime('使用时间', { code: 'sysj' }),
        useStatus: field.code('使用状态', lists.useStatuses, { code: 'syzt' }),
      },
      { code: 'syjl' },
    ),
  },
  upstream: { path: 'talents/me/centre', method: 'GET' },
})

export const identityServices = [info, dynamicCode, verification, personalCentre]
