import fc from 'fast-check'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { enterprises, mandates, people } from '../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { auditOf, contractOf, personal, queries, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

type Row = Record<string, unknown>

const EMPLOYER = '/v1/housing-fund/employer-account'
const REFUSED = [403, 'HUB_MANDATE_REQUIRED']
const DAY = 86_400_000

/** Every way in which somebody could try to say whom a query is about. */
const SUBJECTS: Readonly<Record<string, string>> = {
  idNumber: people[0]?.number ?? '',
  zjhm: people[0]?.number ?? '',
  xingming: people[0]?.name ?? '',
  personName: people[0]?.name ?? '',
  person: '1',
  userId: people[0]?.id ?? '',
  sub: people[0]?.subject ?? '',
  unifiedSocialCreditCode: enterprises[0]?.number ?? '',
  tyshxydm: enterprises[0]?.number ?? '',
  employerName: enterprises[0]?.name ?? '',
  enterprise: enterprises[0]?.id ?? '',
}

function setMandate({ app }: Hub, id: string | undefined, values: Record<string, string | number>) {
  return app.database('mandates').where({ id }).update(values)
}

/** The rows that a caller may see of a service, whatever else was asked. */
async function ownRows(hub: Hub, id: string, person: number): Promise<string[]> {
  const { kind, rows } = contractOf(id)
  const response = await hub.get(`/v1/housing-fund/${id}${kind === 'list' || rows === 'many' ? '?pageSize=500' : ''}`, { person })
  const { data = [] } = response.json<{ data?: Row | Row[] }>()
  return [data].flat().map(frame)
}

