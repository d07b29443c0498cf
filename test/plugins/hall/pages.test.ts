import t from 'tap'
import { checkPages, type PagesPolicy } from '../../../plugins/hall/policy.ts'
import { answerPart } from '../../../plugins/hall/service-page.ts'
import library from '../../library/index.ts'

const [first = ''] = library.services.map(({ contract }) => contract.id)
const check = (pages: PagesPolicy) => checkPages({ ...library, pages })

t.test('what a connector says of its pages names services that are there', async (t) => {
  t.same(check({}), [])
  t.same(check({ order: [first], groups: { 借阅: [first] }, help: { [first]: '先选日期。' }, recommended: [first] }), [])
  t.same(check({ order: ['u'], groups: { 借阅: ['x'] }, help: { y: '' }, within: { z: '即时' }, recommended: ['v'] }), [
    'pages.order：没有服务 u',
    'pages.recommended：没有服务 v',
    'pages.groups.借阅：没有服务 x',
    'pages.help：没有服务 y',
    'pages.within：没有服务 z',
  ])
})

t.test('an answer of before says so, and when there is one of now', async (t) => {
  const look = { fields: {}, fileAddress: (href: string) => href }
  const shape = { properties: { balance: { title: '余额' } } }
  const shown = (meta: object) => answerPart(shape, { balance: '12' }, { asOf: '2026-11-27T22:00:00+08:00', ...meta }, look, () => '')
  const closed = { reason: '日终处理', until: '2026-11-28T01:00:00+08:00' }
  t.match(shown({ closed }), /日终处理，2026-11-28 01:00 恢复；以下是您上一次查到的结果/)
  t.notMatch(shown({}), '上一次')
})
