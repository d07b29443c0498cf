import fc from 'fast-check'
import t from 'tap'
import { compileMapper } from '../../../core/answer/mapping.ts'
import type { Row } from '../../../core/answer/reading.ts'
import type { SandboxSubject } from '../../../core/connector.ts'
import { compileEnvelope } from '../../../core/upstream/envelope.ts'
import { exchangeEnvelope } from '../../../core/upstream/exchange-envelope.ts'
import { enterprises, people } from '../../../plugins/sandbox/people.ts'
import { worldAt } from '../../../plugins/sandbox/world.ts'
import housingFund from '../index.ts'

const world = worldAt(Date.UTC(2026, 9, 31))
const submits = new Set(housingFund.services.filter(({ contract }) => contract.kind === 'submit').map(({ contract }) => contract.id))
const contractOf = (id: string) => housingFund.services.find(({ contract }) => contract.id === id)?.contract

/** The sandbox's rows of a service as the hub reads them, unmasked. */
function read(id: string, subject: SandboxSubject): Row[] {
  const contract = contractOf(id)
  if (!contract) throw new Error(`no service ${id}`)
  const mapper = compileMapper(contract.fields)
  return (housingFund.sandbox[id]?.(subject, world) ?? []).map((row) => mapper.read(submits.has(id) ? { sqbh: 'SQ1', ...row } : row))
}

const subjectsOf = (id: string) => (contractOf(id)?.audience === 'enterprise' ? enterprises : people)
const person = (index: number) => people[index - 1] as SandboxSubject
const fen = (value: unknown) => Math.round(Number(value) * 100)
const sum = (rows: Row[], key: string) => rows.reduce((total, row) => total + fen(row[key]), 0)
const codeOf = (value: unknown) => (value as { code: string } | null)?.code

t.test('every row can be read, its codes are known, its owner is the asker', async (t) => {
  for (const { contract } of housingFund.services) {
    for (const subject of subjectsOf(contract.id)) {
      for (const row of read(contract.id, subject)) {
        for (const [name, { notes }] of Object.entries(contract.fields)) {
          const value = row[name]
          if (notes.type === 'code' && value !== null) t.ok(notes.list?.values[codeOf(value) ?? ''], `${contract.id}.${name}`)
          if (notes.subject === 'person') t.equal(value, subject.number)
        }
      }
    }
  }
})

t.test('person 1 and the first enterprise show every field of every query', async (t) => {
  for (const { contract } of housingFund.services) {
    if (contract.kind === 'submit') continue
    const rows = read(contract.id, subjectsOf(contract.id)[0] as SandboxSubject)
    for (const name of Object.keys(contract.fields)) {
      // A running loan has no day of settlement, and nobody remarks on what is in order.
      const empty = ['loanSettlementDate', 'remarks', 'obstacle'].includes(name)
      t.equal(
        rows.some((row) => row[name] !== null),
        !empty,
        `${contract.id}.${name}`,
      )
    }
  }
  t.ok(read('loan-account', person(3)).some(({ loanSettlementDate }) => loanSettlementDate !== null))
  t.ok(
    read('employer-account', enterprises[2] as SandboxSubject).every(
      ({ remarks, anomalyFlag }) => remarks !== null && anomalyFlag === true,
    ),
  )
})

t.test('person 7 has nothing', async (t) => {
  for (const { contract } of housingFund.services) if (contract.audience === 'person') t.same(read(contract.id, person(7)), [], contract.id)
})

t.test('postings add up to the balance', async (t) => {
  t.ok(read('personal-transactions', person(1)).length >= 24)
  for (const subject of people.slice(0, 6)) {
    const postings = read('personal-transactions', subject)
    const out = postings.filter(({ contributionWithdrawalType: type }) => codeOf(type) === '11')
    const balance = sum(postings, 'transactionAmount') - 2 * sum(out, 'transactionAmount')
    t.equal(balance, fen(read('personal-account', subject)[0]?.['accountBalance']), subject.name)
    t.equal(sum(out, 'transactionAmount'), sum(read('home-withdrawal-records', subject), 'withdrawnAmount'))
    t.equal(sum(postings, 'transactionAmount'), sum(postings, 'currentYearContributionAmount') + sum(postings, 'priorYearCarryoverAmount'))
    const days = postings.map(({ postingDate }) => String(postingDate))
    t.same(days, [...days].sort().reverse(), 'newest first')
  }
})

