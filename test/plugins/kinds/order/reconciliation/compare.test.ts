import fc from 'fast-check'
import t from 'tap'
import {
  type CompanyEntry,
  compare,
  type Ledgers,
  type OwnEntry,
  type OwnRefund,
} from '../../../../../plugins/kinds/order/reconciliation/compare.ts'
import type { BillEntry } from '../../../../../plugins/payments/channel.ts'

const DAY = '2026-11-26'
const NEXT = '2026-11-27'
const order = (number: string, changes: Partial<OwnEntry> = {}): OwnEntry => ({
  id: `id-${number}`,
  number,
  state: 'written-off',
  amountFen: 4310,
  transactionId: `T${number}`,
  wasPaid: true,
  isOfDay: true,
  isOfChannel: true,
  hasLedger: true,
  ...changes,
})
const paid = (number: string, changes: Partial<BillEntry> = {}): BillEntry => ({
  kind: 'payment',
  orderNumber: number,
  refundNumber: null,
  transactionId: `T${number}`,
  amountFen: 4310,
  ...changes,
})
const back = (number: string, changes: Partial<BillEntry> = {}): BillEntry =>
  paid(number, { kind: 'refund', refundNumber: `R${number}`, ...changes })
const written = (number: string, changes: Partial<CompanyEntry> = {}): CompanyEntry => ({
  day: DAY,
  number,
  amountFen: 4310,
  channel: 'wechat',
  ...changes,
})
const refund = (number: string, changes: Partial<OwnRefund> = {}): OwnRefund => ({
  number: `R${number}`,
  orderNumber: number,
  amountFen: 4310,
  state: 'done',
  isOfDay: true,
  ...changes,
})

interface Given {
  bill?: BillEntry[]
  orders?: OwnEntry[]
  company?: CompanyEntry[]
  refunds?: OwnRefund[]
  nearby?: string[]
}

function ledgers({ bill = [], orders = [], company = [], refunds = [], nearby = [] }: Given): Ledgers {
  return {
    day: DAY,
    bill,
    company,
    orders: new Map(orders.map((one) => [one.number, one])),
    refunds: new Map(refunds.map((one) => [one.number, one])),
    refundsNearby: new Set(nearby),
    answersFor: ({ channel }) => channel === 'wechat',
  }
}

