import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { pdfOf } from '../../../test/helper/file-bytes.ts'
import { build, type Hub } from '../../../test/helper/hub.ts'
import {
  bankAccounts,
  NO_PAPER,
  receiveCode,
  withdraw,
  withdrawalBody,
  withdrawers,
  withPapers,
} from '../../../test/helper/proper-filing.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import housingFund from '../index.ts'

const BASE = '/v1/housing-fund'
const RENT = 'rental-housing-withdrawal'
const RETIRE = 'retirement-withdrawal'

const answer = (response: Awaited<ReturnType<Hub['get']>>) => response.json()
const balanceOf = async (hub: Hub, person: number) =>
  answer(await hub.get(`${BASE}/personal-account`, { person })).data as { accountBalance: number; personalAccountStatus: { code: string } }

/** A filing once nothing is due any more. */
async function ended(hub: Hub, url: string, person: number) {
  const id = url.split('/').at(-1)
  while ((await hub.app.database('submissions').where({ id }).whereNull('due_at').first('id')) === undefined) await sleep(20)
  return answer(await hub.get(url, { person })).data
}

t.test('withdrawals', async (t) => {
  const hub = await build(t, { declarations: [unhurried(housingFund, 0.1)], jobs: { sweepMs: 20 }, sandboxTiming: { progressStepMs: 1 } })
  const { app, post } = hub
  let turn = 0
  const key = () => ({ 'idempotency-key': `withdrawal-${turn++}` })
  const filings = async () => Number((await app.database('submissions').count({ n: '*' }).first())?.['n'])

  const bodies = new Map<string, Record<string, unknown>>()
  /** Papers of what was refused are still their bringer's. */
  async function wholeBody(service: string, person: number): Promise<Record<string, unknown>> {
    const key = `${service} ${person}`
    const body = bodies.get(key) ?? (await withPapers(hub, `housing-fund.${service}`, withdrawalBody(service, person), { person }))
    bodies.set(key, body)
    return body
  }

  /** Refused, with this code and these places, and nothing is half-done. */
  async function refuses(t: Test, service: string, person: number, more: object, expected: object) {
    const before = [await filings(), app.sandbox?.filings().size]
    const body = { ...(await wholeBody(service, person)), ...more }
    const response = await post(`${BASE}/${service}`, { person, headers: key(), body })
    t.match(answer(response), expected, JSON.stringify(expected))
    t.same([await filings(), app.sandbox?.filings().size], before)
    const { traceId } = answer(response)
    const row = await app.database('audit_rows').where({ trace_id: traceId }).first()
    t.match(row, { outcome: answer(response).code }, 'on record')
  }
  const invalid = (...names: string[]) => ({ code: 'HUB_VALIDATION', errors: names.map((name) => ({ pointer: `/body/${name}` })) })

  await t.test('what a form lacks or gets wrong is said, place by place', async (t) => {
    const bare = await post(`${BASE}/${RETIRE}`, { person: 3, headers: key(), body: {} })
    const missing = answer(bare).errors.map(({ pointer }: { pointer: string }) => pointer.replace('/body/', ''))
    for (const name of ['targetBankAccount', 'targetBankCode', 'truthDeclaration', 'verificationCode', 'retirementDate'])
      t.ok(missing.includes(name), name)
    t.match(answer(await post(`${BASE}/${RETIRE}`, { person: 3, headers: key() })), { code: 'HUB_VALIDATION' }, 'no body at all')
    const verificationCode = '000000'
    await refuses(t, RENT, 1, { verificationCode, withdrawalAmount: 100.555 }, invalid('withdrawalAmount'))
    await refuses(t, RENT, 1, { verificationCode, withdrawalAmount: -1 }, invalid('withdrawalAmount'))
    await refuses(t, RENT, 1, { verificationCode, targetBankAccount: '90000000000000018' }, invalid('targetBankAccount'))
    await refuses(t, RENT, 1, { verificationCode, targetBankCode: '102491000016' }, invalid('targetBankCode'))
    await refuses(t, RENT, 1, { verificationCode, truthDeclaration: false }, invalid('truthDeclaration'))
    await refuses(t, RENT, 1, { verificationCode, truthDeclaration: '2020-01' }, invalid('truthDeclaration'))
    await refuses(t, RENT, 1, { verificationCode, targetAccountHolder: '甄晓禾' }, invalid('targetAccountHolder'))
    await refuses(t, RENT, 1, { verificationCode, lease: 'not-uploaded' }, invalid('lease'))
    await refuses(t, RENT, 1, { verificationCode, lease: undefined }, invalid('lease'))
    for (const maritalStatus of ['20', '已婚', '40'])
      await refuses(t, RENT, 1, { verificationCode, maritalStatus }, invalid('marriagePaper'))
    await refuses(t, RENT, 1, { verificationCode, noHomePaper: undefined }, invalid('noHomePaper'))
    await refuses(t, RETIRE, 3, { verificationCode, retirementPaper: undefined }, invalid('retirementPaper'))
    await refuses(t, RETIRE, 3, { verificationCode, withdrawalAmount: 1 }, invalid('withdrawalAmount'))
  })

  await t.test('what the centre finds against it is told in its words, before a code is used up', async (t) => {
    const unfit = (detail: RegExp) => ({ code: 'HUB_FILING_UNFIT', status: 409, detail })
    const verificationCode = '000000'
    await refuses(t, RENT, 1, { verificationCode, withdrawalAmount: 99_999_999 }, invalid('withdrawalAmount'))
    await refuses(t, RENT, 1, { verificationCode, targetBankAccount: bankAccounts[2] }, unfit(/本人名下/))
    await refuses(t, RETIRE, 1, { verificationCode }, unfit(/贷款尚未结清/))
    await refuses(t, RETIRE, 2, { verificationCode }, unfit(/没有您的退休审批信息/))
    await refuses(t, RETIRE, 7, { verificationCode }, unfit(/没有可以办理/))
    const tries = await app.database('filing_codes').sum({ n: 'tries' }).first()
    t.equal(Number(tries?.['n'] ?? 0), 0)
  })

  await t.test('a code is the person’s own, and works once, in time, after few guesses', async (t) => {
    const wrong = (detail: RegExp) => ({ code: 'HUB_CODE_WRONG', status: 403, detail })
    await refuses(t, RENT, 1, { verificationCode: '123456' }, wrong(/先获取/))
    const own = await receiveCode(hub, RENT, 1)
    const early = await post(`${BASE}/${RENT}/verification-code`, { person: 1 })
    t.match({ ...answer(early), after: early.headers['retry-after'] }, { code: 'HUB_RATE_LIMITED', after: /^\d+$/ })
    const other = await receiveCode(hub, RENT, 2)
    if (other !== (await receiveCode(hub, RENT, 1))) await refuses(t, RENT, 1, { verificationCode: other }, wrong(/还可以再试 4 次/))

    const code = await receiveCode(hub, RENT, 1)
    const guess = code === '111111' ? '222222' : '111111'
    if (own !== code) await refuses(t, RENT, 1, { verificationCode: own }, wrong(/还可以再试 4 次/))
    for (const left of [3, 2, 1]) await refuses(t, RENT, 1, { verificationCode: guess }, wrong(new RegExp(`再试 ${left} 次`)))
    await refuses(t, RENT, 1, { verificationCode: guess }, wrong(/作废/))
    await refuses(t, RENT, 1, { verificationCode: code }, wrong(/作废/))

    const late = await receiveCode(hub, RENT, 1)
    await app
      .database('filing_codes')
      .where({ state: 'open' })
      .update({ expires_at: Date.now() - 1 })
    await refuses(t, RENT, 1, { verificationCode: late }, wrong(/已过期/))

    const good = await receiveCode(hub, RENT, 1)
    const body = await withPapers(hub, `housing-fund.${RENT}`, { ...withdrawalBody(RENT, 1), verificationCode: good })
    const filed = await post(`${BASE}/${RENT}`, { person: 1, headers: key(), body })
    t.equal(filed.statusCode, 202, filed.body)
    await ended(hub, answer(filed).data.statusUrl, 1)
    await refuses(t, RENT, 1, { verificationCode: good }, wrong(/已经用过/))
  })

  await t.test('a code belongs to the service id under which it was sent, and to what it was asked for', async (t) => {
    const own = await receiveCode(hub, RENT, 5)
    await receiveCode(hub, 'incapacity-withdrawal', 5)
    const wrong = { code: 'HUB_CODE_WRONG', detail: /先获取/ }
    await refuses(t, RENT, 5, { verificationCode: own }, wrong)
    const rows = await app.database('filing_codes').where({ user_id: people[4]?.id }).orderBy('sent_at')
    t.same(
      rows.map(({ service, sent_for, state }) => [service, sent_for, state]),
      [
        [`housing-fund.${RENT}`, 'housing-fund/housing-fund.withdrawal-code', 'void'],
        ['housing-fund.incapacity-withdrawal', 'housing-fund/housing-fund.withdrawal-code', 'open'],
      ],
    )
    const soon = await post(`${BASE}/${RENT}/verification-code`, { person: 5 })
    t.match(answer(soon), { code: 'HUB_RATE_LIMITED' }, 'one a minute, whichever of them asks')
  })

  await t.test('a paper that is not there costs no code', async (t) => {
    const verificationCode = await receiveCode(hub, RENT, 1)
    await refuses(t, RENT, 1, { verificationCode, lease: NO_PAPER }, invalid('lease'))
    t.match(await app.database('filing_codes').where({ state: 'open', user_id: people[0]?.id }).first(), { tries: 0 })
  })

  await t.test('what is paid is gone from the account, and stands among its postings', async (t) => {
    const before = await balanceOf(hub, 2)
    const filed = await withdraw(hub, RENT, { person: 2, key: 'rent-of-person-2', more: { withdrawalAmount: 1234.56 } })
    t.equal(filed.statusCode, 202, filed.body)
    t.match(await ended(hub, answer(filed).data.statusUrl, 2), { state: 'arrived', withdrawalAmount: 1234.56 })
    t.equal((await balanceOf(hub, 2)).accountBalance, Math.round((before.accountBalance - 1234.56) * 100) / 100)
    const { data } = answer(await hub.get(`${BASE}/personal-transactions`, { person: 2 }))
    t.match(data[0], { transactionAmount: 1234.56, contributionWithdrawalType: { code: '11' }, withdrawalReason: { code: '07' } })
    await refuses(t, RENT, 2, { verificationCode: '000000', withdrawalAmount: 6000 }, invalid('withdrawalAmount'))
  })

  await t.test('it is taken back, supplemented, or refused with a reason', async (t) => {
    const sid = `housing-fund.${RETIRE}`
    const until = async (url: string, reached: string) => {
      for (;;) {
        const { data } = answer(await hub.get(url, { person: 3 }))
        if (data.state === reached) return data
        if (data.final) throw new Error(`ended as ${data.state}, not ${reached}`)
        await sleep(20)
      }
    }
    const file = async (kind: 'hold-submission' | 'ask-supplement' | 'reject-submission', turn: string) => {
      app.sandbox?.faults.set({ kind, sid, times: 1 })
      const filed = await withdraw(hub, RETIRE, { person: 3, key: `life-of-${turn}` })
      t.equal(filed.statusCode, 202, filed.body)
      return answer(filed).data.statusUrl as string
    }
    const held = await file('hold-submission', 'held')
    await until(held, 'reviewing')
    await refuses(t, RETIRE, 3, { verificationCode: '000000' }, { code: 'HUB_FILING_UNFIT', detail: /正在办理/ })
    t.equal((await post(`${held}/cancel`, { person: 3, headers: key(), body: {} })).statusCode, 202)
    t.match(await until(held, 'withdrawn'), { stateName: '已撤销', final: true, applicationStatus: { code: '06' } })
    t.equal((await balanceOf(hub, 3)).personalAccountStatus.code === '05', false, 'nothing was paid')

    const rejected = await file('reject-submission', 'rejected')
    t.match(await until(rejected, 'rejected'), { refusalReason: /不予办理/, reviewOpinion: /不予办理/ })

    const incomplete = await file('ask-supplement', 'incomplete')
    t.match(await until(incomplete, 'incomplete'), { nextStep: { kind: 'supplement', items: [{ name: '身份证明' }] } })
    const paper = await bringFile(hub, pdfOf(64), { person: 3 })
    const body = { statement: '已重新拍摄', paper }
    t.equal((await post(`${incomplete}/supplement`, { person: 3, headers: key(), body })).statusCode, 202)
    t.match(await until(incomplete, 'closed'), { final: true, act: { kind: 'supplement', state: 'done' } })
    t.match((await post(`${incomplete}/cancel`, { person: 3, headers: key(), body: {} })).json(), { code: 'HUB_FILING_STATE' }, 'paid')
  })

  await t.test('each closing withdrawal pays the whole balance and closes the account, once', async (t) => {
    for (const [service, person] of Object.entries(withdrawers)) {
      // The retired person's account was closed above.
      if (service === RENT || service === RETIRE) continue
      const before = await balanceOf(hub, person)
      const filed = await withdraw(hub, service, { person, key: `closing-of-${person}` })
      t.equal(filed.statusCode, 202, filed.body)
      t.match(await ended(hub, answer(filed).data.statusUrl, person), { state: 'closed', withdrawalAmount: before.accountBalance })
      t.match(await balanceOf(hub, person), { accountBalance: 0, personalAccountStatus: { code: '05' } })
      await refuses(t, service, person, { verificationCode: '000000' }, { code: 'HUB_FILING_UNFIT', detail: /已经销户/ })
    }
  })

  await t.test('what the check found goes along', async (t) => {
    const row = await app.database('submissions').where({ idempotency_key: 'life-of-incomplete' }).first()
    const carried = JSON.parse(app.vault.open(row.carried_sealed, `submission:${row.id}:carried`))
    t.match(carried, { yzbh: /^YZ/, yzye: Number, yzktqje: Number, yzmpz: /.+/ })
    t.notMatch(JSON.stringify(answer(await hub.get(`${BASE}/${RETIRE}/${row.id}`, { person: 3 }))), carried.yzmpz)
  })
})
