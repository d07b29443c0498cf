import t from 'tap'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import { createHeldDocuments, KEPT_MS } from '../../../../plugins/kinds/document/held.ts'
import { people } from '../../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { call, enterpriseId, userId } from '../../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const PERSONAL = '/v1/medical-insurance/personal-insurance-certificate-printing?format=pdf'
const EMPLOYER = '/v1/medical-insurance/employer-insurance-certificate-printing?format=pdf&timeRange=2026-01-01/2026-06-30'
const MINE = '/v1/me/documents'
const [ADMIN, OPERATOR, AUDITOR] = [1, 2, 3] as const
const NONE = [404, 'HUB_NO_RECORD']
const purpose = '例行检查'
const DAY = 86_400_000

type Listed = { id: string; service: string; state: string; issuedAt: string } & Record<string, unknown>

/** Has a document printed, → its id. */
async function print(hub: Hub, url: string, options: Parameters<Hub['get']>[1]): Promise<string> {
  const response = await hub.get(url, options)
  if (response.statusCode !== 200) throw new Error(response.body)
  const { database } = hub.app
  const { id } = await database('issued_documents').orderBy('issued_at', 'desc').first('id')
  // So that "newest" is certain even within a millisecond.
  await database('issued_documents').whereNot({ id }).decrement('issued_at', 1000)
  return id
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [medicalInsurance] })
    const rows = () => hub.app.database('issued_documents')
    const list = async (url: string, person = 1): Promise<Listed[]> => {
      const response = await call(hub, 'GET', url, { person })
      t.equal(response.statusCode, 200, response.body)
      return response.json().data
    }
    const ids = async (url: string, person = 1) => (await list(url, person)).map(({ id }) => id)
    const first = await print(hub, PERSONAL, { person: 1 })
    const employers = await print(hub, EMPLOYER, { person: 2, enterprise: 2 })
    const second = await print(hub, PERSONAL, { person: 1 })
    const others = await print(hub, PERSONAL, { person: 2 })

    t.test('one’s own, newest first, page by page, and never the code', async (t) => {
      const { headers, traceId } = trace()
      const response = await call(hub, 'GET', MINE, { headers })
      const { data, meta } = response.json()
      t.same(
        data.map(({ id }: Listed) => id),
        [second, first],
      )
      t.match(meta.page, { number: 1, size: 20, total: 2 })
      t.strictSame(Object.keys(data[0]), ['id', 'service', 'agency', 'issuedAt', 'expiresAt', 'state', 'signature', 'stampedAt'])
      t.match(data[0], { service: '个人参保证明', agency: medicalInsurance.agency, state: 'valid' })
      const { code_hash } = await rows().where({ id: second }).first()
      t.notOk(response.body.includes(code_hash))
      t.notMatch(response.body, /(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}/)
      t.match(await auditOf(hub, traceId), [{ service: 'me.documents', outcome: 'ok', rows: 2 }])
      t.same(await ids(`${MINE}?page=2&pageSize=1`), [first])
      t.same(await ids(MINE, 2), [others], 'what was printed for an enterprise is not the agent’s own')
      t.same(await list(MINE, 5), [])
      const acting = await call(hub, 'GET', MINE, { person: 1, enterprise: 1 })
      t.same(acting.json().data, [], 'a token for an enterprise shows nobody’s own')
      t.same(verdict(await call(hub, 'GET', `${MINE}?user=${userId(2)}`)), [400, 'HUB_VALIDATION'])
      t.same(verdict(await hub.app.inject(MINE)), [401, 'HUB_TOKEN_MISSING'])
    })

    t.test('only one’s own is taken back, once and for all', async (t) => {
      for (const id of [others, employers, crypto.randomUUID()])
        t.same(verdict(await call(hub, 'DELETE', `${MINE}/${id}`)), NONE, 'neither somebody else’s nor an enterprise’s')
      t.equal(await stateOf(others), null)
      t.same(verdict(await call(hub, 'DELETE', `${MINE}/${employers}`, { person: 2, enterprise: 2 })), NONE)
      t.same(verdict(await call(hub, 'DELETE', `${MINE}/x`)), [400, 'HUB_VALIDATION'])
      const { headers, traceId } = trace()
      t.equal((await call(hub, 'DELETE', `${MINE}/${first}`, { headers })).statusCode, 204)
      const at = await stateOf(first)
      t.ok(at)
      t.equal((await call(hub, 'DELETE', `${MINE}/${first}`)).statusCode, 204, 'the same answer again')
      t.equal(await stateOf(first), at, 'and the same time')
      t.match(await auditOf(hub, traceId), [{ service: 'me.documents.revoke', target: first, outcome: 'ok' }])
      t.match(await list(MINE), [{ state: 'valid' }, { id: first, state: 'revoked' }])
    })

    t.test('an enterprise’s, by whoever may have them printed', async (t) => {
      const url = (enterprise: number) => `/v1/enterprises/${enterpriseId(enterprise)}/documents`
      t.match(await list(url(2), 2), [{ id: employers, service: '单位参保证明', state: 'valid' }], 'whoever had it printed')
      t.same(await list(url(2), 1), [], 'another agent of the same enterprise')
      t.same(verdict(await call(hub, 'DELETE', `${url(2)}/${employers}`)), NONE)
      await represent(2)
      t.match(await list(url(2), 1), [{ id: employers }], 'its legal representative')
      const refused = [403, 'HUB_MANDATE_REQUIRED']
      for (const method of ['GET', 'DELETE'] as const) {
        const path = (enterprise: number) => (method === 'GET' ? url(enterprise) : `${url(enterprise)}/${employers}`)
        t.same(verdict(await call(hub, method, path(2), { person: 3 })), refused, 'an agent of another')
        t.same(verdict(await call(hub, method, path(2), { person: 5, enterprise: 2 })), refused, 'the token alone is no mandate')
        t.same(verdict(await call(hub, method, path(2), { person: 1, enterprise: 1 })), refused, 'a token for another enterprise')
      }
      t.same(verdict(await call(hub, 'GET', `/v1/enterprises/${crypto.randomUUID()}/documents`)), refused)
      t.same(verdict(await call(hub, 'DELETE', `${url(1)}/${employers}`)), NONE, 'of the enterprise that is named')
      t.same(verdict(await call(hub, 'DELETE', `${url(2)}/${second}`)), NONE, 'a person’s is none of an enterprise’s')
      const mandates = () => hub.app.database('mandates').where({ user_id: userId(1), enterprise_id: enterpriseId(2) })
      await mandates().update({ scope: 'medical-insurance.employer-basic-information' })
      t.same(verdict(await call(hub, 'DELETE', `${url(2)}/${employers}`)), refused, 'a mandate for something else')
      await mandates().update({ scope: '*' })
      t.equal(await stateOf(employers), null)
      const { headers, traceId } = trace()
      t.equal((await call(hub, 'DELETE', `${url(2)}/${employers}`, { headers })).statusCode, 204)
      t.match(await auditOf(hub, traceId), [{ target: employers, enterprise: enterpriseId(2) }])
      t.match(await list(url(2), 2), [{ id: employers, state: 'revoked' }])
    })

    t.test('administrators find and revoke, each in his role, with a purpose', async (t) => {
      await rows()
        .where({ id: others })
        .update({ expires_at: Date.now() - 1 })
      const all = '/admin/documents'
      t.same(await ids(all, AUDITOR), [others, second, employers, first])
      const filters: [string, string[]][] = [
        [`user=${userId(2)}`, [others, employers]],
        ['service=medical-insurance', [others, second, employers, first]],
        ['service=medical-insurance.employer-insurance-certificate-printing', [employers]],
        ['service=housing-fund', []],
        ['state=valid', [second]],
        ['state=revoked', [employers, first]],
        ['state=expired', [others]],
        [`from=${encodeURIComponent(new Date(Date.now() + DAY).toISOString())}`, []],
        [`to=${encodeURIComponent(new Date(Date.now() - DAY).toISOString())}`, []],
        ['pageSize=1&page=3', [employers]],
      ]
      for (const [query, expected] of filters) t.same(await ids(`${all}?${query}`, OPERATOR), expected, query)
      const span = ['2026-02-02', '2026-01-01'].map((day) => encodeURIComponent(`${day}T00:00:00+08:00`))
      t.same(verdict(await call(hub, 'GET', `${all}?from=${span[0]}&to=${span[1]}`, { person: ADMIN })), [400, 'HUB_VALIDATION'])

      const [shown] = await list(`${all}?state=valid`, OPERATOR)
      t.match(shown, { userId: userId(1), enterpriseId: null, holder: { name: '贾*', number: '411***********000X' } })
      t.notOk(JSON.stringify(shown).includes(people[0]?.number ?? ''))

      const revoke = (id: string, person: number, body: object = { purpose }, headers = {}) =>
        call(hub, 'POST', `${all}/${id}/revoke`, { person, body, headers })
      t.same(verdict(await revoke(second, 4)), [403, 'HUB_ROLE_REQUIRED'])
      t.same(verdict(await revoke(second, AUDITOR)), [403, 'HUB_ROLE_REQUIRED'])
      t.same(verdict(await revoke(second, OPERATOR, {})), [400, 'HUB_VALIDATION'])
      t.same(verdict(await revoke(crypto.randomUUID(), OPERATOR)), NONE)
      t.equal(await stateOf(second), null)
      const { headers, traceId } = trace()
      t.match((await revoke(second, OPERATOR, { purpose: '信息有误' }, headers)).json().data, { id: second, state: 'revoked' })
      t.match(await auditOf(hub, traceId), [
        { connector: 'admin', service: 'documents.revoke', purpose: '信息有误', target: second, outcome: 'ok' },
      ])
      const at = await stateOf(second)
      t.match((await revoke(second, ADMIN)).json().data, { state: 'revoked' })
      t.equal(await stateOf(second), at)
    })

    t.test('whoever closes his account leaves no valid document; the enterprise’s stand', async (t) => {
      const own = await print(hub, PERSONAL, { person: 3 })
      const units = await print(hub, EMPLOYER, { person: 3, enterprise: 3 })
      const closed = await hub.post('/v1/me/deregister', { person: 3 })
      t.equal(closed.statusCode, 204, closed.body)
      t.ok(await stateOf(own))
      t.equal(await stateOf(units), null)
      await represent(3)
      t.match(await list(`/v1/enterprises/${enterpriseId(3)}/documents`), [{ id: units, state: 'valid' }])
    })

    t.test('documents are forgotten half a year after their end', async (t) => {
      const { database, vault } = hub.app
      const count = async () => Number((await rows().count({ n: '*' }).first())?.['n'])
      const before = await count()
      const { expires_at } = await rows().where({ id: others }).first()
      const held = createHeldDocuments(database, vault)
      await held.purge(Number(expires_at) + KEPT_MS - 1)
      t.equal(await count(), before)
      await Promise.all([held.purge(Number(expires_at) + KEPT_MS), held.purge(Number(expires_at) + KEPT_MS)])
      t.equal(await count(), before - 1, 'only that one')
      t.same(await rows().where({ id: others }), [])
    })

    /** Makes person 1 the legal representative. */
    function represent(enterprise: number) {
      const mandate = { user_id: userId(1), enterprise_id: enterpriseId(enterprise) }
      return hub.app.database('mandates').where(mandate).update({ role: 'legal-representative' })
    }

    /** When it was revoked, or null. */
    async function stateOf(id: string): Promise<number | null> {
      const { revoked_at } = await rows().where({ id }).first()
      return revoked_at === null ? null : Number(revoked_at)
    }
  })
}