t.test('loans: schedule, postings and account agree', async (t) => {
  for (const index of [1, 3]) {
    const transactions = read('loan-transactions', person(index))
    const contracts = read('loan-contract', person(index))
    t.same(
      contracts.map((row) => row['loanContractNumber']),
      read('loan-information', person(index)).map((row) => row['loanContractNumber']),
    )
    for (const account of read('loan-account', person(index))) {
      const own = transactions.filter((row) => row['loanAccountNumber'] === account['loanAccountNumber'])
      const lent = fen(account['disbursementAmount'])
      t.equal(sum(own, 'principalAmount'), fen(account['cumulativePrincipalRecovered']))
      t.equal(sum(own, 'interestAmount'), fen(account['cumulativeInterestRecovered']))
      t.equal(sum(own, 'penaltyInterestAmount'), fen(account['accruedPenaltyInterest']))
      t.equal(lent - sum(own, 'principalAmount'), fen(account['currentLoanBalance']))
      const prepaid = sum((account['prepaymentRecords'] as Row[]) ?? [], 'principal')
      t.equal(sum(account['repaymentSchedule'] as Row[], 'principal') + prepaid, lent)
      t.equal(account['loanSettlementDate'] !== null, fen(account['currentLoanBalance']) === 0)
      t.equal(fen(own[0]?.['balanceAfterTransaction']), fen(account['currentLoanBalance']))
      t.equal(new Set(own.map((row) => row['transactionSerialNumber'])).size, own.length)
    }
  }
  t.equal(read('loan-account', person(3)).filter(({ loanSettlementDate }) => loanSettlementDate !== null).length, 2)
})

t.test('the overdue instalment is settled and in the books', async (t) => {
  const [event, ...others] = read('loan-overdue-events', person(1))
  t.same(others, [])
  t.equal(codeOf(event?.['settlementStatus']), '03')
  const posting = read('loan-transactions', person(1)).find((row) => row['transactionSerialNumber'] === event?.['transactionSerialNumber'])
  t.equal(posting?.['transactionDate'], event?.['receivedDate'])
  t.equal(posting?.['transactionAmount'], event?.['totalPayable'])
})

t.test('borrower and co-borrower, and nobody else, see the co-borrower', async (t) => {
  const [row] = read('co-borrowers', person(1))
  t.match(row, { coBorrowerName: person(2).name, coBorrowerIdNumber: person(2).number })
  t.same(read('co-borrowers', person(2)), [row])
  for (const index of [3, 4, 5, 6, 7]) t.same(read('co-borrowers', person(index)), [])
})

const open = compileEnvelope(exchangeEnvelope)
const reply = (body: unknown) => ({
  status: 200,
  contentType: 'application/json',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})
const rows = [{ grzh: '1' }]

t.test('every way of wrapping an answer is opened', async (t) => {
  const shapes: unknown[] = [
    ...['0', 0, '1', '00', '200', 200, '2000', '0000'].map((code) => ({ code, message: '成功', data: rows })),
    { code: '0', data: { total: 1, rows } },
    { code: '0', data: { records: rows } },
    { code: '00', msg: '成功', data: '', datas: JSON.stringify(rows), totalDataCount: 1 },
    { code: '1', msg: '', biz_data: { code: '0', status: 'success', result: rows } },
    { code: '1', msg: '', biz_data: { recordcount: 1, rows } },
    { MSG: '', STATE: '0000', DATA: rows },
    { errCode: '0', errMsg: '', data: rows[0] },
    { success: true, data: rows },
    rows,
    rows[0],
  ]
  for (const shape of shapes) t.same(open(reply(shape)).rows, rows, JSON.stringify(shape))
})

t.test('nothing found is empty; what may be an error stays one', async (t) => {
  for (const shape of ['没有数据', { code: '500', msg: '查无数据' }, { code: '0', data: [] }, { code: '0', data: null }, []])
    t.same(open(reply(shape)).rows, [])
  t.throws(() => open(reply('没有数据或者时间格式错误')), { code: 'HUB_UPSTREAM_INVALID' })
  t.throws(() => open(reply({ code: '500', msg: '没有数据或者时间格式错误' })), { code: 'HUB_UPSTREAM_REFUSED' })
  const anyKey = fc.constantFrom('code', 'errCode', 'errcode', 'STATE', 'infcode')
  const failure = fc
    .string({ minLength: 1 })
    .filter((code) => ![...exchangeEnvelope.success, ...exchangeEnvelope.successWithData].includes(code))
  fc.assert(
    fc.property(anyKey, failure, (key, code) => {
      t.throws(() => open(reply({ [key]: code, msg: '失败', data: rows })), { code: 'HUB_UPSTREAM_REFUSED' })
    }),
  )
})
