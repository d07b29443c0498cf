import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { contactPhone, filing, followed, own } from './common.ts'

/** 居民吹哨: a resident reports, the grid looks, whoever is called reports for duty, and the resident is answered. */
export const issueReport = service({
  ...filing,
  id: 'issue-report',
  name: '社区问题反馈（居民吹哨）',
  inputs: {
    issueKind: input.choice('问题类别', lists.issueKinds, { code: 'wtlb', required: true }),
    place: input.address('发生地点', { codes: ['fsdd', 'fsddqh'], required: true }),
    description: input.text('问题描述', { code: 'wtms', maxLength: 1000, required: true }),
    photos: input.list(
      '现场照片',
      input.file('现场照片', { codes: ['zp', 'zpmc'], mediaTypes: ['image/jpeg', 'image/png'], maxBytes: 5 * 1024 * 1024 }),
      { code: 'zplb', max: 6 },
    ),
    contactPhone,
  },
  fields: {
    issueNumber: field.text('问题编号', { code: 'wtbh', required: true }),
    issueStatus: field.code('办理状态', lists.issueStates, { code: 'blzt' }),
    reportedAt: field.datetime('吹哨时间', { code: 'cssj' }),
    updateTime: field.datetime('更新时间', { code: 'gxsj' }),
    issueKind: field.code('问题类别', lists.issueKinds, { code: 'wtlb' }),
    description: field.text('问题描述', { code: 'wtms' }),
    grid: field.text('所属网格', { code: 'sswg' }),
    handlingUnit: field.text('报到单位', { code: 'bddw' }),
    answer: field.text('办理结果', { code: 'bljg' }),
  },
  upstream: own('/api/issues'),
  submission: {
    ...followed,
    reference: 'issueNumber',
    words: { reportedAt: 'filedAt', updateTime: 'updatedAt', issueStatus: 'status' },
    remarks: ['answer'],
    refusal: 'answer',
    states: {
      dispatched: { title: '部门办理中', after: ['submitted', 'reviewing', 'approved'] },
      done: { title: '已办结', after: ['submitted', 'reviewing', 'approved', 'dispatched'] },
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
    },
    cancel: { sid: '/api/issues/cancel', when: ['submitted', 'reviewing'], to: 'withdrawn' },
    progress: [
      { state: 'withdrawn', when: { issueStatus: ['06'] } },
      { state: 'rejected', when: { issueStatus: ['05'] } },
      { state: 'done', when: { issueStatus: ['04'] } },
      { state: 'dispatched', when: { issueStatus: ['03'] } },
      { state: 'reviewing', when: { issueStatus: ['02'] } },
    ],
  },
})
