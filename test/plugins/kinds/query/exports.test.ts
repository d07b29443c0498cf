import t from 'tap'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration } from '../../../../core/connector.ts'
import { build } from '../../../helper/hub.ts'
import { auditOf, contractOf, queries, trace, verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'
import { readXlsx, sheetsOf } from '../../../helper/xlsx.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const path = (id: string) => `/v1/housing-fund/${id}`

/** Texts that a spreadsheet program would run, or that break a careless writer. */
const NASTY = [
  '=HYPERLINK("http://example.invalid","x")',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '\n=2',
  // A spreadsheet program of a Chinese or Japanese desk takes these for the others.
  '＝1+1',
  '＠SUM(A1)',
  'a "quoted", cell\r\nof two lines',
  '<b>&amp;</b>',
]

/** The housing fund, with an agency that writes such texts into 备注. */
const declaration: ConnectorDeclaration = {
  ...housingFund,
  sandbox: {
    ...housingFund.sandbox,
    'loan-overdue-events': ({ index }) => NASTY.map((bz) => ({ dkzh: `99010000000000001${index}`, yqbj: '-12.50', bz })),
  },
}

/** RFC 4180, for what the hub itself writes. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/g)) {
    lines.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n') lines.push([])
    if (end === '') break
  }
  lines.pop()
  return lines
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [declaration], sandboxTiming: { now: () => Date.UTC(2026, 9, 31) } })
    const get = (url: string, headers: Record<string, string> = {}) => hub.get(url, { enterprise: 1, headers })

    t.test('every query comes as CSV and as XLSX: the same rows under Chinese titles', async (t) => {
      for (const { id, name, fields } of queries) {
        // Of what the declaration marks in its records, the words stand behind them.
        const isMarked = Object.values(contractOf(id).marks ?? {}).some(({ when }) => !when.field.includes('.'))
        const titles = [...fields.map(([, title]) => title), ...(isMarked ? ['提示'] : [])]
        const many = contractOf(id).kind === 'list' || contractOf(id).rows === 'many'
        const { data } = (await get(`${path(id)}${many ? '?pageSize=500' : ''}`)).json()
        const count = many ? data.length : 1

        const csv = await get(`${path(id)}?format=csv`)
        t.equal(csv.statusCode, 200, id)
        t.equal(csv.headers['content-type'], 'text/csv; charset=utf-8')
        t.match(
          csv.headers['content-disposition'],
          new RegExp(`^attachment; .*filename\\*=UTF-8''${encodeURIComponent(name)}-[\\d-]{10}\\.csv$`),
        )
        t.ok(csv.body.startsWith('\ufeff'), 'spreadsheet programs take it for UTF-8')
        const [head, ...lines] = readCsv(csv.body.slice(1))
        t.strictSame(head, titles, id)
        t.equal(lines.length, count, id)
        for (const line of lines) t.equal(line.length, titles.length, id)

        const xlsx = await get(`${path(id)}?format=xlsx`)
        t.equal(xlsx.headers['content-type'], XLSX)
        const [top, ...rows] = readXlsx(xlsx.rawPayload)
        t.strictSame(top, titles, id)
        t.equal(rows.length, count, id)
      }
    })

    t.test('cells are typed, named and masked', async (t) => {
      const query =
        '?fields=personName,idNumber,personalAccountStatus,accountBalance,contributionMonthDetails,arrivalTime&timeRange=2026-09-01/..'
      const expected = ['贾明', '411***********000X', '正常', 86882.74, '1 条', '2026-10-15T09:30:12+08:00']
      const [, row] = readXlsx((await get(`${path('personal-account')}${query}&format=xlsx`)).rawPayload)
      t.strictSame(row, expected)
      const [, line] = readCsv((await get(`${path('personal-account')}${query}&format=csv`)).body.slice(1))
      t.strictSame(line, expected.map(String))
      const [, flag] = readCsv((await get(`${path('employer-account')}?fields=anomalyFlag,remarks&format=csv`)).body.slice(1))
      t.strictSame(flag, ['否', ''])
    })

    t.test(
      'a list inside a record is a sheet of its own, or a CSV; amounts have two decimals, long numbers all their digits',
      async (t) => {
        const url = `${path('personal-account')}?timeRange=2026-09-01/..`
        const workbook = (await get(`${url}&format=xlsx`)).rawPayload
        t.strictSame(sheetsOf(workbook), ['公积金个人账户信息查询', '缴存年月明细', '单位缴存明细'])
        const head = ['缴存年月', '个人缴存额', '单位缴存额', '缴存额合计', '业务类型', '记账日期']
        t.strictSame(readXlsx(workbook, 2), [head, ['2026-09', 1032, 1032, 2064, '汇缴', '2026-10-15']])
        const csv = readCsv((await get(`${url}&format=csv&list=contributionMonthDetails`)).body.slice(1))
        t.strictSame(csv, [head, ['2026-09', '1032.00', '1032.00', '2064.00', '汇缴', '2026-10-15']])
        const [, ...plan] = readCsv((await get(`${path('loan-account')}?format=csv&list=repaymentSchedule`)).body.slice(1))
        t.equal(plan.length, 180, 'a line for each instalment')
        const loans = await get(`${path('loan-account')}?format=csv&fields=loanAccountNumber`)
        t.match(readCsv(loans.body.slice(1)), [['贷款账号'], [/^="99010000000000001\d"$/]], 'a spreadsheet program shows it whole')
        t.strictSame(verdict(await get(`${url}&list=contributionMonthDetails`)), [400, 'HUB_VALIDATION'], 'only a CSV')
        t.strictSame(verdict(await get(`${url}&format=csv&list=accountBalance`)), [400, 'HUB_VALIDATION'])
      },
    )

    t.test('what the contract wants printed is printed', async (t) => {
      const response = await get(`${path('employer-account')}?format=pdf`)
      t.match([response.statusCode, response.headers['content-type']], [200, 'application/pdf'])
      t.strictSame(verdict(await get(`${path('personal-account')}?format=pdf`)), [400, 'HUB_VALIDATION'], 'what is no document stays none')
    })

    t.test('filters and order hold for a file, pages do not', async (t) => {
      const query = `${path('personal-transactions')}?contributionWithdrawalType=01&sort=postingDate&fields=postingDate,transactionAmount`
      const { data } = (await get(`${query}&pageSize=500`)).json()
      t.ok(data.length > 20)
      const lines = readCsv((await get(`${query}&pageSize=5&page=2&format=csv`)).body.slice(1)).slice(1)
      t.strictSame(
        lines,
        data.map((row: { postingDate: string; transactionAmount: number }) => [row.postingDate, row.transactionAmount.toFixed(2)]),
      )
      const { traceId, headers } = trace()
      await get(`${query}&format=xlsx`, headers)
      t.match(await auditOf(hub, traceId), [{ rows: data.length, fields: ['postingDate', 'transactionAmount'], outcome: 'ok' }])
    })

    t.test('no cell is run as a formula', async (t) => {
      const url = `${path('loan-overdue-events')}?fields=remarks,overduePrincipal`
      const lines = readCsv((await get(`${url}&format=csv`)).body.slice(1)).slice(1)
      t.equal(lines.length, NASTY.length)
      for (const [remark = '', amount] of lines) {
        t.notMatch(remark, /^[=+\-@\t\r\n＝＋－＠]/, remark)
        t.equal(amount, '-12.50', 'a number below zero stays a number')
      }
      t.ok(lines.some(([remark]) => remark === 'a "quoted", cell\r\nof two lines'))
      const rows = readXlsx((await get(`${url}&format=xlsx`)).rawPayload).slice(1)
      t.strictSame(
        rows.map(([remark]) => remark),
        NASTY.map((text) => text.trim()),
        'text cells, and no formula',
      )
      t.strictSame(new Set(rows.map(([, amount]) => amount)), new Set([-12.5]))
    })

    t.test('Accept chooses the format, ?format= outranks it', async (t) => {
      const url = `${path('loan-information')}?fields=loanContractNumber`
      const cases: [accept: string, type: RegExp | string][] = [
        ['*/*', /^application\/json/],
        ['application/json', /^application\/json/],
        ['text/csv', /^text\/csv/],
        ['Text/CSV', /^text\/csv/],
        [XLSX, XLSX],
        ['text/html, application/json;q=0.9, */*;q=0.8', /^application\/json/],
        ['text/csv, */*;q=0.1', /^text\/csv/],
        ['application/json;q=0.5, text/csv', /^text\/csv/],
        ['application/json;q=0, text/csv;q=0.2', /^text\/csv/],
        [`${XLSX};q=0.9,text/csv;q=0.8`, XLSX],
      ]
      for (const [accept, type] of cases) {
        const response = await get(url, { accept })
        t.equal(response.statusCode, 200, accept)
        t.match(response.headers['content-type'], type, accept)
      }
      t.match((await get(`${url}&format=json`, { accept: 'text/csv' })).headers['content-type'], /^application\/json/)
      t.match((await get(`${url}&format=csv`, { accept: 'application/json' })).headers['content-type'], /^text\/csv/)
      for (const accept of ['image/png', 'application/xml', 'application/json;q=0']) {
        t.strictSame(verdict(await get(url, { accept })), [406, 'HUB_NOT_ACCEPTABLE'], accept)
      }
    })

    t.test('an error is a problem document, whatever format was asked for', async (t) => {
      for (const format of ['csv', 'xlsx']) {
        const response = await hub.get(`${path('personal-account')}?format=${format}`, { person: 7 })
        t.strictSame(verdict(response), [404, 'HUB_NO_RECORD'])
        const empty = await hub.get(`${path('loan-information')}?format=${format}`, { person: 7 })
        t.equal(empty.statusCode, 200, 'an empty list is a file with titles alone')
      }
      for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
        const refused = await get(`${path('loan-information')}?format=csv&fields=${name}`)
        t.strictSame(verdict(refused), [400, 'HUB_VALIDATION'], name)
        t.match(refused.json().errors, [{ pointer: '/query/fields' }])
      }
    })
  })
}

