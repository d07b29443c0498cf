import { field, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** What the platform holds of the asker, or of the enterprise for which they act. */
export const information = service({
  id: 'information-data',
  name: '个人和企业信息数据',
  section: '1.4.19',
  kind: 'query',
  agents: true,
  single: '平台对一个主体只有一份信息',
  inputs: {},
  fields: {
    personName: field.text('姓名', { code: 'xm', mask: 'name', reveal: true }),
    enterpriseName: field.text('企业名称', { code: 'qymc' }),
    assets: field.list(
      '资产',
      {
        assetKind: field.code('资产类别', lists.assetKinds, { code: 'zclb' }),
        assetName: field.text('资产名称', { code: 'zcmc' }),
        assetValue: field.money('价值', { code: 'jz' }),
        valuedOn: field.date('估值日期', { code: 'gzrq' }),
        pledged: field.flag('是否已抵押', { code: 'sfdy' }),
      },
      { code: 'zcqd' },
    ),
    operatingStatus: field.text('经营状况', { code: 'jyzk', required: true }),
    operatingState: field.code('经营状态', lists.operatingStates, { code: 'jyzt' }),
    enterpriseSize: field.code('企业规模', lists.sizes, { code: 'qygm' }),
    reportYear: field.integer('年度', { code: 'nd' }),
    revenue: field.money('营业收入', { code: 'yysr' }),
    netProfit: field.money('净利润', { code: 'jlr' }),
    taxPaid: field.money('纳税总额', { code: 'nsze' }),
    employees: field.integer('从业人数', { code: 'cyrs' }),
    creditGrade: field.text('综合信用评级', { code: 'xydj' }),
    authorisedUntil: field.until('授权有效期至', { code: 'sqyxq' }),
  },
  upstream: { path: 'subjects/information' },
})
