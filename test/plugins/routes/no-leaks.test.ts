import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { CompiledService } from '../../../core/call/service.ts'
import type { ConnectorDeclaration } from '../../../core/connector.ts'
import { kindOf } from '../../../plugins/kinds/index.ts'
import { loadConnectors } from '../../../plugins/load-connectors.ts'
import { overhear } from '../../../plugins/sandbox/overhear.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { bindAccounts } from '../../helper/accounts.ts'
import { build } from '../../helper/hub.ts'
import {
  createClient,
  driveErrors,
  driveEveryKind,
  driveEveryTrouble,
  driveFailure,
  driveQueries,
  type Seen,
} from '../../helper/leak-drivers.ts'
import { driveSubmissions, fillIn, followSubmissions } from '../../helper/leak-filings.ts'
import { identities, keys, keysOf, leaksIn, maskedBy, redisText, sandboxRows, storedText } from '../../helper/leaks.ts'
import { targets } from '../../helper/targets.ts'

const MASTER_KEY = randomBytes(32).toString('base64')
/** Words of the agencies and of the hub's own inside. */
const WORDS = ['NullPointer', 'QueryController', 'DOCTYPE', '系统异常', '不予受理', 'select ', 'mandates', 'node_modules']

/** Every connector there is; answers that come later come soon, and a busy machine has the time to give them. */
const declarations = (await loadConnectors()).map((connector): ConnectorDeclaration => {
  const services = connector.services.map((service) => {
    const contract = { ...service.contract, timeoutMs: 30_000 }
    const { upstream } = contract
    if (!upstream?.async) return { ...service, contract }
    return { ...service, contract: { ...contract, upstream: { ...upstream, async: { ...upstream.async, pollMs: 10 } } } }
  })
  return { ...connector, services }
})
const rowsOf = sandboxRows(declarations)

