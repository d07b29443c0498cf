import t from 'tap'
import { checkPages, type PagesPolicy } from '../../../plugins/hall/policy.ts'
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
