import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'
import { contactPhone, filing, followed, own, section } from './common.ts'

/** A code of the platform's, good once, for the user's token: the browser carries it in a form, and nothing else. */
const handOver = { by: 'ticket', field: 'ticket', parameter: 'ticket', carrier: 'form' } as const

const entry = <const Id extends string>(id: Id, name: string, page: string, sid: string) =>
  service({
    id,
    name,
    section,
    kind: 'jump',
    inputs: {},
    fields: { ticket: field.text('一次性登录码', { code: 'ticket', required: true }) },
    jump: { page, handOver, returnParameter: 'backUrl' },
    upstream: own(sid),
    rate: { max: 20, perSeconds: 60 },
  })

const items = service({
  id: 'government-services',
  name: '在线办理政务服务',
  section,
  kind: 'catalog',
  inputs: {},
  fields: {
    itemNumber: field.text('事项编号', { code: 'sxbh', required: true }),
    itemName: field.text('事项名称', { code: 'sxmc', required: true }),
    itemStatus: field.code('事项状态', lists.itemStates, { code: 'sxzt' }),
    materials: field.text('所需材料', { code: 'sxcl' }),
    handlingTime: field.text('办理时限', { code: 'blsx' }),
    handlingUnit: field.text('办理单位', { code: 'bldw' }),
  },
  upstream: { path: 'government-items', method: 'GET' },
  lastGood,
  retry: { attempts: 1 },
})

/** 生育登记: what the couple says; who files the user's token says, and the id number of that account is the user's own. */
const birth = service({
  ...filing,
  id: 'birth-registration',
  name: '生育登记',
  inputs: {
    personName: input.text('配偶姓名', { code: 'poxm', maxLength: 50 }),
    spousePaperType: input.choice('配偶证件类型', lists.spousePapers, { code: 'pozjlx' }),
    spousePaperNumber: input.paperNumber('配偶证件号码', { code: 'pozjhm', kind: 'spousePaperType', cards: lists.CARDS }),
    childOrder: input.choice('孩次', lists.childOrders, { code: 'hc', required: true }),
    expectedDate: input.date('预产期或者出生日期', { code: 'ycq', required: true }),
    residence: input.address('现居住地', { codes: ['xjzd', 'xjzdqh'], required: true }),
    contactPhone,
    truthDeclaration: input.choice('承诺（文本版本）', lists.truths, { code: 'cnwb', required: true }),
  },
  fields: {
    registrationNumber: field.text('登记编号', { code: 'djbh', required: true }),
    registrationStatus: field.code('登记状态', lists.birthStates, { code: 'djzt' }),
    appliedAt: field.datetime('申请时间', { code: 'sqsj' }),
    childOrder: field.code('孩次', lists.childOrders, { code: 'hc' }),
    opinion: field.text('审核意见', { code: 'shyj' }),
  },
  upstream: own('/api/births'),
  submission: {
    ...followed,
    reference: 'registrationNumber',
    words: { appliedAt: 'filedAt', registrationStatus: 'status' },
    refusal: 'opinion',
    states: { withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true } },
    cancel: { sid: '/api/births/cancel', when: ['submitted', 'reviewing'], to: 'withdrawn' },
    progress: [
      { state: 'withdrawn', when: { registrationStatus: ['05'] } },
      { state: 'rejected', when: { registrationStatus: ['04'] } },
      { state: 'approved', when: { registrationStatus: ['03'] } },
      { state: 'reviewing', when: { registrationStatus: ['02'] } },
    ],
  },
})

/** What goes on in the grid where the resident lives, as the platform knows it. */
const updates = service({
  id: 'grid-updates',
  name: '社区网格动态',
  section,
  kind: 'list',
  rows: 'one',
  single: '每位居民只有一份所在网格的动态',
  inputs: { updateKind: input.choice('动态类别', lists.updateKinds, { code: 'dtlb', field: 'gridUpdates.updateKind' }) },
  fields: {
    gridUpdates: field.list(
      '社区网格动态',
      {
        title: field.text('标题', { code: 'bt' }),
        updateKind: field.code('动态类别', lists.updateKinds, { code: 'dtlb' }),
        content: field.text('内容', { code: 'nr' }),
        publishedAt: field.datetime('发布时间', { code: 'fbsj' }),
        publisher: field.text('发布单位', { code: 'fbdw' }),
      },
      { code: 'dtjl', required: true },
    ),
    community: field.text('社区', { code: 'sq' }),
    grid: field.text('网格', { code: 'wg' }),
    gridWorker: field.text('网格员', { code: 'wgy', mask: 'name' }),
    gridPhone: field.text('网格员电话', { code: 'wgydh' }),
  },
  upstream: { ...own('/api/grid/updates'), method: 'GET' },
  retry: { attempts: 1 },
})

export const entryServices = [entry('authorized-entry', '授权进入许邻e家', 'h5/home', '/sso/community-tickets')]
export const governmentServices = [
  items,
  birth,
  entry('social-insurance', '社保', 'h5/social-insurance', '/sso/community-tickets/social-insurance'),
  updates,
]
