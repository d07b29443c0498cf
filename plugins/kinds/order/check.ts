import type { KindSubject } from '../../declarations/kind-rules.ts'
import { unlisted } from '../../declarations/unlisted.ts'
import './policy.ts'
import { allOrderStates } from './states.ts'

const WORD_TYPES = { number: 'text', state: 'code', amount: 'money', time: 'datetime', receipt: 'text' } as const

/** What makes an order one that can be paid, written off and answered for. */
export function checkOrder({ connector, contract, own, report }: KindSubject): void {
  if (!own) {
    if (contract.order) report('order is for services of kind order')
    return
  }
  const { order: policy, inputs, fields, identity } = contract
  if (!policy) {
    report('a service of kind order says which bill it is for (order)')
    return
  }
  if (identity === 'none') report('an order needs a caller who is known')
  for (const [name, word] of Object.entries(policy.words ?? {})) {
    const notes = fields[name]?.notes
    if (notes?.type !== WORD_TYPES[word]) report(`order.words.${name}: ${word} needs a field of type ${WORD_TYPES[word]}`)
    const missing = word === 'state' ? allOrderStates.filter((state) => notes?.list?.values[state] === undefined) : []
    if (word === 'receipt' && policy.writeOff.receipt === undefined) report(`order.words.${name}: the write-off names no receipt`)
    if (missing.length > 0) report(`order.words.${name}: the list lacks ${missing.join(', ')}`)
  }
  const bill = connector.services.find(({ contract: { id } }) => id === policy.bill.service)?.contract
  if (!bill) {
    report(`order.bill names no service of the connector: ${policy.bill.service}`)
    return
  }
  if (!inputs[policy.bill.input]) report(`order.bill.input is no input: ${policy.bill.input}`)
  for (const name of [policy.bill.input, policy.amount, ...policy.version, ...(policy.payable ? [policy.payable.field] : [])])
    if (!bill.fields[name]) report(`${policy.bill.service} has no field ${name}`)
  const { field = '', codes = [] } = policy.payable ?? {}
  for (const code of unlisted(bill.fields[field]?.notes, codes)) report(`order.payable: ${field} has no code ${code}`)
  if (bill.fields[policy.amount]?.notes.type !== 'money') report(`${policy.amount} is no amount`)
  if (policy.version.length === 0) report('order.version is empty: a bill that has changed would be paid as it was')
  const { ledger, writeOff } = policy
  if (ledger && (ledger.sid === writeOff.sid || ledger.sid === writeOff.statusSid)) report('order.ledger.sid is one of the write-off’s')
  if (ledger?.paging && ledger.paging.rows < 1) report('order.ledger.paging.rows: a page has a row at least')
  if (policy.withinSeconds < 60) report('order.withinSeconds: a company needs a minute at least')
}
