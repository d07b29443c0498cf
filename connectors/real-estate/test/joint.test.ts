import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../../test/helper/hub.ts'
import { NO_PAPER, withPapers } from '../../../test/helper/proper-filing.ts'
import { targets } from '../../../test/helper/targets.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import { found } from '../../../test/helper/waiting.ts'
import realEstate from '../index.ts'

const TRANSFER = '/v1/real-estate/transfer-registration'
const CHARGES = '/v1/real-estate/case-charges'
const PAYMENT = '/v1/real-estate/tax-and-fee-payment'
const KEY = 'real-estate.transfer-registration'
/** Beyond the last step. */
const DONE = 99

interface Part {
  part: string
  state: string
  amountDue: number | null
  since: string | null
  reason: string | null
  payment?: { service: string; notice: string | null }
}

for (const target of targets) {
  t.test(`${target.name}: a transfer, its taxes and its certificate are one case`, async (t) => {
    const hub = await build(t, {
      target,
      declarations: [unhurried(realEstate, 0.1)],
      jobs: { sweepMs: 20, pace: { baseMs: 20, maxMs: 100, settleMs: 200, closeMs: 0 } },
    })
    const { app, get, post } = hub
    const sandbox = app.sandbox as NonNullable<typeof app.sandbox>
    const { timing, faults } = sandbox
    const read = async (id: string, person = 1) => (await get(`/v1/me/submissions/${id}`, { person })).json()
    const statesOf = ({ parts }: { parts: Part[] }) => parts.map(({ state }) => state).join(' ')
    const one = ({ parts }: { parts: Part[] }, name: string) => parts.find(({ part }) => part === name)
    let turn = 0
    // How far the centre is with a case that was filed at that time: a step lasts as long as that takes, however long the test does.
    let centre = { since: Date.now(), step: 0 }
    // A case that has just been paid for goes no further until it is let.
    let stands = false
    Object.defineProperty(timing, 'progressStepMs', {
      get: () => (stands && sandbox.counts('order').size > 0 ? 1e9 : Math.max(1, Date.now() - centre.since) / (centre.step + 0.5)),
    })

    async function until(id: string, state: string) {
      const { data } = await found(
        () => read(id),
        (answer) => answer.data.state === state || answer.data.final,
      )
      if (data.state !== state) throw new Error(`not ${state}: ${JSON.stringify(data)}`)
      return data
    }
    /** Files one, with the buyer's consent. `step`: how far the centre is with it by now. */
    async function file(step: number) {
      const { name, number: idNumber } = people[1] as (typeof people)[number]
      const given = {
        propertyCertificateNumber: '豫（2026）许昌市不动产权第0000005号',
        registrationReason: '1',
        transactionPrice: 800_000,
        truthDeclaration: '2026-11',
        applicantRole: '1',
        parties: [{ name, idNumber, role: '2' }],
        contract: NO_PAPER,
        certificate: NO_PAPER,
      }
      const body = await withPapers(hub, KEY, given)
      const filed = await post(TRANSFER, { headers: { 'idempotency-key': `joint-case-${turn++}` }, body })
      t.equal(filed.statusCode, 202, filed.body)
      const { id } = filed.json().data
      const { data } = (await get('/v1/me/consents', { person: 2 })).json()
      const pending = data.find(({ state }: { state: string }) => state === 'pending')
      centre = { since: Date.now(), step }
      await post(`/v1/me/consents/${pending.id}`, { person: 2, face: true, body: { decision: 'agree' } })
      return id as string
    }
    const key = () => ({ 'idempotency-key': `act-on-case-${turn++}` })

    t.test('every part is shown, with what is due and what is next', async (t) => {
      const id = await file(0)
      const begun = await until(id, 'reviewing')
      t.equal(statesOf(begun), 'open waiting waiting waiting waiting')
      t.match(begun, { final: false, nextStep: null, name: '不动产转移登记', history: [{ state: 'awaiting' }] })
      centre.step = 2
      const due = await until(id, 'payable')
      t.equal(statesOf(due), 'done done done payable waiting')
      t.match(due, { stateName: '待缴税费', nextStep: { kind: 'payment', reason: '请缴纳税费 8080.00 元' } })
      t.match(one(due, 'payment'), {
        amountDue: 8080,
        since: /\+08:00$/,
        payment: { service: PAYMENT, notice: null },
      })
      const charges = (await get(`${CHARGES}?applicationNumber=${(await get(due.statusUrl)).json().data.applicationNumber}`)).json()
      t.equal(charges.data.totalAmount, 8080, 'the same as the case is told to owe')
      const told = async () => {
        const { data } = (await get('/v1/me/messages')).json() as { data: { kind: string; about: string; body: string }[] }
        return data.find(({ about, body }) => about === id && body.includes('待缴税费'))
      }
      t.match(await found(told, Boolean), { kind: 'decision' }, 'as what wants something of its reader')
      const todo = (await get('/v1/me/submissions?group=todo')).json().data
      t.match(todo.rows, [{ id, nextStep: { kind: 'payment' } }])
      t.equal(statesOf((await get(due.statusUrl)).json().data), statesOf(due), 'the service shows it too')
      t.match(await read(id, 2), { code: 'HUB_NO_RECORD' }, 'another’s')
      t.match(await read('a0000000-0000-4000-8000-0000000000fe'), { code: 'HUB_NO_RECORD' }, 'one that there never was')
      centre.step = DONE
      const done = await until(id, 'approved')
      t.equal(statesOf(done), 'done done done done done')
      t.match(done, { final: true, nextStep: null })
      const events = await app
        .database('submission_part_events')
        .where({ submission_id: id, part: 'payment' })
        .orderBy('id')
        .pluck('to_state')
      t.same(events.slice(0, 1), ['payable'])
      t.match((await post(`${TRANSFER}/${id}/cancel`, { headers: key(), body: {} })).json(), { code: 'HUB_FILING_STATE' })
    })

    t.test('it is withdrawn as one while nothing is paid', async (t) => {
      const id = await file(2)
      await until(id, 'payable')
      t.equal((await post(`${TRANSFER}/${id}/cancel`, { headers: key(), body: {} })).statusCode, 202)
      const gone = await until(id, 'withdrawn')
      t.equal(statesOf(gone), 'done done done ended ended')
      t.match(gone, { final: true, act: { kind: 'cancel', state: 'done' } })
    })

    t.test('and no more once it is: paid by an order, written off once, though the answer is lost', async (t) => {
      const id = await file(1)
      await until(id, 'reviewing')
      const { applicationNumber } = (await get(`${TRANSFER}/${id}`)).json().data
      const order = (person = 1) => post(PAYMENT, { person, headers: key(), body: { applicationNumber } })
      t.match((await order()).json(), { code: 'HUB_ORDER_BILL' }, 'before the tax is known')
      centre.step = 2
      await until(id, 'payable')
      t.match((await order(2)).json(), { code: 'HUB_NO_RECORD' }, 'the buyer’s is another’s case')
      const made = (await order()).json().data
      t.match(made, {
        ...{ applicationNumber, totalAmount: 8080, deedTaxAmount: 8000, amount: '8080.00', paymentStatus: { name: '待支付' } },
        ...{ orderTime: /\+08:00$/, electronicTaxReceiptNumber: null, paymentItem: { code: '3' } },
      })
      t.match((await order()).json(), { code: 'HUB_ORDER_OPEN' })
      t.match((await post(`${made.statusUrl}/pay`, { body: { channel: 'wechat', way: 'h5' } })).json().data, { kind: 'redirect' })
      stands = true
      faults.set({ kind: 'accepted-then-reset', sid: 'real-estate.tax-write-off', times: 1 })
      t.ok(sandbox.payments.pay('wechat', made.number))
      const paid = async () => (await get(made.statusUrl)).json().data
      t.match(await found(paid, ({ state }) => state === 'written-off'), {
        paymentStatus: { name: '已缴纳' },
        electronicTaxReceiptNumber: /^34110\d{13}$/,
      })
      t.notMatch(JSON.stringify(await app.database('orders')), (await paid()).electronicTaxReceiptNumber, 'sealed in the store')
      t.equal(sandbox.counts('order').get(made.number), 1)
      const look = () => read(id)
      t.match((await found(look, ({ data }) => one(data, 'payment')?.state === 'done')).data, { state: 'reviewing' })
      t.match((await get(`${CHARGES}?applicationNumber=${applicationNumber}`)).json().data, { chargeStatus: { name: '已缴纳' } })
      t.match((await post(`${TRANSFER}/${id}/cancel`, { headers: key(), body: {} })).json(), {
        code: 'HUB_FILING_STATE',
        detail: /税费已经缴纳，不能在线撤回/,
      })
      stands = false
      centre.step = DONE
      await until(id, 'approved')
    })

    t.test('one part that is refused ends it, with the reason', async (t) => {
      faults.set({ kind: 'reject-submission', sid: KEY, times: 1 })
      const id = await file(1)
      const refused = await until(id, 'rejected')
      t.match(refused, { final: true, nextStep: null, refusalReason: /不予办理/ })
      t.equal(statesOf(refused), 'done refused ended ended ended')
      t.match(one(refused, 'registration'), { reason: /不予办理/ })
    })
  })
}
