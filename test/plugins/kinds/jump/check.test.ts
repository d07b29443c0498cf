import t from 'tap'
import cemetery from '../../../../connectors/martyrs-cemetery/index.ts'
import type { ServiceContract } from '../../../../core/connector.ts'
import { field, input } from '../../../../core/connector.ts'
import { checkJump } from '../../../../plugins/kinds/jump/check.ts'

const contractOf = (id: string) => cemetery.services.find(({ contract }) => contract.id === id)?.contract as ServiceContract

function problems(id: string, change: Partial<ServiceContract> = {}): string[] {
  const found: string[] = []
  const contract = { ...contractOf(id), ...change }
  checkJump({ connector: cemetery, contract, own: true, report: (problem) => found.push(problem) })
  return found
}

t.test('a page that knows its visitor is handed over to, and one for everybody is not', async (t) => {
  t.same([problems('panorama-preview'), problems('authorized-entry')], [[], []])
  const handsNobodyOver = { jump: { page: 'h5/home', handOver: { by: 'none' } } } as const
  t.match(problems('authorized-entry', { ...handsNobodyOver, fields: {} }), [/needs a caller who is known/])
  t.match(problems('authorized-entry', { identity: 'none' }), [/needs a caller who is known/])
  t.match(problems('panorama-preview', { identity: 'login' }), [/needs a caller who is known/])
})

t.test('a page for everybody has one address', async (t) => {
  const lonely = [/one address/]
  t.match(problems('panorama-preview', { inputs: { hall: input.text('展厅') } }), lonely)
  t.match(problems('panorama-preview', { fields: { ticket: field.text('登录码') } }), lonely)
  t.match(problems('panorama-preview', { jump: { page: 'h5/x', handOver: { by: 'none' }, returnParameter: 'back' } }), lonely)
})
