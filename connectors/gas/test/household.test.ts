import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { worldAt } from '../../../plugins/sandbox/world.ts'
import { billsOf, monthsOf, prepaidOf } from '../sandbox/books.ts'
import { householdsOf } from '../sandbox/households.ts'
import { stepsOf, tierAt } from '../sandbox/tariff.ts'

const world = worldAt(Date.UTC(2026, 10, 27))
const [flat, shop] = householdsOf(1, world)
if (!flat || !shop) throw new Error('person 1 has a flat and a shop')

t.test('gas is where people live', async (t) => {
  for (const { index, life } of people)
    for (const { address, holder, of } of householdsOf(index, world)) {
      const homes = [...life.homes.map(({ place }) => place), life.address]
      t.ok(homes.includes(address), `${index} at ${address}`)
      t.equal(holder, people[of - 1]?.name)
    }
  t.same(
    people.map(({ index }) => householdsOf(index, world).length),
    [2, 2, 1, 0, 1, 0, 0, 1],
  )
})

t.test('a month begins where the last one ended, and each year its tiers anew', async (t) => {
  const months = monthsOf(flat, world)
  for (const [position, { month, before, now, usage, yearUsage, steps, fen }] of months.entries()) {
    const last = months[position - 1]
    if (last) t.equal(before, last.now, month)
    t.equal(now - before, usage)
    t.equal(yearUsage, usage + (month.endsWith('01') ? 0 : (last?.yearUsage ?? 0)))
    t.equal(
      steps.reduce((sum, step) => sum + step.usage, 0),
      usage,
    )
    t.equal(
      fen,
      steps.reduce((sum, step) => sum + step.usage * step.price, 0),
    )
  }
  t.same(months.at(-1)?.month, '202610')
  t.ok(
    months.some(({ steps }) => steps.length === 2),
    'a year goes into the second tier',
  )
})

t.test('a year is charged by tier: 500 and 900 cubic metres', async (t) => {
  t.same(stepsOf(flat, '202612', 480, 500), [
    { tier: '1', usage: 20, price: 273 },
    { tier: '2', usage: 400, price: 328 },
    { tier: '3', usage: 80, price: 410 },
  ])
  t.same(stepsOf(flat, '202312', 0, 10), [{ tier: '1', usage: 10, price: 225 }], 'as the tariff of the day was')
  t.same(stepsOf(shop, '202612', 480, 500), [{ tier: null, usage: 500, price: 365 }], 'a shop has one price')
  t.same(
    [tierAt(flat, 499), tierAt(flat, 500), tierAt(flat, 900)],
    [
      { tier: '1', left: 1 },
      { tier: '2', left: 400 },
      { tier: '3', left: null },
    ],
  )
})

t.test('who pays in advance has something left, and no bills', async (t) => {
  const { balance, payments } = prepaidOf(shop, world)
  t.ok(balance >= 5_000 && payments.length > 0)
  t.same(billsOf(shop, world), [])
  t.equal(new Set(payments.map(({ serial }) => serial)).size, payments.length, 'each payment has a number of its own')
  const spent = monthsOf(shop, world).slice(-36)
  const paidIn = payments.reduce((sum, { fen }) => sum + fen, 0)
  t.equal(
    balance,
    spent.reduce((left, { fen }) => left - fen, paidIn),
  )
})

t.test('bills come on the 3rd, are due at the end of that month, and written off once', async (t) => {
  const [latest] = billsOf(flat, world)
  t.match(latest, { number: 'RQ202610011703', date: '2026-11-03', due: '2026-11-30', payment: null })
  const filed = [
    {
      service: 'order-create',
      state: 'approved',
      final: true,
      reference: 'O1',
      at: 0,
      params: { zdh: latest?.number, jfsj: '2026-11-27 09:00:00', zffs: 'wechat' },
    },
  ]
  t.match(billsOf(flat, world, filed)[0], { payment: { serial: 'O1', method: 'wechat', fen: latest?.fen } })
  t.match(billsOf(flat, worldAt(Date.UTC(2026, 11, 2)))[0]?.number, 'RQ202610011703', 'November is not settled on 2 December')
  t.match(billsOf(flat, worldAt(Date.UTC(2026, 11, 4)))[0]?.number, 'RQ202611011703')
})
