import fc from 'fast-check'
import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { worldAt } from '../../../plugins/sandbox/world.ts'
import { build } from '../../../test/helper/hub.ts'
import housingFund from '../index.ts'

const LOANS = '/v1/housing-fund'
const ENTERPRISE = { person: 1, enterprise: 1 }

t.test('what helps to plan, and whose contract it is', async (t) => {
  const { app, get } = await build(t, { declarations: [housingFund] })
  const faults = app.sandbox?.faults
  const trial = async (query: string, person = 1) => (await get(`${LOANS}/loan-repayment-trial?${query}`, { person })).json()

  await t.test('a trial: paying back early costs less interest, and is no promise', async (t) => {
    const now = (await trial('')).data
    t.match(now, { prepaidPrincipal: 0, interestSaved: 0, installmentBefore: now.installmentAfter })
    t.equal(now.remainingTermsAfter, now.remainingTermsBefore)
    const lower = (await trial('prepaymentAmount=50000&repaymentPlan=1')).data
    t.equal(lower.remainingTermsAfter, now.remainingTermsBefore)
    t.ok(lower.installmentAfter < now.installmentAfter && lower.interestSaved > 0)
    const shorter = (await trial('prepaymentAmount=50000&repaymentPlan=2')).data
    t.equal(shorter.installmentAfter, now.installmentAfter)
    t.ok(shorter.remainingTermsAfter < now.remainingTermsBefore && shorter.interestSaved > lower.interestSaved)
    const all = (await trial('prepaymentAmount=9999999')).data
    t.match(all, { prepaidPrincipal: now.currentLoanBalance, remainingTermsAfter: 0, remainingInterestAfter: 0, lastDueDate: null })
    t.equal(all.interestSaved, now.remainingInterestBefore)
    t.match(await trial('prepaymentAmount=-1'), { code: 'HUB_VALIDATION' })
    t.match(await trial('repaymentPlan=3'), { code: 'HUB_VALIDATION' })
    const { data } = (await get(`${LOANS}/loan-account`)).json()
    t.equal(data.currentLoanBalance, now.currentLoanBalance, 'nothing was paid')
    t.match(await trial('', 3), { code: 'HUB_NO_RECORD', detail: /没有尚未结清的贷款/ }, 'both loans are settled')
  })

  await t.test('borrower and co-borrower see the contract, nobody else, even where the centre mixes people up', async (t) => {
    const ask = (person: number, query = '') => get(`${LOANS}/co-borrowers${query}`, { person })
    const own = (await ask(1)).json().data
    t.equal(own.length, 1)
    const contract = `?loanContract=${own[0].loanContractNumber}`
    t.same((await ask(2, contract)).json().data, own)
    for (const person of [3, 8]) t.same((await ask(person, contract)).json().data, [])
    faults?.set({ kind: 'wrong-person', sid: 'housing-fund.co-borrowers' })
    const mixed = await ask(8, contract)
    t.equal(mixed.statusCode, 502)
    t.match(mixed.json(), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' })
    t.notMatch(mixed.body, own[0].loanContractNumber)
    faults?.set({ kind: 'values', sid: 'housing-fund.co-borrowers', values: { jkrzjh: '""', gtjkrzjhm: '""' } })
    t.match((await ask(1)).json(), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' }, 'a row that names nobody')
    faults?.clear()
  })

  await t.test('a co-borrower is told that the account is the borrower’s to see', async (t) => {
    const { statusCode, body } = await get(`${LOANS}/loan-account`, { person: 2 })
    t.equal(statusCode, 404)
    t.match(JSON.parse(body), { code: 'HUB_NO_RECORD', detail: /只能由主借款人查询；共同借款人可以在/ })
  })

  await t.test('an agent sees whom the firm pays for, as many as the account counts, and no name whole', async (t) => {
    const { data } = (await get(`${LOANS}/employer-contributors?pageSize=500`, ENTERPRISE)).json()
    const account = (await get(`${LOANS}/employer-account`, ENTERPRISE)).json().data
    t.equal(data.length, account.activeContributorCount)
    t.ok(
      data.every(
        ({ personName, personalContributionBase }: Record<string, unknown>) => /\*/.test(`${personName}`) && personalContributionBase,
      ),
    )
    t.equal((await get(`${LOANS}/employer-contributors`, { person: 1 })).statusCode, 403)
  })
})

t.test('a trial balances: whatever is paid back, principal and interest of what follows end at nothing', async () => {
  const world = worldAt(Date.UTC(2026, 10, 27))
  const rows = housingFund.sandbox['loan-repayment-trial']
  const fen = (value: unknown) => Math.round(Number(value) * 100)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000_000 }), fc.constantFrom('1', '2'), (amount, hkap) => {
      const [row = {}] = rows?.({ ...(people[0] as (typeof people)[number]), asked: { tqhkje: amount / 100, hkap } }, world) ?? []
      const owed = fen(row['dkye']) - fen(row['tqhkbj'])
      const paid = fen(row['sshyhje']) * Number(row['sshsyqs'])
      // The last instalment makes up for what rounding left.
      const left = Math.abs(paid - owed - fen(row['sshsylx']))
      return left <= (hkap === '2' ? fen(row['sshyhje']) : Number(row['sshsyqs'])) && fen(row['jslx']) >= 0
    }),
  )
})
