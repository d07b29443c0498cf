import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { RawReply, SignedRequest, Signer } from '../../../core/upstream/dialect.ts'
import type { FaultKind } from '../../../plugins/sandbox/faults.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { connectorOf, type DialectCase, dialectCases } from '../../helper/dialects.ts'
import { build } from '../../helper/hub.ts'
import { verdict } from '../../helper/queries.ts'

/** What goes wrong, and what the hub says; with a GET that is never sent again by itself. */
const FAULTS: readonly (readonly [FaultKind, status: number, code: string | null])[] = [
  ['reset', 502, 'HUB_UPSTREAM_UNREACHABLE'],
  ['http-500', 502, 'HUB_UPSTREAM_INVALID'],
  ['http-503', 503, 'HUB_UPSTREAM_UNAVAILABLE'],
  ['html', 502, 'HUB_UPSTREAM_INVALID'],
  ['truncated', 502, 'HUB_UPSTREAM_INVALID'],
  ['error-code', 502, 'HUB_UPSTREAM_REFUSED'],
  ['wrong-types', 502, 'HUB_UPSTREAM_INVALID'],
  ['gbk', 200, null],
  ['bad-sign', 502, 'HUB_UPSTREAM_CREDENTIAL'],
]
const HOUR_MS = 3_600_000

t.test('every dialect through the whole hub', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-dialects-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const wrong = (id: string) => `${id}-wrong`
  const file = join(folder, 'connectors.json')
  writeFileSync(file, JSON.stringify(Object.fromEntries(dialectCases.map((one) => [wrong(one.id), { credentials: one.wrong }]))))
  const hub = await build(t, {
    declarations: dialectCases.flatMap((one) => [connectorOf(one, one.id), connectorOf(one, wrong(one.id))]),
    env: { CONNECTORS_FILE: file },
  })
  const sandbox = hub.app.sandbox as Sandbox
  const { faults } = sandbox
  const sid = ({ id }: DialectCase, service = 'balance') => `${id}.${service}`
  const ask = async (id: string, service = 'balance') => verdict(await hub.get(`/v1/${id}/${service}`))

  /** What the sandbox answers to a request that the hub's own signer has signed. */
  async function send({ path, method, headers, body }: SignedRequest): Promise<RawReply> {
    const reply = await fetch(sandbox.origin + path, { method, headers, body })
    return { status: reply.status, contentType: reply.headers.get('content-type') ?? '', body: Buffer.from(await reply.arrayBuffer()) }
  }
  function signerOf({ dialect }: DialectCase): Signer {
    const { baseUrl = '', ...credentials } = sandbox[dialect.name as 'tif']
    const { database, vault, log } = hub.app
    return dialect.createSigner({ baseUrl, credentials, database, vault, log, send })
  }
  const isRefused = (signer: Signer, reply: RawReply) => signer.refused(reply) || reply.status === 401

  for (const one of dialectCases) {
    t.test(one.id, async (t) => {
      const { id, replay } = one
      for (const service of ['balance', 'look-up']) {
        const response = await hub.get(`/v1/${id}/${service}`)
        t.equal(response.statusCode, 200, service)
        t.match(response.json(), { data: { amount: Number } })
      }
      t.equal((await hub.get(`/health/connectors/${id}`)).json().status, 'pass', 'the probe')

      await t.test('faults', async (t) => {
        for (const [kind, ...expected] of FAULTS) {
          faults.set({ kind, sid: sid(one) })
          t.strictSame(await ask(id), expected, kind)
          faults.clear()
          t.strictSame(await ask(id), [200, null], `${kind} is over`)
        }
      })

      await t.test('a wrong secret', async (t) => {
        t.strictSame(await ask(wrong(id)), [502, 'HUB_UPSTREAM_CREDENTIAL'])
        // With a static secret nothing but a call could find out.
        if (id !== 'exchange-static') t.equal((await hub.get(`/health/connectors/${wrong(id)}`)).json().status, 'fail', 'the probe')
      })

      await t.test('clocks that differ', async (t) => {
        faults.set({ kind: 'clock-skew', sid: sid(one), ms: HOUR_MS })
        const ageless = one.dialect.name === 'api-key' || one.dialect.name === 'basic'
        t.strictSame(await ask(id), ageless ? [200, null] : [502, 'HUB_UPSTREAM_CREDENTIAL'])
        faults.clear()
        t.strictSame(await ask(id), [200, null])
      })

      await t.test('the same request again', async (t) => {
        const signer = signerOf(one)
        for (const method of ['POST', 'GET'] as const) {
          const service = method === 'GET' ? 'look-up' : 'balance'
          const request = await signer.sign({ sid: sid(one, service), path: one.path, method, params: { zjhm: people[0]?.number } })
          t.notOk(isRefused(signer, await send(request)), method)
          t.equal(isRefused(signer, await send(request)), replay === 'refused', `${method} again`)
          if (replay !== 'refused when old') continue
          faults.set({ kind: 'clock-skew', sid: sid(one, service), ms: HOUR_MS })
          t.ok(isRefused(signer, await send(request)), `${method} an hour later`)
          faults.clear()
        }
      })
    })
  }

  t.test('nothing sensitive in the logs', async (t) => {
    const secrets = dialectCases.flatMap(({ dialect }) => {
      const address = sandbox[dialect.name as 'tif']
      return Object.keys(dialect.credentials).flatMap((name) => (dialect.credentials[name]?.secret ? [address[name] ?? ''] : []))
    })
    const said = hub.logged()
    const marked = [...secrets, 'wrong-and-marked', 'Bearer ', 'access_token', ...people.flatMap(({ name, number }) => [name, number])]
    t.ok(secrets.length >= dialectCases.length && secrets.every((secret) => secret.length > 8))
    t.strictSame(
      marked.filter((word) => said.includes(word)),
      [],
    )
  })
})
