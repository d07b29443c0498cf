import { setImmediate } from 'node:timers/promises'
import { decodeProtectedHeader } from 'jose'
import * as client from 'openid-client'
import t from 'tap'
import fund from '../../../connectors/housing-fund/index.ts'
import { purgeKeys } from '../../../plugins/oauth/keys.ts'
import { cli } from '../../helper/cli.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { clone } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import { application, authorise, browse, request, serve } from '../../helper/third-party.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const plain = clone('plain-fund', ['personal-account'], () => ({ identity: 'real-name', face: undefined }) as never)

for (const target of targets) {
  t.test(`${target.name}: the hub’s own keys are replaced while two processes run`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const declarations = [fund, plain]
    const hub = await serve(t, { store: settings, declarations })
    const timers = t.capture(globalThis, 'setInterval', globalThis.setInterval)
    const second = await build(t, { store: settings, declarations, env: { PUBLIC_URL: hub.origin } })
    const [reading] = timers().filter(({ args }) => args[1] === 15_000)
    timers.restore()
    const { database } = hub.app
    const run = cli(settings)
    const backend = await application(hub, 'sandbox-backend')
    const web = await application(hub, 'sandbox-web')

    const published = async ({ app }: Hub) => {
      const { keys } = (await app.inject('/oauth/jwks')).json<{ keys: Record<string, string>[] }>()
      for (const key of keys) t.equal(key['d'] ?? key['k'], undefined, 'no secret part')
      return keys.map(({ kid }) => kid)
    }
    const exchanged = async () => {
      const subject = { subject_token: await hub.token(), subject_token_type: JWT }
      return (await client.genericGrantRequest(backend, GRANT, { ...subject, audience: 'plain-fund' })).access_token
    }
    const kidOf = (token: string) => decodeProtectedHeader(token).kid
    const statusOf = async ({ app }: Hub, token: string) =>
      (await app.inject({ url: '/v1/plain-fund/personal-account', headers: { authorization: `Bearer ${token}` } })).statusCode
    const refresh = async () => {
      for (const { app } of [hub, second]) await app.authorizationStore.keys.refresh()
    }
    const change = async (...words: string[]) => {
      const { code, out, err } = await run('keys', ...words, '--reason', '例行更换', '--json')
      t.equal(code, 0, err)
      return JSON.parse(out) as { kid: string; startsAt: number; formerEndAt: number }
    }
    /** The moment from which the key signs is here. */
    const begin = (table: string, kid: string) =>
      database(table)
        .where({ kid })
        .update({ starts_at: Date.now() - 1 })

    const before = [await exchanged(), await exchanged(), await exchanged()] as const
    const old = kidOf(before[0])

    await t.test('a new key is published in every process, by itself, before it signs', async (t) => {
      const { kid, startsAt, formerEndAt } = await change('signing', 'new')
      t.ok(startsAt > Date.now() + 9 * 60_000 && formerEndAt >= startsAt + 10 * 60_000, 'caches know it first; tokens of before live out')
      t.match(await run('keys', 'signing', 'new', '--reason', '再来'), { code: 1, err: /还没有启用/ }, 'one at a time')
      t.same(await published(second), [old])
      const [look] = (reading?.args ?? []) as unknown as [() => void]
      look()
      while (second.app.authorizationStore.keys.signing.length < 2) await setImmediate()
      await refresh()
      for (const each of [hub, second]) t.same(await published(each), [old, kid])
      t.equal(kidOf(await exchanged()), old)
      const { out } = await run('keys')
      t.match(out, new RegExp(`ES256 签名密钥 {2}${old} {2}现用`))
      t.match(out, new RegExp(`ES256 签名密钥 {2}${kid} {2}待启用`))

      await begin('oauth_keys', kid)
      await refresh()
      for (const each of [hub, second]) t.same(await published(each), [kid, old])
      const fresh = await exchanged()
      t.equal(kidOf(fresh), kid)
      for (const each of [hub, second]) t.equal(await statusOf(each, fresh), 200)
      t.equal(await statusOf(second, before[0]), 200, 'a token of before is still good')
      const { tokens } = await authorise(web, await signedOn(), 'openid')
      t.equal(kidOf(tokens.id_token ?? ''), kid, 'ID tokens too')
      t.match((await run('keys')).out, new RegExp(`${old} {2}只用于验证`))
    })

    await t.test('after its end the old key verifies nothing, and is gone', async (t) => {
      await database('oauth_keys').where({ kid: old }).update({ ends_at: Date.now() })
      await refresh()
      for (const each of [hub, second]) {
        t.equal((await published(each)).includes(String(old)), false)
        t.equal(await statusOf(each, before[1]), 401)
      }
      t.equal(await statusOf(hub, await exchanged()), 200)
      await purgeKeys(database)
      t.notOk(await database('oauth_keys').where({ kid: old }).first())
    })

    await t.test('one that leaked is replaced at once, with whatever was to come', async (t) => {
      const { kid: coming } = await change('signing', 'new')
      const token = await exchanged()
      t.match(await run('keys', 'signing', 'new', '--leaked', '--reason', '失窃'), { code: 2, err: /--yes/ })
      const { kid } = await change('signing', 'new', '--leaked', '--yes')
      await refresh()
      for (const each of [hub, second]) {
        t.same(await published(each), [kid])
        t.equal(await statusOf(each, token), 401)
      }
      t.not(kid, coming)
      t.equal(kidOf(await exchanged()), kid)
    })

    await t.test('of two who replace a key at once, one does', async (t) => {
      const both = await Promise.all([1, 2].map(() => run('keys', 'signing', 'new', '--reason', '同时')))
      t.same(both.map(({ code }) => code).sort(), [0, 1])
      t.equal((await database('oauth_keys').whereNotNull('signs')).length, 1)
      await refresh()
      t.equal((await published(hub)).length, 2)
    })

    await t.test('RS256: its key is there for the first application that wants it, without a restart, and is replaced alike', async (t) => {
      t.match(await run('keys', 'signing', 'new', '--algorithm', 'RS256', '--reason', '早'), { code: 1, err: /还没有/ })
      await database('oauth_clients').where({ id: 'sandbox-web' }).update({ id_token_alg: 'RS256' })
      await refresh()
      const signers = async () => (await database('oauth_keys').whereNotNull('signs').pluck('signs')).sort()
      t.same(await signers(), ['ES256', 'RS256'])
      await change('signing', 'new', '--algorithm', 'RS256')
      await refresh()
      t.equal((await published(second)).length, 4)
      await database('oauth_clients').where({ id: 'sandbox-web' }).update({ id_token_alg: 'ES256' })
    })

    await t.test('cookies of before go on counting, and end with their key', async (t) => {
      const silent = async (browser: ReturnType<typeof browse>) => {
        const { left } = await browser.follow((await request(web, 'openid', { prompt: 'none' })).url.href)
        return left?.searchParams.get('error') ?? (left?.searchParams.get('code') ? 'code' : 'nothing')
      }
      const [one, other] = [await signedOn(), await signedOn()]
      for (const browser of [one, other]) await authorise(web, browser, 'openid')
      const { kid } = await change('cookies', 'new')
      await refresh()
      await begin('cookie_keys', kid)
      await refresh()
      t.equal(await silent(one), 'code', 'signed with the key of before')
      const late = await signedOn()
      await authorise(web, late, 'openid')
      // Nobody touched this one's cookies since.
      await database('cookie_keys').whereNot({ kid }).update({ ends_at: Date.now() })
      await refresh()
      t.equal(await silent(late), 'code')
      t.equal(await silent(other), 'login_required')
      await change('cookies', 'new', '--leaked', '--yes')
      await refresh()
      t.equal(await silent(late), 'login_required')
    })

    await t.test('the list tells no secret', async (t) => {
      const { out } = await run('keys', 'list', '--json')
      const { masters, own } = JSON.parse(out) as { masters: object[]; own: Record<string, unknown>[] }
      t.equal(masters.length, 1)
      for (const key of own) t.same(Object.keys(key).sort(), ['createdAt', 'endsAt', 'kid', 'startsAt', 'state', 'use'])
      t.notMatch(out, (await run('keys', 'lookup')).out)
      t.match(await run('audit', 'verify'), { code: 0 })
    })

    async function signedOn() {
      const browser = browse(hub)
      await browser.signOn(1)
      return browser
    }
  })
}
