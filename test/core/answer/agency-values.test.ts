import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { readerOf } from '../../../core/answer/values.ts'
import { compileService } from '../../../core/call/service.ts'
import { field } from '../../../core/connector.ts'
import type { Fault } from '../../../plugins/sandbox/faults.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { figuresOf } from '../../helper/figures.ts'
import { build } from '../../helper/hub.ts'
import { contractOf, verdict } from '../../helper/queries.ts'

type Oddity = { service: string; kind: string; field: string; count: number }

/** What agencies were seen to send, and what the hub must make of it; see `about` in the file. */
interface Case {
  id: string
  field?: string
  send?: string
  'send-raw'?: string
  answer?: unknown
  'answer-ends'?: string
  unreadable?: string
  refuse?: string
}

const { values: cases } = JSON.parse(readFileSync(new URL('../../data/agency-values.json', import.meta.url), 'utf8')) as { values: Case[] }
const SID = 'housing-fund.personal-account'
const URL_OF = '/v1/housing-fund/personal-account'
const { fields } = contractOf('personal-account')
const nameOf = (key: string) => Object.entries(fields).find(([, { notes }]) => notes.codes.includes(key))?.[0] ?? key
const MASKED = '411***********000X'

const hub = await build(t, { declarations: [housingFund] })
const { faults } = hub.app.sandbox as Sandbox

async function ask(fault: Omit<Fault, 'sid'> | null, person = 1) {
  faults.clear()
  if (fault) faults.set({ ...fault, sid: SID })
  const response = await hub.get(URL_OF, { person })
  faults.clear()
  return response
}

const sent = (one: Case): Omit<Fault, 'sid'> => ({
  kind: 'values',
  values: { [one.field ?? '']: one['send-raw'] ?? JSON.stringify(one.send) },
})

const plain = (await ask(null)).json()
const readAsBefore = async (t: Test, fault: Omit<Fault, 'sid'>) => {
  const response = await ask(fault)
  t.strictSame([response.statusCode, response.json().data], [200, plain.data], response.body)
}

/** Cases that are more than one value of one field. */
const special: Readonly<Record<string, (t: Test, one: Case) => Promise<unknown>>> = {
  'number-beyond-2^53': async (t, one) => {
    const { data } = (await ask(sent(one))).json()
    t.match(data.personalAccountNumber, /^\*+1234$/)
    t.equal(data.personalAccountNumber.length, 20, 'not a digit less')
  },
  'id-as-number': async (t, one) => {
    const service = compileService(
      housingFund,
      housingFund.services.find(({ contract }) => contract.id === 'personal-account') as (typeof housingFund.services)[number],
    )
    const body = (number: string) => Buffer.from(`{"code":"0","data":{"grzh":"9000123412341234","grzhye":1.5,"zjhm":${number}}}`)
    const read = (number: string, idNumber: string) => {
      const [row] = service.open({ status: 200, contentType: 'application/json', body: body(number) }).rows
      return service.mask(service.map(row ?? {}, { person: { id: '1', name: '甲', idType: '01', idNumber }, enterprise: null }))
    }
    t.match(read(one['send-raw'] ?? '', '110101199003070038'), { idNumber: '110***********0038', accountBalance: 1.5 })
    t.throws(
      () => read(one['send-raw'] ?? '', '110101199003070046'),
      { code: 'HUB_UPSTREAM_WRONG_SUBJECT' },
      'a double would tell no difference',
    )
    const [, second] = people
    const whole = await ask({ kind: 'values', values: { zjhm: second?.number ?? '' } }, 2)
    t.match(whole.json().data, { idNumber: '411***********9991' })
  },
  'id-15': async (t, one) => t.equal((await ask(sent(one))).json().data?.idNumber, MASKED),
  'id-fullwidth': async (t, one) => t.equal((await ask(sent(one))).json().data?.idNumber, MASKED),
  'date-open-end': async (t, one) => {
    const read = readerOf(field.until('有效期至').notes)
    for (const text of [one.send, '9999-12-31']) t.same(read(text), { until: null, name: '长期' })
  },
  'encoding-gzip': async (t) => {
    for (const encoding of ['gzip', 'deflate', 'br'] as const) await readAsBefore(t, { kind: 'packed', encoding })
    const start = performance.now()
    t.strictSame(verdict(await ask({ kind: 'packed-bomb' })), [502, 'HUB_UPSTREAM_INVALID'])
    t.ok(performance.now() - start < 4000)
  },
  'encoding-mislabelled': (t) => readAsBefore(t, { kind: 'packed-falsely' }),
  'charset-undeclared-gbk': (t) => readAsBefore(t, { kind: 'gbk-unnamed' }),
  // test/core/upstream/dead-connection.test.ts
  'post-dead-socket': async () => undefined,
  'redirect-to-login': async (t) => {
    t.strictSame(verdict(await ask({ kind: 'login' })), [502, 'HUB_UPSTREAM_CREDENTIAL'])
    const { main } = await figuresOf(hub, 'housing-fund')
    t.equal(main.lastFailure.code, 'HUB_UPSTREAM_CREDENTIAL')
  },
}

for (const one of cases) {
  t.test(one.id, async (t) => {
    const own = special[one.id]
    if (own) return own(t, one)
    const response = await ask(sent(one))
    if (one.refuse) return t.strictSame(verdict(response), [502, one.refuse])
    const { data, meta } = response.json()
    t.equal(response.statusCode, 200, response.body)
    if (!one.unreadable) {
      t.same(data[nameOf(one.field ?? '')], one.answer)
      return t.equal(meta.unreadable, undefined)
    }
    t.same(meta.unreadable, [one.unreadable])
    const value = one.unreadable.split(/[.[\]]+/).reduce<unknown>((object, key) => (object as Record<string, unknown>)[key], data)
    t.equal(value, null)
  })
}

t.test('what is odd is counted for operators, by field and without the values', async (t) => {
  const { oddities } = await figuresOf(hub, 'housing-fund')
  const counted = (kind: string) =>
    new Map(
      (oddities as Oddity[]).filter((oddity) => oddity.kind === kind).map(({ service, field, count }) => [`${service}.${field}`, count]),
    )
  t.equal(counted('unreadable').get('personal-account.personalContributionBase'), 1)
  t.equal(counted('unreadable').get('personal-account.contributionMonthDetails.contributionMonth'), 1)
  t.equal(counted('unreadable').get('personal-account.accountBalance'), 1, 'refused ones too')
  t.strictSame(counted('unknown-code'), new Map([['personal-account.personalAccountStatus', 1]]))
})
