import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { build, type Hub } from '../../helper/hub.ts'
import { declarations } from '../../helper/identity.ts'
import { ISSUER, startIssuer } from '../../helper/issuer.ts'
import { verdict } from '../../helper/queries.ts'

const INVALID = [401, 'HUB_TOKEN_INVALID']
const GOOD = [200, null]
const soon = () => Math.floor(Date.now() / 1000)

async function open(t: Parameters<typeof build>[0], env: Record<string, string> = {}) {
  const issuer = await startIssuer()
  t.teardown(issuer.close)
  const hub = await build(t, { env: { ...issuer.env, ...env }, declarations: declarations() })
  const user = { id: crypto.randomUUID(), issuer: ISSUER, subject: 'u-1', status: 'active', level: 'login', created_at: 0, updated_at: 0 }
  await hub.app.database('users').insert(user)
  return { issuer, ask: asker(hub) }
}

function asker({ app }: Hub) {
  return async (token: string) => verdict(await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } }))
}

t.test('an access token of the app has a life, a beginning and the type that was agreed', async (t) => {
  const { issuer, ask } = await open(t)
  const sign = await issuer.take('k')
  t.same(await ask(await sign()), GOOD)
  t.same(await ask(await sign({}, { typ: 'application/at+jwt' })), GOOD, 'the long name of the same type')
  const wrong = {
    'no beginning': sign({ iat: undefined }),
    'no end': sign({ exp: undefined }),
    'no end in sight': sign({ exp: soon() + 10 * 365 * 86_400 }),
    'a life of more than a day': sign({ exp: soon() + 86_401 }),
    'begun long ago, for long': sign({ iat: soon() - 90_000, exp: soon() + 600 }),
    'of tomorrow': sign({ iat: soon() + 3600, exp: soon() + 7200 }),
    'an ID token': sign({ nonce: 'n', at_hash: 'h' }, { typ: 'JWT' }),
    'an ID token in other clothes': sign({ nonce: 'n' }),
    'a logout token': sign({}, { typ: 'logout+jwt' }),
    'of no type': sign({}, { typ: undefined }),
    'for somebody else': sign({ aud: 'rent' }),
    'for nobody': sign({ aud: undefined }),
  }
  for (const [name, token] of Object.entries(wrong)) t.same(await ask(await token), INVALID, name)
})

t.test('what was agreed with another issuer: plain JWT, and a shorter life', async (t) => {
  const { issuer, ask } = await open(t, { TOKEN_TYPE: 'JWT', TOKEN_MAX_MINUTES: '30' })
  const sign = await issuer.take('k')
  t.same(await ask(await sign({}, { typ: 'JWT' })), GOOD)
  t.same(await ask(await sign({ exp: soon() + 1801 }, { typ: 'JWT' })), INVALID)
  t.same(await ask(await sign({ nonce: 'n' }, { typ: 'JWT' })), INVALID, 'an ID token is none under this type either')
  t.same(await ask(await sign()), INVALID)
})

t.test('a key that was withdrawn is fetched away at once by whatever it no longer signs', async (t) => {
  const { issuer, ask } = await open(t)
  const old = await issuer.take('k')
  const before = await old()
  t.same(await ask(before), GOOD)
  const fetched = issuer.state.fetched

  // The same name for another key: the signature alone tells.
  const now = await issuer.take('k')
  for (let i = 0; i < 30; i++) t.same(await ask(await now()), INVALID, 'within the rest')
  t.ok(issuer.state.fetched <= fetched + 1, 'not a fetch for each')
  await sleep(5100)
  t.same(await ask(await now()), GOOD, 'the first bad signature after the rest brings the new key')
  t.same(await ask(before), INVALID, 'and ends what the old one vouched for, though it was verified before')
  t.same(await ask(await old()), INVALID)

  issuer.withdraw('k')
  const other = await issuer.take('other')
  const asked = issuer.state.fetched
  for (let i = 0; i < 30; i++) await ask(await other())
  t.ok(issuer.state.fetched <= asked + 1, 'nor for unknown names')
  await sleep(5100)
  t.same(await ask(await other()), GOOD)
  t.same(await ask(await now()), INVALID)
})
