import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../../test/helper/hub.ts'
import { NO_PAPER, withPapers } from '../../../test/helper/proper-filing.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import realEstate from '../index.ts'

const TRANSFER = '/v1/real-estate/transfer-registration'
const CONSENTS = '/v1/me/consents'

const party = (index: number, role: string, more = {}) => {
  const { name, number: idNumber } = people[index - 1] as (typeof people)[number]
  return { name, idNumber, role, ...more }
}
const transfer = (parties: object[], more = {}) => ({
  propertyCertificateNumber: '豫（2026）许昌市不动产权第0000005号',
  registrationReason: '1',
  transactionPrice: 800_000,
  contract: NO_PAPER,
  certificate: NO_PAPER,
  truthDeclaration: '2026-11',
  applicantRole: '1',
  parties,
  ...more,
})

t.test('a filing of several waits until each has agreed', async (t) => {
  const hub = await build(t, { declarations: [unhurried(realEstate)], jobs: { sweepMs: 20 }, sandboxTiming: { progressStepMs: 1 } })
  const { app, get, post } = hub
  let turn = 0
  const file = async (body: object, person = 1) =>
    post(TRANSFER, {
      person,
      headers: { 'idempotency-key': `transfer-${turn++}` },
      body: await withPapers(hub, 'real-estate.transfer-registration', body, { person }),
    })
  const own = async (person: number) => (await get(CONSENTS, { person })).json().data as { id: string; state: string }[]
  const answer = (id: string, person: number, decision: string, face = true) =>
    post(`${CONSENTS}/${id}`, { person, face, body: { decision } })
  const read = async (id: string, person = 1) => (await get(`${TRANSFER}/${id}`, { person })).json().data
  const sent = () => app.sandbox?.filings().size

  async function refuses(t: Test, body: object, pointers: string[]) {
    const before = Number((await app.database('submissions').count({ n: '*' }).first())?.['n'])
    const problem = (await file(body)).json()
    t.match(problem, { code: 'HUB_VALIDATION', errors: pointers.map((pointer) => ({ pointer })) })
    t.equal(Number((await app.database('submissions').count({ n: '*' }).first())?.['n']), before)
  }

  await t.test('who is named twice, or wrongly, is refused', async (t) => {
    await refuses(t, transfer([]), ['/body/parties'])
    await refuses(t, transfer([party(1, '2')]), ['/body/parties/0/idNumber'])
    await refuses(t, transfer([party(2, '2'), party(2, '2')]), ['/body/parties/1/idNumber'])
    await refuses(t, transfer([party(2, '2', { idNumber: '411002199001010000' })]), ['/body/parties/0/idNumber'])
    await refuses(t, transfer([party(2, '9')]), ['/body/parties/0/role'])
    await refuses(t, transfer([party(2, '2', { share: 60 }), party(3, '2', { share: 30 })]), ['/body/parties'])
    t.match((await post(TRANSFER, { face: false, headers: { 'idempotency-key': 'faceless-1' }, body: transfer([party(2, '2')]) })).json(), {
      code: 'HUB_FACE_REQUIRED',
    })
  })

  await t.test('the last consent sends it on, with everybody in it', async (t) => {
    const filed = (await file(transfer([party(2, '2', { share: 50 }), party(3, '2', { share: 50 })]))).json().data
    t.match(filed, { state: 'awaiting', stateName: '待各方确认', final: false, parties: [{ state: 'pending' }, { state: 'pending' }] })
    t.notMatch(JSON.stringify(filed), '甄晓禾', 'masked')
    const [second] = await own(2)
    const [third] = await own(3)
    t.match(second, { state: 'pending', applicant: '贾*', role: '受让方', name: '不动产转移登记' })
    t.match((await answer(second?.id ?? '', 3, 'agree')).json(), { code: 'HUB_NO_RECORD' }, 'not his to give')
    t.match((await answer(second?.id ?? '', 1, 'agree')).json(), { code: 'HUB_NO_RECORD' }, 'nor the applicant’s')
    t.match((await answer(second?.id ?? '', 2, 'agree', false)).json(), { code: 'HUB_FACE_REQUIRED' })
    t.match((await answer(second?.id ?? '', 2, 'agree')).json().data, { state: 'agreed' })
    t.match((await answer(second?.id ?? '', 2, 'refuse')).json(), { code: 'HUB_FILING_STATE' }, 'once')
    t.match(await read(filed.id), { state: 'awaiting' })
    t.equal(sent(), 0, 'the agency knows nothing of it')
    t.match((await answer(third?.id ?? '', 3, 'agree')).json().data, { state: 'agreed' })
    while (sent() === 0) await sleep(20)
    const row = await app.database('submissions').where({ id: filed.id }).first()
    const { sqrlb } = JSON.parse(app.vault.open(row.carried_sealed, `submission:${row.id}:carried`))
    t.match(sqrlb, [{ sqrlx: '1' }, { xm: '甄晓禾', sqrlx: '2', qlbl: 50, qrsj: /^\d{14}$/ }, { qlbl: 50 }])
    t.match(await read(filed.id), { parties: [{ name: '甄*禾', role: '受让方', state: 'agreed' }, { state: 'agreed' }] })
  })

  await t.test('one refusal ends it', async (t) => {
    const before = sent()
    const filed = (await file(transfer([party(2, '2'), party(4, '2')]))).json().data
    const [mine] = (await own(4)).filter(({ state }) => state === 'pending')
    t.match((await answer(mine?.id ?? '', 4, 'refuse', false)).json().data, { state: 'refused', filing: '有人不同意' })
    t.match(await read(filed.id), { state: 'declined', final: true })
    const [late] = (await own(2)).filter(({ state }) => state === 'pending')
    t.match((await answer(late?.id ?? '', 2, 'agree')).json(), { code: 'HUB_FILING_STATE' })
    t.equal(sent(), before)
  })

  await t.test('who never answers lets it lapse', async (t) => {
    const before = sent()
    const filed = (await file(transfer([party(5, '2')]))).json().data
    await app
      .database('filing_parties')
      .where({ submission_id: filed.id })
      .update({ expires_at: Date.now() - 1 })
    const [mine] = await own(5)
    t.match((await answer(mine?.id ?? '', 5, 'agree')).json(), { code: 'HUB_FILING_STATE' }, 'too late')
    await app
      .database('submissions')
      .where({ id: filed.id })
      .update({ due_at: Date.now() - 1 })
    while ((await read(filed.id)).state === 'awaiting') await sleep(20)
    t.match(await read(filed.id), { state: 'unconfirmed', stateName: '逾期未确认', final: true })
    t.equal(sent(), before)
  })

  await t.test('a namesake of the number, misspelt, is not asked', async (t) => {
    await file(transfer([party(6, '2', { name: '孙拟近' })]))
    t.same(await own(6), [])
  })

  await t.test('nobody pays for a case that is not there, for another’s, or for what is paid', async (t) => {
    const pay = async (applicationNumber: string, person = 1) =>
      (
        await post('/v1/real-estate/tax-and-fee-payment', {
          person,
          headers: { 'idempotency-key': `pay-for-${applicationNumber}` },
          body: { applicationNumber },
        })
      ).json()
    t.match(await pay('SX1'), { code: 'HUB_NO_RECORD', status: 404 })
    const { data } = (await get(`${TRANSFER}?page=1`, {})).json()
    const known = data.find(({ applicationNumber }: { applicationNumber: string | null }) => applicationNumber !== null)
    // Nobody ordered it in time: paid at the counter.
    t.match(await pay(known.applicationNumber), { code: 'HUB_ORDER_BILL', status: 409 })
    t.match(await pay(known.applicationNumber, 2), { code: 'HUB_NO_RECORD' })
    const charges = await get(`/v1/real-estate/case-charges?applicationNumber=${known.applicationNumber}`, {})
    t.match(charges.json().data, { deedTaxAmount: 8000, registrationFee: 80, totalAmount: 8080, chargeStatus: { name: '已缴纳' } })
    t.equal((await get(`/v1/real-estate/case-charges?applicationNumber=${known.applicationNumber}`, { person: 2 })).statusCode, 404)
    t.same(await app.database('orders'), [])
  })
})
