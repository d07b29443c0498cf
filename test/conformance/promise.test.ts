import t from 'tap'
import { checkPromise, type Promised, shortfalls } from '../../conformance/promise.ts'
import { field, input } from '../../core/connector.ts'
import type { ServiceContract } from '../../core/contract/types.ts'
import { library } from '../helper/library-connector.ts'

const [{ contract: some }] = library.services as [(typeof library.services)[number]]
const loans: ServiceContract = {
  ...some,
  ...{ id: 'loans', name: '我的借阅', kind: 'list', audience: 'person', identity: 'real-name' },
  inputs: { due: input.period('应还日期', { codes: ['ksrq', 'jsrq'], field: 'due' }), branch: input.text('馆', { code: 'g' }) },
  fields: { title: field.text('题名', { code: 'sm' }), due: field.date('应还日期', { code: 'yhrq' }), fine: field.money('罚款') },
}
const { id, name, kind, audience, identity, section } = loans
const promise: Promised = {
  ...{ id, name, kind, audience, identity, ...(section === undefined ? {} : { section }) },
  inputs: [['due', '应还日期']],
  fields: [
    ['title', '题名', 'string'],
    ['due', '应还日期', 'date'],
  ],
}

t.test('what is declared as promised is kept, whatever follows', async (t) => {
  t.same(shortfalls([promise], [loans]), [])
})

t.test('what differs is named, with what is promised and what is declared', async (t) => {
  const { due, title, fine } = loans.fields as Record<'due' | 'title' | 'fine', ServiceContract['fields'][string]>
  const cases: [ServiceContract | null, string | string[]][] = [
    [null, 'loans：没有这项服务'],
    [{ ...loans, name: '借阅' }, 'loans：name 应为 我的借阅，声明是 借阅'],
    [{ ...loans, audience: 'public' }, 'loans：audience 应为 person，声明是 public'],
    [{ ...loans, inputs: {} }, 'loans：第 1 个输入应为 due“应还日期”，声明没有这么多'],
    [{ ...loans, fields: { title, fine, due } }, 'loans：第 2 个字段应为 due“应还日期”，声明是 fine“罚款”'],
    [{ ...loans, fields: { due, title, fine } }, 'loans：第 1 个字段应为 title“题名”，声明是 due“应还日期”'],
    [{ ...loans, fields: { title, due: field.date('到期日') } }, 'loans：第 2 个字段应为 due“应还日期”，声明是 due“到期日”'],
    [{ ...loans, fields: { title } }, 'loans：第 2 个字段应为 due“应还日期”，声明没有这么多'],
    [{ ...loans, fields: { title, due: field.text('应还日期') } }, 'loans.due：date 应声明为 field.date、field.until，声明是 field.text'],
  ]
  for (const [declared, said] of cases) t.same(shortfalls([promise], declared ? [declared] : []), [said])
  t.same(shortfalls([promise], [loans, { ...loans, id: 'extra' }]), ['extra：promise.json 里没有这项服务'])
  t.match(shortfalls([{ ...promise, fields: [['title', '题名', 'text']] }], [loans]), [
    /^loans\.title：没有“text”这种类型，可用 string、number、/,
  ])
})

t.test('what the hub keeps is not declared', async (t) => {
  const kept = [{ ...promise, by: 'hub' }]
  t.same(shortfalls(kept, []), [])
  t.same(shortfalls(kept, [loans]), ['loans：声明了，合同却说由 hub 提供'])
})

t.test('the kit compares what is there to compare', async (t) => {
  const connector = { ...library, services: [{ contract: loans, handler: null }] }
  t.match(checkPromise({ connector, readme: null, promise: null }), { skip: /promise\.json/ })
  t.match(checkPromise({ connector, readme: null, promise: [{ id: 'loans', demands: ['分页'] }] }), { skip: /没有写/ })
  t.same(checkPromise({ connector, readme: null, promise: [promise] }), [])
  const renamed: Promised = { ...promise, name: '借阅' }
  t.same(checkPromise({ connector, readme: null, promise: [renamed] }), ['loans：name 应为 借阅，声明是 我的借阅'])
})
