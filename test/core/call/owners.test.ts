import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import type { SandboxSubject, SandboxWorld } from '../../../core/contract/types.ts'
import { build } from '../../helper/hub.ts'
import { targets } from '../../helper/targets.ts'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target })

    t.test('records of somebody else are withheld from persons, agents and units', async (t) => {
      const asked: [sid: string, url: string, enterprise?: number][] = [
        ['social-security.employee-contributions', '/v1/social-security/employee-contributions'],
        ['social-security.work-injury-contributions', '/v1/social-security/work-injury-contributions', 2],
        ['social-security.enterprise-pension-contributions', '/v1/social-security/enterprise-pension-contributions', 1],
        ['medical-insurance.hospitalisation-records', '/v1/medical-insurance/hospitalisation-records'],
        ['medical-insurance.account-balance', '/v1/medical-insurance/account-balance'],
      ]
      for (const [sid, url, enterprise] of asked) {
        hub.app.sandbox?.faults.set({ kind: 'wrong-person', sid, times: 1 })
        const answer = await hub.get(url, enterprise ? { enterprise } : {})
        t.match(answer.json(), { status: 502, code: 'HUB_UPSTREAM_WRONG_SUBJECT' }, sid)
        t.equal((await hub.get(url, enterprise ? { enterprise } : {})).statusCode, 200, sid)
      }
    })

    t.test('work injury insurance: a person about their own records, an agent about the unit', async (t) => {
      const url = '/v1/social-security/work-injury-contributions'
      const own = (await hub.get(url)).json().data
      const unit = (await hub.get(url, { enterprise: 1 })).json().data
      t.equal(own[0].contributionRecords[0].insuredCount, 1)
      t.equal(unit[0].contributionRecords[0].insuredCount, 128)
      t.match((await hub.get(url, { person: 4, enterprise: 1 })).json(), { status: 403, code: 'HUB_MANDATE_REQUIRED' })
    })

    t.test('enterprise pensions: real-name and a mandate; one period', async (t) => {
      const url = '/v1/social-security/enterprise-pension-contributions'
      t.match((await hub.get(url)).json(), { status: 403, code: 'HUB_MANDATE_REQUIRED' })
      t.match((await hub.get(url, { person: 2, enterprise: 1 })).json(), { status: 403, code: 'HUB_MANDATE_REQUIRED' })
      const { data } = (await hub.get(`${url}?timeRange=2026-01-01/2026-03-31`, { enterprise: 3 })).json()
      t.same(
        data.map(({ contributionMonth }: { contributionMonth: string }) => contributionMonth),
        ['2026-03', '2026-02', '2026-01'],
      )
    })

    t.test('public lists narrow by what was asked for', async (t) => {
      const names = async (query: string) =>
        (await hub.app.inject({ url: `/v1/medical-insurance/${query}` }))
          .json()
          .data.map((row: Record<string, unknown>) => Object.values(row)[0])
      t.same(await names('designated-hospitals?region=411081'), ['禹州市示例中医院'])
      t.same(await names(`designated-hospitals?treatmentNeed=${encodeURIComponent('儿科')}`), [
        '许昌市示例妇幼保健院',
        '长葛市示例人民医院',
      ])
      t.same(await names(`drug-catalogue?drugName=${encodeURIComponent('缬沙坦')}`), ['缬沙坦胶囊'])
      t.equal((await names('policies?policyCategory=04')).length, 1)
    })
  })
}

t.test('what stands under the owner’s key decides, over HTTP', async (t) => {
  const wide = (text: string) => text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
  /** By person: how the agency names the owner. */
  const named: Readonly<Record<number, (number: string) => object>> = {
    1: (number) => ({ zjhm: number.toLowerCase() }),
    2: (number) => ({ zjhm: wide(number) }),
    3: (number) => ({ zjhm: number.slice(0, 6) + number.slice(8, 17) }),
    4: (number) => ({ zjhm: [number] }),
    5: () => ({ zjhm: '******************' }),
    6: () => ({ zjhm: null, ZJHM: '110101199003070011' }),
    7: (number) => ({ zjhm: `${number.slice(0, 6)}********${number.slice(14)}` }),
  }
  const rows = housingFund.sandbox['personal-account']
  const sandbox = {
    ...housingFund.sandbox,
    'personal-account': (subject: SandboxSubject, world: SandboxWorld) =>
      (rows?.({ ...subject, index: 1 }, world) ?? []).map((row) => ({ ...row, ...named[subject.index]?.(subject.number) })),
  }
  const hub = await build(t, { declarations: [{ ...housingFund, sandbox }] })
  for (const person of [1, 2, 3, 7])
    t.equal((await hub.get('/v1/housing-fund/personal-account', { person })).statusCode, 200, `person ${person}`)
  t.equal((await hub.get('/v1/housing-fund/personal-account')).json().data.idNumber, '411***********000X', 'as the standard writes it')
  for (const person of [4, 5, 6])
    t.match(
      (await hub.get('/v1/housing-fund/personal-account', { person })).json(),
      { status: 502, code: 'HUB_UPSTREAM_WRONG_SUBJECT' },
      `person ${person}`,
    )
})
