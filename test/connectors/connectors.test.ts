import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import t from 'tap'
import { type CompiledService, compileService } from '../../core/call/service.ts'
import { rowSchema } from '../../core/contract/fields.ts'
import { masks } from '../../core/contract/masks.ts'
import { kindOf } from '../../plugins/kinds/index.ts'
import { loadConnectors } from '../../plugins/load-connectors.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'
import { bindAccounts } from '../helper/accounts.ts'
import { gapsOf } from '../helper/gaps.ts'
import { build } from '../helper/hub.ts'
import { targets } from '../helper/targets.ts'

type Row = Record<string, unknown>

const ajv = new Ajv({ strict: false })
formats.default(ajv)

const connectors = await loadConnectors()
const services = connectors.flatMap((connector) => connector.services.map((service) => compileService(connector, service)))
const queries = services.filter(({ contract }) => kindOf(contract).asks)

const tokenFor = ({ contract }: CompiledService) => (contract.audience === 'enterprise' ? { enterprise: 1 } : {})
const path = ({ connector, contract, rows }: CompiledService) =>
  `/v1/${connector.id}/${contract.id}${rows === 'many' ? '?pageSize=500' : ''}`
const rowsOf = (data: unknown) => (Array.isArray(data) ? data : [data]) as Row[]

/** Values that a mask must not let through, as they stand at the agency, in rows and their lists. */
function masked({ connector, contract }: CompiledService): string[] {
  const subject = (contract.audience === 'enterprise' ? enterprises : people)[0]
  const held = subject ? (connector.sandbox[contract.id]?.(subject) ?? []) : []
  const collect = (fields: typeof contract.fields, rows: readonly Row[]): unknown[] =>
    Object.values(fields).flatMap(({ notes }) => {
      const values = rows.flatMap((row) => notes.codes.map((code) => row[code]))
      if (notes.columns) return values.flatMap((list) => (Array.isArray(list) ? collect(notes.columns ?? {}, list) : []))
      const { mask } = notes
      // What the mask itself leaves whole, an organisation's name, is no secret.
      return mask ? values.filter((value) => typeof value === 'string' && masks[mask](value) !== value) : []
    })
  return collect(contract.fields, held).filter((value): value is string => typeof value === 'string' && value.length > 1)
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target })
    await bindAccounts(hub, connectors)

    for (const connector of connectors) {
      const gaps = gapsOf(connector.id)

      t.test(`${connector.id}: every service answers person 1 with all its fields, typed and masked`, async (t) => {
        const asked = queries.filter((each) => each.connector === connector)
        const answers = await Promise.all(
          asked.map(async (service) => ({ service, response: await hub.get(path(service), tokenFor(service)) })),
        )
        for (const { service, response } of answers) {
          const { key, contract, fieldNames } = service
          t.equal(response.statusCode, 200, `${key} ${response.statusCode === 200 ? '' : response.body}`)
          if (response.statusCode !== 200) continue
          const { data, meta } = response.json<{ data: unknown; meta: Row }>()
          const rows = rowsOf(data)
          t.equal(Array.isArray(data), service.rows === 'many', key)
          t.not(rows.length, 0, key)
          t.notOk('absent' in meta, `${key}: absent ${meta['absent']}`)
          for (const row of rows) t.strictSame(Object.keys(row), fieldNames, key)
          const check = ajv.compile(rowSchema(contract.fields))
          for (const row of rows) t.ok(check(row), `${key}: ${ajv.errorsText(check.errors)}`)
          t.strictSame(
            fieldNames.filter((name) => !(`${contract.id}.${name}` in gaps.empty) && rows.every((row) => row[name] === null)),
            [],
            `${key}: filled fields`,
          )
          for (const { number } of people) t.notOk(response.body.includes(number), `${key} shows an id number`)
          for (const value of masked(service)) t.notOk(response.body.includes(`"${value}"`), `${key} shows ${value}`)
        }
      })

      t.test(`${connector.id}: persons 2 and 3 have records too, person 7 has none`, async (t) => {
        const asked = queries.filter(
          ({ connector: own, contract }) => own === connector && contract.audience === 'person' && contract.identity !== 'none',
        )
        await Promise.all(
          asked.map(async (service) => {
            const [second, third, nothing] = await Promise.all([2, 3, 7].map((person) => hub.get(path(service), { person })))
            for (const [person, answer] of [second, third].entries())
              t.equal(answer?.statusCode, gaps.status[service.contract.id]?.[person + 2] ?? 200, `${service.key} ${person + 2}`)
            // Who has no account there can be asked about nothing.
            if (service.needsAccount) t.match(nothing?.json(), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' }, service.key)
            else if (service.rows === 'many') t.same(nothing?.json().data, [], service.key)
            else t.match(nothing?.json(), { status: 404, code: 'HUB_NO_RECORD' }, service.key)
          }),
        )
      })

      t.test(`${connector.id}: nothing personal without a token`, async (t) => {
        const asked = queries.filter((each) => each.connector === connector)
        const answers = await Promise.all(asked.map((service) => hub.app.inject({ url: path(service) })))
        for (const [index, { key, contract }] of asked.entries())
          t.equal(answers[index]?.statusCode, contract.identity === 'none' ? 200 : 401, key)
      })
    }
  })
}
