import { setTimeout as sleep } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { ID_PATTERN } from '../../../core/base/ids.ts'
import { appoint } from '../../../plugins/users/roles.ts'
import type { Hub } from '../../helper/hub.ts'
import { build } from '../../helper/hub.ts'
import { call, declarations, enterpriseId, inventIdNumber, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import { withdraw } from '../../helper/proper-filing.ts'
import { verdict } from '../../helper/queries.ts'
import { readSchema } from '../../helper/schema.ts'
import { targets } from '../../helper/targets.ts'
import { unhurried } from '../../helper/unhurried.ts'

const [ADMIN, OTHER_ADMIN, AUDITOR] = [1, 4, 6]
const purpose = '字母大小写'

interface Parameter {
  in: string
  name: string
  schema: { pattern?: string }
}

interface Operation {
  method: NonNullable<InjectOptions['method']>
  path: string
  parameters: Parameter[]
  body: unknown
}

/** Every operation of both documents, so that a route added tomorrow is tried too. */
async function operations({ app }: Hub): Promise<Operation[]> {
  const documents = await Promise.all(['/openapi.json', '/openapi-admin.json'].map((url) => app.inject(url)))
  return documents.flatMap((document) =>
    Object.entries(document.json().paths as Record<string, Record<string, Record<string, never>>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase() as Operation['method'],
        path,
        parameters: (operation['parameters'] ?? []) as Parameter[],
        body: (operation['requestBody']?.['content']?.['application/json']?.['example'] ?? undefined) as unknown,
      })),
    ),
  )
}

/** What moves without anybody asking: the log of attempts, filings under way, when somebody was last there and what he last used. */
const MOVING = /^(audit_\w+|submissions|submission_events|upstream_secrets|log_ins|recent_services)$/

/** Everything else that is kept, by table. */
async function everything({ app: { database } }: Hub): Promise<Record<string, string[]>> {
  const tables = [...new Set((await readSchema(database)).map(({ table }) => table))].filter((table) => !MOVING.test(table)).sort()
  const rows: Record<string, string[]> = {}
  for (const table of tables)
    rows[table] = (await database(table)).map(({ last_login_at: _, ...row }: Record<string, unknown>) => JSON.stringify(row)).sort()
  return rows
}

/** Some ids of every table that has one. */
async function idsOf({ app: { database } }: Hub): Promise<string[]> {
  const columns = (await readSchema(database)).filter(({ column, primary, length }) => column === 'id' && primary && length === 36)
  const found: string[] = []
  for (const { table } of columns) found.push(...(await database(table).orderBy('id').limit(2).pluck('id')))
  return found.filter((id) => id.toUpperCase() !== id)
}