t.test('exports of one user do not pile up, and who goes away leaves his place', async (t) => {
  const hub = await build(t, { declarations: [housingFund] })
  const url = `${path('personal-transactions')}?format=xlsx`
  const answers = await Promise.all(Array.from({ length: 5 }, () => hub.get(url)))
  const refused = answers.filter(({ statusCode }) => statusCode !== 200)
  t.equal(refused.length, 3, 'two at a time')
  for (const response of refused) {
    t.strictSame(verdict(response), [429, 'HUB_RATE_LIMITED'])
    t.match(response.headers['retry-after'], /^\d+$/)
  }
  t.equal((await hub.get(url.replace('xlsx', 'json'))).statusCode, 200, 'calls go on')

  const origin = await hub.app.listen({ host: '127.0.0.1', port: 0 })
  const headers = { authorization: `Bearer ${await hub.token()}` }
  for (let index = 0; index < 4; index++) {
    const leaving = new AbortController()
    const asked = fetch(origin + url, { headers, signal: leaving.signal }).catch(() => undefined)
    setTimeout(() => leaving.abort(), 10 * index)
    await asked
  }
  let free = false
  while (!free) free = (await Promise.all([hub.get(url), hub.get(url)])).every(({ statusCode }) => statusCode === 200)
  t.ok(free, 'both places')
})
