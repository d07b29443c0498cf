import { field, input } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** A person's own, or the enterprise's for which they act (个人和企业均可). */
export const either = { section: '1.4.20', audience: 'person', agents: true } as const

const PAPER = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }
/** As many as `max`; of an application the first is one by itself. */
export const papers = (title: string, more: { required?: true } = {}) =>
  input.list(title, input.file(title, { codes: ['sqcl', 'sqclmc'], ...PAPER }), { code: 'sqcl', max: 10, ...more })

/** What every application says: what the certificate is for, where it will be used, in which language and how many. */
export const wanted = {
  purpose: input.choice('公证书用途', lists.purposes, { code: 'gzsyt', required: true }),
  placeOfUse: input.choice('使用地', lists.places, { code: 'syd', required: true }),
  language: input.choice('译文语种', lists.languages, { code: 'ywyz', required: true }),
  copies: input.integer('份数', { code: 'fs', minimum: 1, maximum: 20, required: true }),
  mainPaper: input.file('主要申请材料', { codes: ['zycl', 'zyclmc'], ...PAPER, required: true }),
  papers: papers('其他申请材料'),
  contactPhone: input.phone('联系电话', { code: 'lxdh', required: true }),
  truthDeclaration: input.choice('真实性承诺（文本版本）', lists.truths, { code: 'zscn', required: true }),
}

/** What the platform says of a case, whatever it is about. */
export const caseFields = {
  applicationNumber: field.text('受理编号', { code: 'slbh', required: true }),
  itemName: field.text('公证事项', { code: 'gzsx' }),
  applicationStatus: field.code('办理状态', lists.caseStatuses, { code: 'blzt' }),
  applicationTime: field.datetime('申请时间', { code: 'sqsj' }),
  updateTime: field.datetime('更新时间', { code: 'gxsj' }),
}
export const feedback = {
  reviewFeedback: field.text('审核反馈', { code: 'shfk' }),
  missingItems: field.list(
    '需要补充的材料',
    { name: field.text('材料名称', { code: 'clmc' }), reason: field.text('补充原因', { code: 'bzyy' }) },
    { code: 'bzcl' },
  ),
  supplementDeadline: field.date('补充期限', { code: 'bzqx' }),
}

/** 《公证程序规则》: taken in or not, looked at, supplemented where something is missing; withdrawn until the certificate is there. */
export const caseLife = (place: string) =>
  ({
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 60,
    maxAttempts: 8,
    words: { applicationTime: 'filedAt', updateTime: 'updatedAt', applicationStatus: 'status' },
    remarks: ['reviewFeedback'],
    refusal: 'reviewFeedback',
    states: {
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
      incomplete: { title: '待补充材料', after: ['submitted', 'reviewing'], pause: true },
    },
    cancel: { sid: `notary.${place}-cancel`, path: `${place}/cancel`, when: ['submitted', 'reviewing', 'incomplete'], to: 'withdrawn' },
    supplement: {
      sid: `notary.${place}-supplement`,
      path: `${place}/supplement`,
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: {
        statement: input.text('补充说明', { code: 'bzsm', maxLength: 500, required: true }),
        paper: input.file('补充材料', { codes: ['bzclfj', 'bzclfjmc'], ...PAPER }),
      },
    },
    progress: [
      { state: 'withdrawn', when: { applicationStatus: ['08'] } },
      { state: 'incomplete', when: { applicationStatus: ['07'] } },
      { state: 'rejected', when: { applicationStatus: ['05', '06'] } },
      { state: 'approved', when: { applicationStatus: ['04'] } },
      { state: 'reviewing', when: { applicationStatus: ['02', '03'] } },
    ],
  }) as const