/** Connectors whose filings are sent and then stay as they are: their news are told in tables that are to be still. */
const still = () => declarations().map((connector) => unhurried(connector, 3600))

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: still(), messagesPace: { sweepMs: NEVER } })
    const { database, administrators, agents } = hub.app
    for (const person of [ADMIN, OTHER_ADMIN]) await appoint(database, userId(person), 'admin', null)
    const filed = await withdraw(hub, 'rental-housing-withdrawal', { key: 'spelling-0001' })
    const onTheWay = () => database('submissions').whereIn('state', ['filed', 'sending'])
    while ((await onTheWay()).length > 0) await sleep(20)
    const terms = { scope: 'housing-fund', starts_at: Date.now(), ends_at: Date.now() + 86_400_000 }
    const representative = { userId: userId(1), role: 'legal-representative' } as const
    const agent = await agents.add(
      enterpriseId(1),
      { ...terms, name: '郑代办', phone: '13800000009', idNumber: inventIdNumber('19880808') },
      representative,
    )

    t.test('two faults that capitals opened', async (t) => {
      const own = `/admin/administrators/${userId(ADMIN).toUpperCase()}`
      t.same(verdict(await call(hub, 'PUT', own, { body: { role: 'auditor', purpose } })), [400, 'HUB_VALIDATION'], 'his own role')
      t.equal(
        (
          await database('administrators')
            .where({ user_id: userId(ADMIN) })
            .first()
        ).role,
        'admin',
      )

      const someone = userId(7).toUpperCase()
      const named = { name: '郑代办', idNumber: inventIdNumber('19770707'), purpose }
      t.same(verdict(await call(hub, 'POST', `/admin/users/${someone}/real-name`, { body: named })), [400, 'HUB_VALIDATION'])
      t.equal((await call(hub, 'GET', '/v1/me', { person: 7 })).statusCode, 200, 'whose account stays readable')
    })

    t.test('no route with an id in its path takes capitals', async (t) => {
      const withId = (await operations(hub)).filter(
        ({ path, parameters }) => path.includes('{') && !parameters.some(({ name }) => name === 'code'),
      )
      t.ok(withId.length > 40, `${withId.length} operations`)
      const ids = [...(await idsOf(hub)), 'sandbox-web', 'housing-fund']
      for (const id of [userId(5), enterpriseId(1), agent.id, filed.json().data?.id]) ids.push(String(id))
      t.equal(filed.statusCode, 202)
      const before = await everything(hub)
      const asked = new Set<string>()
      let answered = 0
      for (const { method, path, body } of withId)
        for (const id of new Set(ids)) {
          // With an enterprise that is one, so that it is the second id which counts.
          const filled = /\}.*\{/.test(path) ? path.replace('{id}', enterpriseId(1)) : path
          for (const url of new Set([filled, path].map((form) => form.replaceAll(/\{\w+\}/g, id.toUpperCase())))) {
            if (asked.has(`${method} ${url}`)) continue
            asked.add(`${method} ${url}`)
            const options = {
              person: path.startsWith('/admin') ? OTHER_ADMIN : 1,
              headers: { 'idempotency-key': `spelling-${asked.size + 1000}` },
            }
            const { statusCode, body: said } = await call(hub, method, url, { ...options, ...(body === undefined ? {} : { body }) })
            if (statusCode < 400 || statusCode > 499 || statusCode === 429) t.fail(`${method} ${url}: ${statusCode} ${said}`)
            else answered++
          }
        }
      t.equal(answered, asked.size)
      t.strictSame(await everything(hub), before, 'nothing has changed')
    })

    t.test('with an id as it is, they answer', async (t) => {
      await appoint(database, userId(AUDITOR), 'auditor', null)
      for (const url of [`/admin/users/${userId(5)}`, `/admin/enterprises/${enterpriseId(1)}`])
        t.equal((await call(hub, 'GET', url)).statusCode, 200, url)
      for (const { method, path, parameters } of await operations(hub)) {
        const known = parameters.filter(({ in: place, schema }) => place === 'path' && schema.pattern === ID_PATTERN)
        if (known.length === 0 || !path.startsWith('/admin')) continue
        // What auditors alone may read is refused to everybody else before it is looked at.
        const person = path === '/admin/users/{id}/ledger' ? AUDITOR : ADMIN
        const url = path.replaceAll(/\{\w+\}/g, userId(5).toUpperCase())
        const { statusCode } = await call(hub, method, url, { person, body: { purpose } })
        t.equal(statusCode, 400, `${method} ${path}: one answer for a wrong spelling`)
      }
      await administrators.dismiss(userId(AUDITOR))
    })

    t.test('nor does an id in a query or a body', async (t) => {
      const capital = userId(2).toUpperCase()
      const firm = enterpriseId(1).toUpperCase()
      const cases: [method: 'GET' | 'POST', url: string, body?: object][] = [
        ['GET', `/v1/demo/balance?dependant=${capital}`],
        ['GET', `/admin/mandates?userId=${capital}`],
        ['GET', `/admin/mandates?enterpriseId=${firm}`],
        ['GET', `/admin/documents?user=${capital}`],
        ['POST', '/admin/guardians', { userId: capital, childUserId: userId(3), scope: ['demo'], endsAt: '2999-01-01T00:00:00Z', purpose }],
        ['POST', '/admin/guardians', { userId: userId(3), childUserId: capital, scope: ['demo'], endsAt: '2999-01-01T00:00:00Z', purpose }],
        ['POST', '/admin/operators', { userId: capital, scope: ['demo'], endsAt: '2999-01-01T00:00:00Z', purpose }],
        ['POST', `/admin/users/${userId(5)}/merge`, { into: capital, purpose }],
        ['POST', `/admin/users/${userId(5)}/split`, { to: capital, accountIds: [userId(1)], purpose }],
        ['POST', `/admin/users/${userId(5)}/split`, { to: userId(2), accountIds: [capital], purpose }],
      ]
      const before = await everything(hub)
      for (const [method, url, body] of cases) {
        const reply = await call(hub, method, url, body ? { body } : {})
        t.same(verdict(reply), [400, 'HUB_VALIDATION'], `${method} ${url}`)
        t.match(reply.json().errors, [{ detail: '编号有误，请照原样填写（字母用小写）' }], url)
      }
      await appoint(database, userId(6), 'auditor', null)
      t.same(verdict(await call(hub, 'GET', `/admin/audit?user=${capital}`, { person: 6 })), [400, 'HUB_VALIDATION'])
      await administrators.dismiss(userId(6))
      t.strictSame(await everything(hub), before)
    })
  })
}
