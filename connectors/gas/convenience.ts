import { field, input, service } from '../../core/connector.ts'
import { accountFields, boundAccount } from './accounts.ts'
import { PERIOD_CODES } from './charges.ts'
import * as lists from './codes.ts'

/** The same for everybody, signed in or not. */
const open = { section: '1.4.13', audience: 'public', identity: 'none', cache: { seconds: 600 } } as const

const hotline = service({
  ...open,
  id: 'hotline',
  // An emergency number is had at any hour.
  lastGood: { maxAgeSeconds: 7 * 86_400 },
  name: '热线电话',
  kind: 'catalog',
  inputs: {},
  fields: {
    hotlineNumber: field.text('热线电话', { code: 'rxdh', required: true }),
    name: field.text('名称', { code: 'mc' }),
    hours: field.text('服务时间', { code: 'fwsj' }),
  },
  upstream: { sid: 'api/v1/public/hotlines' },
})

/** With `near`, nearest first; where somebody is, the company is not told. */
const serviceOutlets = service({
  ...open,
  id: 'service-outlets',
  name: '服务网点查询',
  kind: 'list',
  rows: 'one',
  single: '网点名录只有一份',
  inputs: {
    near: input.near('我的位置', {
      longitude: 'serviceOutlets.longitude',
      latitude: 'serviceOutlets.latitude',
      distance: 'serviceOutlets.distance',
    }),
  },
  fields: {
    serviceOutlets: field.list(
      '服务网点',
      {
        name: field.text('名称', { code: 'wdmc' }),
        address: field.text('地址', { code: 'wddz' }),
        phone: field.text('服务电话', { code: 'fwdh' }),
        hours: field.text('营业时间', { code: 'yysj' }),
        services: field.text('可办业务', { code: 'kbyw' }),
        longitude: field.number('经度', { code: 'jd' }),
        latitude: field.number('纬度', { code: 'wd' }),
        distance: field.integer('距离（米）'),
      },
      { code: 'wdlb', required: true },
    ),
  },
  upstream: { sid: 'api/v1/public/outlets' },
})

const safetyEducation = service({
  ...open,
  id: 'safety-education',
  name: '安全知识宣传',
  kind: 'catalog',
  rows: 'one',
  single: '安全知识只有一份目录',
  inputs: { articleKind: input.choice('类别', lists.articleKinds, { code: 'lb', field: 'safetyArticles.articleKind' }) },
  fields: {
    safetyArticles: field.list(
      '安全知识',
      {
        title: field.text('标题', { code: 'bt' }),
        articleKind: field.code('类别', lists.articleKinds, { code: 'lb' }),
        content: field.text('内容', { code: 'nr' }),
        source: field.text('依据', { code: 'yj' }),
        publishedOn: field.date('发布日期', { code: 'fbrq' }),
      },
      { code: 'wzlb', required: true },
    ),
  },
  upstream: { sid: 'api/v1/public/safety' },
})

/** When somebody can come; those that are full are listed, too. Asked anew for every booking: a window goes fast. */
const appointmentSlots = service({
  ...open,
  cache: { seconds: 5 },
  id: 'appointment-slots',
  name: '上门时段查询',
  kind: 'list',
  inputs: { appointmentDate: input.date('预约上门日期', { code: 'yyrq', field: 'appointmentDate' }) },
  fields: {
    appointmentDate: field.date('预约上门日期', { code: 'yyrq', required: true }),
    appointmentSlot: field.text('预约上门时段', { code: 'yysd', required: true }),
    bookable: field.flag('可以预约', { code: 'kyy', required: true }),
    left: field.integer('余量', { code: 'yl' }),
  },
  upstream: { sid: 'api/v1/public/slots' },
})

const inspectionRecords = service({
  id: 'inspection-records',
  name: '安检记录查询',
  section: '1.4.13',
  kind: 'list',
  rows: 'one',
  single: '一个户号只有一份安检记录',
  inputs: {
    gasAccountNumber: boundAccount,
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'inspectionRecords.inspectionTime' }),
  },
  fields: {
    inspectionRecords: field.list(
      '安检记录',
      {
        inspectionTime: field.datetime('安检时间', { code: 'ajsj' }),
        result: field.code('安检结果', lists.inspectionResults, { code: 'ajjg' }),
        hazardLevel: field.code('隐患等级', lists.hazardLevels, { code: 'yhdj' }),
        hazard: field.text('隐患内容', { code: 'yhnr' }),
        rectification: field.code('整改情况', lists.rectifications, { code: 'zgqk' }),
        rectifyBy: field.date('整改期限', { code: 'zgqx' }),
        inspectorName: field.text('安检人员', { code: 'ajry', mask: 'name' }),
        inspectorNumber: field.text('工号', { code: 'gh' }),
      },
      { code: 'ajjl', essential: true },
    ),
    gasAccountNumber: accountFields.gasAccountNumber,
    gasAddress: accountFields.gasAddress,
    nextInspection: field.month('下次安检月份', { code: 'xcaj' }),
    meterKind: field.code('表具类型', lists.meterKinds, { code: 'bjlx' }),
    meterInstalledOn: field.date('表具安装日期', { code: 'bjazrq' }),
    meterDueOn: field.date('表具使用期限', { code: 'bjqx' }),
  },
  upstream: { sid: 'api/v1/inspections/list' },
})

export const convenienceServices = [hotline, serviceOutlets, safetyEducation, appointmentSlots, inspectionRecords]