/** A row without the lists inside it, which a time range shortens. */
function frame(row: Row): string {
  return JSON.stringify(Object.fromEntries(Object.entries(row).filter(([, value]) => !Array.isArray(value))))
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [housingFund] })
    const employer = async (person: number, enterprise?: number | string) => {
      const options = typeof enterprise === 'number' ? { enterprise } : { claims: { enterprise } }
      return hub.get(EMPLOYER, { person, ...options })
    }

    t.test('no mandate, no answer', async (t) => {
      const none = await employer(1)
      t.strictSame(verdict(none), REFUSED, 'a citizen')
      t.strictSame(none.json().stepUp, { method: 'mandate' })
      for (const [person, enterprise] of [
        [4, 1],
        [2, 1],
        [2, 3],
        [3, 2],
      ] as const)
        t.strictSame(verdict(await employer(person, enterprise)), REFUSED, `person ${person} for enterprise ${enterprise}`)
      for (const strange of ['*', '', '%', enterprises[0]?.number ?? '', enterprises[0]?.name ?? ''])
        t.strictSame(verdict(await employer(2, strange)), REFUSED, `enterprise '${strange}'`)
      for (const [person, enterprise] of mandates.map((mandate) => [mandate.person, mandate.enterprise] as const)) {
        const response = await employer(person, enterprise)
        t.equal(response.statusCode, 200)
        t.equal(response.json().data.employerName, enterprises[enterprise - 1]?.name)
      }
    })

    t.test('a mandate holds from its first to its last moment, within its scope, for an enterprise in good standing', async (t) => {
      const [id] = mandates.filter(({ person, enterprise }) => person === 2 && enterprise === 2).map((mandate) => mandate.id)
      const now = Date.now()
      const cases: [name: string, values: Record<string, string | number>, status: number][] = [
        ['expired', { ends_at: now - 1 }, 403],
        ['not yet begun', { ends_at: now + DAY, starts_at: now + DAY }, 403],
        ['running', { starts_at: now - DAY }, 200],
        ['withdrawn', { status: 'revoked' }, 403],
        ['this service', { status: 'active', scope: 'housing-fund.employer-account' }, 200],
        ['this connector', { scope: 'housing-fund' }, 200],
        ['several', { scope: 'social-security housing-fund.employer-account' }, 200],
        ['another service', { scope: 'housing-fund.personal-account' }, 403],
        ['another connector', { scope: 'social-security' }, 403],
        ['part of a name', { scope: 'housing' }, 403],
        ['part of a service', { scope: 'housing-fund.employer' }, 403],
        ['nothing', { scope: '' }, 403],
        ['everything', { scope: '*' }, 200],
      ]
      for (const [name, values, status] of cases) {
        await setMandate(hub, id, values)
        t.equal((await employer(2, 2)).statusCode, status, name)
      }
      const enterprise = hub.app.database('enterprises').where({ id: enterprises[1]?.id })
      await enterprise.clone().update({ status: 'frozen' })
      t.strictSame(verdict(await employer(2, 2)), [403, 'HUB_ENTERPRISE_FROZEN'], 'frozen')
      await enterprise.clone().update({ status: 'active' })
      t.equal((await employer(2, 2)).statusCode, 200)
    })

    t.test('whom a query is about is refused as an input, with a pointer and without an echo', async (t) => {
      for (const { id } of queries) {
        for (const [name, value] of Object.entries(SUBJECTS)) {
          // A name that isn't masked is an ordinary filter on one's own rows.
          if (contractOf(id).fields[name] && !contractOf(id).fields[name]?.notes.mask && contractOf(id).rows === 'many') continue
          const { traceId, headers } = trace()
          const response = await hub.get(`/v1/housing-fund/${id}?${name}=${encodeURIComponent(value)}`, {
            person: 2,
            enterprise: 2,
            headers,
          })
          t.strictSame(verdict(response), [400, 'HUB_VALIDATION'], `${id}?${name}`)
          t.strictSame(response.json().errors, [{ pointer: `/query/${name}`, detail: '不接受这一项' }])
          if (value.length > 1) t.notOk(response.body.includes(value), 'no echo')
          if (id === 'personal-account') t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_VALIDATION', rows: null }])
        }
      }
    })

    t.test('identity comes from the token alone', async (t) => {
      const smuggled = await hub.app.inject({
        url: '/v1/housing-fund/personal-account',
        headers: {
          authorization: `Bearer ${await hub.token({ person: 2 })}`,
          'x-user-id': people[0]?.id ?? '',
          'x-id-number': people[0]?.number ?? '',
          cookie: `zjhm=${people[0]?.number}`,
          'content-type': 'application/json',
        },
        payload: JSON.stringify(SUBJECTS),
      })
      t.equal(smuggled.json().data.personName, people[1]?.name, 'headers, cookies and bodies are no identity')
      const claims = { idNumber: people[0]?.number, zjhm: people[0]?.number, name: people[0]?.name, enterprise: enterprises[0]?.id }
      const claimed = await hub.get('/v1/housing-fund/personal-account', { person: 2, claims })
      t.equal(claimed.json().data.personName, people[1]?.name, 'what a token says beyond its subject is no identity')
    })

    t.test('whatever is asked, person 2 sees rows of person 2 and nothing of person 1', async (t) => {
      const own = new Map(await Promise.all(personal.map(async (id) => [id, new Set(await ownRows(hub, id, 2))] as const)))
      const strangers = new Set((await Promise.all(personal.map((id) => ownRows(hub, id, 1)))).flat())
      for (const row of [...own.values()].flatMap((rows) => [...rows])) strangers.delete(row)
      t.ok(strangers.size > 50, 'person 1 has rows of their own')
      const values = [
        ...Object.values(SUBJECTS),
        ...[
          '990100000000000011',
          '99000000001',
          'XCGJJ-JK-2019-00011',
          '../..',
          '2023-01-01/2026-12-31',
          '1',
          '0',
          'all',
          '贾*',
          '',
          '*',
          '%',
        ],
      ]
      const names = [
        ...Object.keys(SUBJECTS),
        ...personal.flatMap((id) => Object.keys({ ...contractOf(id).inputs, ...contractOf(id).fields })),
        ...['sort', 'page', 'pageSize', 'format', 'fields'],
      ]
      const question = fc.record({
        id: fc.constantFrom(...personal),
        query: fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values)), { minLength: 1, maxLength: 3 }),
        declared: fc.boolean(),
      })
      let answered = 0
      const property = fc.asyncProperty(question, async ({ id, query, declared }) => {
        const { inputs, fields } = contractOf(id)
        const known = query.filter(([name]) => !declared || name in inputs || name in fields)
        const response = await hub.get(`/v1/housing-fund/${id}?${new URLSearchParams(known)}`, { person: 2 })
        if (response.statusCode === 429) return
        for (const { number, name } of people.slice(0, 1)) if (response.body.includes(number) || response.body.includes(name)) return false
        if (response.statusCode !== 200) return response.statusCode >= 400 && response.statusCode < 500
        answered++
        const rows = [response.json<{ data: Row | Row[] }>().data].flat().map(frame)
        return rows.every((row) => own.get(id)?.has(row) && !strangers.has(row))
      })
      await fc.assert(property, { numRuns: 150, seed: 20261122 })
      t.ok(answered > 15, `${answered} questions were answered`)
    })
  })
}