for (const target of targets) {
  t.test(target.name, async (t) => {
    const streams = overhear()
    t.teardown(async () => streams.stop())
    const hub = await build(t, {
      target,
      declarations,
      env: { LOG_LEVEL: 'trace', MASTER_KEY },
      sandboxTiming: { progressStepMs: 0 },
      jobs: { sweepMs: 100 },
    })
    const sandbox = hub.app.sandbox as Sandbox
    // Orders take a channel and a citizen who pays, jumps a browser, acts and bookings one thing before another: test/plugins/kinds/order,
    // …/jump and the science museum's own test look at what they leave.
    const services = [...hub.app.services.values()].filter(
      ({ contract }) => !contract.order && contract.kind !== 'act' && !kindOf(contract).recordless,
    )
    const [submissions, queries] = [
      services.filter(({ contract }) => contract.submission),
      services.filter(({ contract }) => !contract.submission),
    ]
    const client = createClient(hub)
    await bindAccounts(hub, declarations)
    // What differs between the stores is what is stored; answers to troubles are the same over each.
    const isFirst = target === targets[0]
    await driveQueries(client, queries, rowsOf, !isFirst)
    await driveFailure(hub, client, services)
    if (isFirst) {
      await driveErrors(client, services)
      await driveEveryTrouble(client, sandbox, queries, rowsOf)
    }
    await driveSubmissions(client, sandbox, submissions, queries, rowsOf)
    await followSubmissions(hub, client, submissions)
    if (isFirst) await driveEveryKind(client, sandbox, queries, rowsOf)

    const secrets = await keys(hub)
    for (const token of await client.tokens()) secrets.set(token.split('.')[2] ?? '', 'token')
    const held = new Map(services.flatMap((service) => [...maskedBy(service, rowsOf, true)]))
    const chosenBy = new Map(services.flatMap((service) => [...keysOf(service, rowsOf)]))
    const typed = new Map(submissions.flatMap(({ contract }) => [...fillIn(contract, {}).typed]))
    const personal = new Map([...identities(), ...held, ...chosenBy, ...typed])
    const everything = new Map([...personal, ...secrets])

    t.test('every service was asked, and the search finds what is there', async (t) => {
      const statusesOf = (wanted: unknown) =>
        new Set(client.seen.flatMap(({ service, response }) => (service === wanted ? [response.statusCode] : [])))
      const isShut = (wanted: unknown) =>
        client.seen.some(({ service, response }) => service === wanted && response.body.includes('HUB_SERVICE_NOT_OPEN'))
      for (const service of services) {
        const statuses = statusesOf(service)
        const { submission } = service.contract
        t.ok(submission?.suspended === undefined ? statuses.has(submission ? 202 : 200) : isShut(service), `${service.key} answered`)
        if (!isFirst) continue
        for (const status of [400, 404]) t.ok(statuses.has(status), `${service.key} ${status}`)
        if (!service.contract.submission && !service.contract.cache) t.ok(statuses.has(502), `${service.key} was in trouble`)
      }
      t.ok(
        secrets.size > 20 && held.size > 30 && typed.size > 3,
        `${secrets.size} secrets, ${held.size} masked values, ${typed.size} typed`,
      )
      t.equal(leaksIn([...everything.keys()].join(), everything).length, everything.size)
      t.match(hub.logged(), /"level":50/, 'the hub failed once and logged it')
      const states: { state: string }[] = await hub.app.database('submissions').distinct('state')
      t.ok(states.length >= 3, `submissions ended in ${states.map(({ state }) => state).join()}`)
      const statuses = new Set(client.seen.map(({ response }) => response.statusCode))
      for (const status of isFirst ? [200, 202, 400, 401, 403, 404, 409, 415, 500, 502, 503] : [200, 202, 500])
        t.ok(statuses.has(status), `an answer with ${status}`)
    })

    t.test('no log line holds personal data or a key', async (t) => {
      for (const output of [hub.logged(), streams.text()]) {
        t.strictSame(leaksIn(output, everything), [])
        t.notMatch(output, /(?<![0-9A-Za-z])\d{17}[\dX](?![0-9A-Za-z])/, 'an id number of anybody')
        t.notMatch(output, /(?<![0-9A-Za-z])1\d{10}(?![0-9A-Za-z])/, 'a phone number of anybody')
        t.notMatch(output, /eyJ[\w-]+\.[\w-]+\.[\w-]+/, 'a token of anybody')
      }
    })

    t.test('no error answer holds personal data, a key, or words of the agency', async (t) => {
      const errors = client.seen.filter(({ response }) => response.statusCode >= 400)
      t.ok(errors.length > (isFirst ? 500 : 0), `${errors.length} errors`)
      // Whoever has several records is told the keys of their own, to choose one.
      const [several, rest] = [
        errors.filter(({ response }) => response.statusCode === 409),
        errors.filter(({ response }) => response.statusCode !== 409),
      ]
      const words = new Map([...WORDS, sandbox.origin].map((word) => [word, word]))
      t.strictSame(leaksIn(textOf(rest), new Map([...everything, ...words])), [])
      t.strictSame(leaksIn(textOf(several), new Map([...[...everything].filter(([value]) => !chosenBy.has(value)), ...words])), [])
    })

    t.test('no answer holds in full what its declaration masks, nor a key', async (t) => {
      for (const service of services) {
        const text = textOf(client.seen.filter((answer) => answer.service === service))
        t.strictSame(leaksIn(text, new Map([...maskedBy(service, rowsOf, false), ...maskedInputs(service)])), [], service.key)
      }
      t.strictSame(
        leaksIn(textOf(client.seen), new Map([...secrets, ...[...identities()].filter(([, name]) => name.startsWith('id number'))])),
        [],
      )
    })

    t.test('neither audit rows nor jobs nor tables hold any of it in the clear', async (t) => {
      const stored = await storedText(hub)
      for (const service of services)
        t.match(stored.get('audit_rows'), `"service":"${service.contract.id}"`.replaceAll('"', '\\"'), service.key)
      t.match(stored.get('users'), /sandbox-person-1/)
      for (const [table, text] of stored) t.strictSame(leaksIn(text, everything), [], table)
      const redis = await redisText(hub)
      t.equal(redis.length > 2, target.name === 'servers', 'jobs are in Redis, where there is one')
      t.strictSame(leaksIn(redis, everything), [])
    })
  })
}

/** What an application's own fields mask of what was typed into it. */
function maskedInputs({ contract }: CompiledService): Map<string, string> {
  const { body } = fillIn(contract, {})
  return new Map(
    Object.entries(contract.inputs).flatMap(([name, { notes }]) =>
      contract.fields[notes.field ?? name]?.notes.mask ? [[String(body[name]), `${name} as typed`] as const] : [],
    ),
  )
}

function textOf(seen: readonly Seen[]): string {
  return seen.map(({ response: { body, headers } }) => body + JSON.stringify(headers)).join('\n')
}
