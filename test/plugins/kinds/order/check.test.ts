import t from 'tap'
import realEstate from '../../../../connectors/real-estate/index.ts'
import { checkOrder } from '../../../../plugins/kinds/order/check.ts'
import type { OrderPolicy } from '../../../../plugins/kinds/order/policy.ts'

const contract = realEstate.services.find(({ contract: { id } }) => id === 'tax-and-fee-payment')?.contract
const policy = contract?.order as OrderPolicy
if (!contract || !policy) throw new Error('no order')

function problems(change: Partial<OrderPolicy>): string[] {
  const found: string[] = []
  const subject = { ...contract, order: { ...policy, ...change } } as NonNullable<typeof contract>
  checkOrder({ connector: realEstate, contract: subject, own: true, report: (problem) => found.push(problem) })
  return found
}

t.test('a word that nobody could fill in is found at the start', async (t) => {
  t.same(problems({}), [])
  const { receipt: _, ...silent } = policy.writeOff
  t.match(problems({ writeOff: silent }), [/electronicTaxReceiptNumber: the write-off names no receipt/])
  t.match(problems({ words: { orderTime: 'receipt' } }), [/orderTime: receipt needs a field of type text/])
  t.match(problems({ words: { paymentNumber: 'time' } }), [/paymentNumber: time needs a field of type datetime/])
})

t.test('a code that the bill’s list has not would never let it be paid', async (t) => {
  const { field = '' } = policy.payable ?? {}
  t.match(problems({ payable: { field, codes: ['no-such-code'] } }), [`order.payable: ${field} has no code no-such-code`])
})