const cases: readonly (readonly [title: string, given: Given, kinds: string[], agreed: string[]])[] = [
  ['all three have it', { bill: [paid('A')], orders: [order('A')], company: [written('A')] }, [], ['A']],
  ['settled before', { bill: [paid('A')], orders: [order('A', { state: 'settled' })], company: [written('A')] }, [], ['A']],
  ['written off after midnight', { bill: [paid('A')], orders: [order('A')], company: [written('A', { day: NEXT })] }, [], ['A']],
  ['the company has no ledger', { bill: [paid('A')], orders: [order('A', { hasLedger: false })] }, [], []],
  ['given back', { bill: [paid('A'), back('A')], orders: [order('A', { state: 'refunded' })], refunds: [refund('A')] }, [], []],
  ['nobody here knows it', { bill: [paid('A')] }, ['unknown-payment'], []],
  [
    'it was handed to another channel',
    { bill: [paid('A')], orders: [order('A', { isOfChannel: false, isOfDay: false })] },
    ['unknown-payment'],
    [],
  ],
  ['not paid here', { bill: [paid('A')], orders: [order('A', { state: 'paying', wasPaid: false, isOfDay: false })] }, ['channel-only'], []],
  ['paid here only', { orders: [order('A')], company: [written('A')] }, ['here-only'], []],
  [
    'another amount at the channel',
    { bill: [paid('A', { amountFen: 4311 })], orders: [order('A')], company: [written('A')] },
    ['amount'],
    [],
  ],
  [
    'another amount at the company',
    { bill: [paid('A')], orders: [order('A')], company: [written('A', { amountFen: 4300 })] },
    ['amount'],
    [],
  ],
  [
    'an amount that cannot be read',
    { bill: [paid('A')], orders: [order('A')], company: [written('A', { amountFen: null })] },
    ['amount'],
    [],
  ],
  [
    'another transaction',
    { bill: [paid('A', { transactionId: 'X' })], orders: [order('A')], company: [written('A')] },
    ['transaction'],
    [],
  ],
  [
    'paid twice',
    { bill: [paid('A'), paid('A', { transactionId: 'X' })], orders: [order('A')], company: [written('A')] },
    ['transaction', 'twice'],
    [],
  ],
  ['the company lacks it', { bill: [paid('A')], orders: [order('A')] }, ['company-missing'], []],
  ['written off twice', { bill: [paid('A')], orders: [order('A')], company: [written('A'), written('A')] }, ['company-twice'], []],
  [
    'written off although it went back',
    { bill: [paid('A'), back('A')], orders: [order('A', { state: 'refunded' })], company: [written('A')], refunds: [refund('A')] },
    ['company-only'],
    [],
  ],
  ['the company’s alone', { company: [written('A')] }, ['company-only'], []],
  ['another channel’s', { company: [written('A', { channel: 'alipay' })] }, [], []],
  ['the next day’s', { company: [written('A', { day: NEXT })] }, [], []],
  ['paid the day before', { orders: [order('A', { isOfDay: false })], company: [written('A')] }, [], []],
  ['not written off yet', { bill: [paid('A')], orders: [order('A', { state: 'paid' })] }, ['unfinished'], []],
  ['a refund that nobody here made', { bill: [back('A')], orders: [order('A', { isOfDay: false })] }, ['refund-unknown'], []],
  [
    'a refund that nobody here made, of what is kept',
    { bill: [paid('A'), back('A', { amountFen: 1 })], orders: [order('A')], company: [written('A')] },
    ['refund-unknown'],
    [],
  ],
  ['a refund of less', { bill: [back('A', { amountFen: 1 })], refunds: [refund('A')] }, ['refund-amount'], []],
  ['a refund that the channel lacks', { refunds: [refund('A')] }, ['refund-here-only'], []],
  ['a refund just before midnight', { refunds: [refund('A')], nearby: ['RA'] }, [], []],
]

for (const [title, given, kinds, agreed] of cases)
  t.test(title, async (t) => {
    const found = compare(ledgers(given))
    t.same(found.differences.map(({ kind }) => kind).sort(), kinds)
    t.same(
      found.agreed.map(({ number }) => number),
      agreed,
    )
  })

t.test('a difference says what each side says', async (t) => {
  const { differences } = compare(ledgers({ bill: [paid('A', { amountFen: 1 })], orders: [order('A')], company: [written('A')] }))
  t.match(differences, [
    {
      kind: 'amount',
      reference: 'A',
      orderId: 'id-A',
      transactionId: 'TA',
      channelFen: 1,
      hubFen: 4310,
      companyFen: 4310,
      hubState: 'written-off',
    },
  ])
})

t.test('where nothing differs the sums agree to the fen, whatever was paid and went back', async () => {
  const one = fc.record({ amountFen: fc.integer({ min: 1, max: 10_000_000_00 }), isBack: fc.boolean() })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (days) => {
      const all = days.map(({ amountFen, isBack }, at) => ({ number: `N${at}`, amountFen, isBack }))
      const { differences, sums } = compare(
        ledgers({
          bill: all.flatMap(({ number, amountFen, isBack }) => [
            paid(number, { amountFen }),
            ...(isBack ? [back(number, { amountFen })] : []),
          ]),
          orders: all.map(({ number, amountFen, isBack }) => order(number, { amountFen, state: isBack ? 'refunded' : 'settled' })),
          company: all.flatMap(({ number, amountFen, isBack }) => (isBack ? [] : [written(number, { amountFen })])),
          refunds: all.flatMap(({ number, amountFen, isBack }) => (isBack ? [refund(number, { amountFen })] : [])),
        }),
      )
      return (
        differences.length === 0 &&
        sums.channelFen === sums.hubFen &&
        sums.hubFen === sums.companyFen + sums.returnedFen &&
        sums.channelRefundFen === sums.hubRefundFen &&
        sums.channelCount === sums.companyCount + sums.returnedCount
      )
    }),
  )
})
