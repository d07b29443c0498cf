import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { textOfPdf } from '../../../conformance/pdf-text.ts'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { pdfOf } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import { unmarked } from '../../../test/helper/unmarked.ts'
import housingFund from '../index.ts'

const APPEAL = '/v1/housing-fund/loan-overdue-appeal'
const EVENTS = '/v1/housing-fund/loan-overdue-events'

t.test('appeals against what is on record as overdue', async (t) => {
  const clock: { at: number | null } = { at: null }
  const hub = await build(t, {
    declarations: [unmarked(unhurried(housingFund, 0.1))],
    jobs: { sweepMs: 20, pace: { maxMs: 100 } },
    sandboxTiming: { progressStepMs: 1 },
    calendarClock: { at: () => clock.at },
  })
  const [event] = (await hub.get(EVENTS)).json().data
  let turn = 0
  const evidence = (person = 1) => bringFile(hub, pdfOf(100), { person })
  const body = async (more: object = {}) => ({
    loanAccountNumber: event.loanAccountNumber,
    overdueInstallmentNumber: event.overdueInstallmentNumber,
    appealReason: '1',
    statement: '当月已经足额存入还款账户，银行未按时扣款。',
    evidence: await evidence(),
    truthDeclaration: '2026-11',
    ...more,
  })
  const file = async (given: object, person = 1) =>
    hub.post(APPEAL, { person, headers: { 'idempotency-key': `appeal-${turn++}` }, body: given })
  const filings = async () => Number((await hub.app.database('submissions').count({ n: '*' }).first())?.['n'])

  await t.test('only against an event of one’s own, with evidence', async (t) => {
    const elsewhere = await file(await body({ overdueInstallmentNumber: 3 }))
    t.equal(elsewhere.statusCode, 400)
    const { errors } = elsewhere.json()
    t.match(errors, [{ pointer: '/body/loanAccountNumber' }, { pointer: '/body/overdueInstallmentNumber' }])
    t.match(errors[0].detail, `逾期期次 ${event.overdueInstallmentNumber}`, 'which there are is said')
    const stranger = await file(await body({ evidence: await evidence(4) }), 4)
    t.match(stranger.json(), { code: 'HUB_VALIDATION', errors: [{ detail: /没有.*的记录/ }, {}] })
    t.notMatch(stranger.body, event.loanAccountNumber)
    const { evidence: _, ...bare } = await body()
    t.match((await file(bare)).json(), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/evidence' }] })
    const borrowed = await file(await body({ evidence: await evidence(4) }))
    t.match(borrowed.json(), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/evidence' }] }, 'another’s file')
    t.equal(await filings(), 0)
  })

  await t.test('at night the record cannot be looked up, so that nothing is taken in; in the evening it waits for people', async (t) => {
    clock.at = Date.parse('2026-11-27T23:30:00+08:00')
    const night = await file(await body())
    t.match([night.statusCode, night.json()], [503, { code: 'HUB_AGENCY_CLOSED', until: '2026-11-28T01:00:00+08:00' }])
    t.equal(await filings(), 0)
    clock.at = Date.parse('2026-11-27T18:00:00+08:00')
    const evening = await file(await body())
    t.equal(evening.statusCode, 202, evening.body)
    t.match(evening.json().data.waiting, { reason: '非办公时间', until: '2026-11-30T09:00:00+08:00' })
    clock.at = null
    const { statusUrl } = evening.json().data
    while ((await hub.get(statusUrl)).json().data.state === 'filed') await sleep(20)
  })

  await t.test('it is followed to the answer, and the evidence has reached the agency', async (t) => {
    const filed = await file(await body({ moreEvidence: [await evidence(), await evidence()] }))
    t.equal(filed.statusCode, 202, filed.body)
    const { id, statusUrl } = filed.json().data
    while ((await hub.app.database('submissions').where({ id }).whereNull('due_at').first('id')) === undefined) await sleep(20)
    const { data } = (await hub.get(statusUrl)).json()
    t.match(data, {
      state: 'approved',
      loanAccountNumber: event.loanAccountNumber,
      overdueInstallmentNumber: event.overdueInstallmentNumber,
    })
    t.match(data, { appealReason: { code: '1' }, reviewResult: { code: '01' } })

    // The letter is the agency's, found again by what it calls it; nothing of that leaves.
    const [{ href, name, ...rest }] = data.replyLetter
    t.strictSame(Object.keys(rest).sort(), ['id', 'mediaType'])
    const letter = await hub.get(href, { face: false })
    t.equal(letter.statusCode, 200, letter.body.slice(0, 200))
    t.match(letter.headers, { 'content-type': 'application/pdf' })
    t.match(textOfPdf(letter.rawPayload), event.loanAccountNumber)
    t.match(letter.headers['content-disposition'], encodeURIComponent(name).slice(0, 20))
    t.equal((await hub.get(href, { person: 2 })).json().code, 'HUB_FILE_LINK_INVALID', 'another’s link')
  })
})
