import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** Only of the asker, or of the enterprise whose mandate they hold; the platform's own PDF hangs on it. */
const report = service({
  id: 'credit-report-download',
  name: '信用报告下载',
  section: '1.4.17',
  kind: 'document',
  document: { title: '公共信用信息概况' },
  audience: 'person',
  agents: true,
  single: '一份报告只关于一个主体',
  files: { sid: 'credit.report-file', path: 'report/file', parameter: 'bgbh', method: 'GET' },
  inputs: { purpose: input.choice('用途', lists.reportPurposes, { code: 'bgyt' }) },
  fields: {
    creditReport: field.files('信用报告', { code: 'xybg' }),
    reportNumber: field.text('报告编号', { code: 'bgbh', required: true }),
    subjectName: field.text('主体名称', { code: 'ztmc', mask: 'party', reveal: true }),
    generatedAt: field.datetime('生成时间', { code: 'scsj' }),
    creditGrade: field.code('公共信用综合评价等级', lists.creditGrades, { code: 'xydj' }),
    licenceCount: field.integer('行政许可（条）', { code: 'xksl' }),
    penaltyCount: field.integer('公示期内的行政处罚（条）', { code: 'cfsl' }),
    trustCount: field.integer('守信名单（条）', { code: 'sxsl' }),
    dishonestyCount: field.integer('失信名单（条）', { code: 'shixinsl' }),
    penalties: field.list(
      '公示期内的行政处罚',
      {
        decisionNumber: field.text('行政处罚决定书文号', { code: 'cfwsh' }),
        penaltyKind: field.code('处罚类别', lists.penaltyKinds, { code: 'cflb' }),
        decisionDate: field.date('处罚决定日期', { code: 'jdrq' }),
        publicUntil: field.date('公示截止期', { code: 'gsjzq' }),
        penalisingAgency: field.text('处罚机关', { code: 'cfjg' }),
      },
      { code: 'cfxx' },
    ),
  },
  upstream: { path: 'report' },
})

export const reportServices = [report]
