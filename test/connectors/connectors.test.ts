import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import t from 'tap'
import { sampleInputs, toQuery } from '../../conformance/inputs.ts'
import { type CompiledService, compileService } from '../../core/call/service.ts'
import { rowSchema } from '../../core/contract/fields.ts'
import { masks } from '../../core/contract/masks.ts'
import { systemOf } from '../../core/contract/systems.ts'
import type { SandboxSubject } from '../../core/contract/types.ts'
import { kindOf } from '../../plugins/kinds/index.ts'
import { loadConnectors } from '../../plugins/load-connectors.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'
import { worldAt } from '../../plugins/sandbox/world.ts'
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

const world = worldAt(Date.now())
/** What cannot be left out; of a choice the first, and of several ways to ask the first. */
const needed = ({ connector, contract }: CompiledService) => {
  const rows = contract.anyOf ? (connector.sandbox[contract.id]?.(people[0] as SandboxSubject, world) ?? []) : []
  const ways = contract.anyOf ? [...toQuery(sampleInputs(contract, rows))] : []
  const choices = Object.entries(contract.inputs).flatMap(([name, { notes }]) => {
    const [value] = Object.keys(notes.list?.values ?? {})
    return notes.required && !notes.fact && value !== undefined ? [[name, value]] : []
  })
  return [...ways, ...choices].map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`)
}
/** Where the caller's page is the agency's, no page is longer than that. */
const largest = ({ contract: { upstream } }: CompiledService) => (upstream?.paging?.through ? upstream.paging.rows : 500)
const path = (service: CompiledService, subject?: SandboxSubject) => {
  const query = [
    ...(service.rows === 'many' ? [`pageSize=${largest(service)}`] : []),
    ...needed(service),
    ...chosenBy(service, subject),
  ].join('&')
  return `/v1/${service.connector.id}/${service.contract.id}${query === '' ? '' : `?${query}`}`
}
/** Which of several records, where the folder says that everybody has several. */
function chosenBy({ connector, contract }: CompiledService, subject?: SandboxSubject): string[] {
  const { key } = contract
  if (!subject || key === undefined || !gapsOf(connector.id).chosen.includes(contract.id)) return []
  const given = sampleInputs(contract, connector.sandbox[contract.id]?.(subject, world) ?? [])[key]
  return given === undefined ? [] : [`${key}=${encodeURIComponent(String(given))}`]
}

const rowsOf = (data: unknown) => (Array.isArray(data) ? data : [data]) as Row[]

/** The agency's rows of somebody; null where they are made up alike for everybody. */
const held = ({ connector, contract }: CompiledService, subject: SandboxSubject) => connector.sandbox[contract.id]?.(subject, world) ?? null

/** The first three who have a record, each with the token that asks for it. */
function holdersOf(service: CompiledService): { subject: SandboxSubject; token: { enterprise?: number; person?: number } }[] {
  const has = (subject: SandboxSubject) => held(service, subject)?.length !== 0
  if (service.contract.audience === 'enterprise')
    return enterprises
      .filter(has)
      .slice(0, 1)
      .map((subject) => ({ subject, token: { enterprise: subject.index } }))
  return people
    .filter(has)
    .slice(0, 3)
    .map((subject) => ({ subject, token: { person: subject.index } }))
}

/** Values that a mask must not let through, as they stand at the agency, in rows and their lists. */
function masked(service: CompiledService, subject: SandboxSubject): string[] {
  const collect = (fields: typeof service.contract.fields, rows: readonly Row[]): unknown[] =>
    Object.values(fields).flatMap(({ notes }) => {
      const values = rows.flatMap((row) => notes.codes.map((code) => row[code]))
      if (notes.columns) return values.flatMap((list) => (Array.isArray(list) ? collect(notes.columns ?? {}, list) : []))
      const { mask } = notes
      // What the mask itself leaves whole, an organisation's name, is no secret.
      return mask ? values.filter((value) => typeof value === 'string' && masks[mask](value) !== value) : []
    })
  return collect(service.contract.fields, held(service, subject) ?? []).filter(
    (value): value is string => typeof value === 'string' && value.length > 1,
  )
}

/** Whether a call of the service says of nobody whom it is about, neither by facts nor by a token. */
function namesNobody({ connector, contract }: CompiledService): boolean {
  const { subject, dialect } = systemOf(connector, contract)
  const facts = [...Object.keys(subject.person ?? {}), ...Object.values(contract.inputs).flatMap(({ notes }) => notes.fact ?? [])]
  return facts.length === 0 && dialect.name !== 'oauth2-user'
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target })
    await bindAccounts(hub, connectors)

    for (const connector of connectors) {
      const gaps = gapsOf(connector.id)

      t.test(
        `${connector.id}: every service answers whoever has a record, between them with all its fields, typed and masked`,
        async (t) => {
          const asked = queries.filter((each) => each.connector === connector)
          const answers = await Promise.all(
            asked.flatMap((service) =>
              holdersOf(service).map(async (holder) => ({
                service,
                ...holder,
                response: await hub.get(path(service, holder.subject), holder.token),
              })),
            ),
          )
          for (const service of asked) {
            const { key, contract, fieldNames } = service
            const all: Row[] = []
            for (const { subject, response } of answers.filter((answer) => answer.service === service)) {
              const expected = gaps.status[contract.id]?.[subject.index] ?? 200
              t.equal(response.statusCode, expected, `${key} ${response.statusCode === 200 ? '' : response.body}`)
              if (response.statusCode !== 200) continue
              const { data, meta } = response.json<{ data: unknown; meta: Row }>()
              const rows = rowsOf(data)
              t.equal(Array.isArray(data), service.rows === 'many', key)
              t.not(rows.length, 0, key)
              t.notOk('absent' in meta, `${key}: absent ${meta['absent']}`)
              for (const row of rows) t.strictSame(Object.keys(row), fieldNames, key)
              const check = ajv.compile(rowSchema(contract.fields))
              for (const row of rows) t.ok(check(row), `${key}: ${ajv.errorsText(check.errors)}`)
              for (const { number } of people) t.notOk(response.body.includes(number), `${key} shows an id number`)
              for (const value of masked(service, subject)) t.notOk(response.body.includes(`"${value}"`), `${key} shows ${value}`)
              all.push(...rows)
            }
            t.strictSame(
              fieldNames.filter((name) => !(`${contract.id}.${name}` in gaps.empty) && all.every((row) => row[name] === null)),
              [],
              `${key}: filled fields`,
            )
          }
        },
      )

      t.test(`${connector.id}: persons 2 and 3 are answered what they have, person 7 has nothing`, async (t) => {
        const asked = queries.filter(
          ({ connector: own, contract }) => own === connector && contract.audience === 'person' && contract.identity !== 'none',
        )
        await Promise.all(
          asked.flatMap((service) =>
            [2, 3, 7].map(async (person) => {
              const response = await hub.get(path(service, people[person - 1]), { person })
              const label = `${service.key} ${person}`
              // A catalogue is everybody's, and so is what is asked about nobody.
              const has =
                (person !== 7 || service.contract.kind === 'catalog' || namesNobody(service)) &&
                held(service, people[person - 1] as SandboxSubject)?.length !== 0
              if (has) t.equal(response.statusCode, gaps.status[service.contract.id]?.[person] ?? 200, label)
              // Who has no account there can be asked about nothing.
              else if (service.needsAccount) t.match(response.json(), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' }, label)
              else if (service.rows === 'many') t.same(response.json().data, [], label)
              else t.match(response.json(), { status: 404, code: 'HUB_NO_RECORD' }, label)
            }),
          ),
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
