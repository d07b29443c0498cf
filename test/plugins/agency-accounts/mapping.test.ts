import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import type { AccountsDeclaration } from '../../../core/contract/accounts.ts'
import { readHolder } from '../../../plugins/agency-accounts/holder.ts'
import { createMoves } from '../../../plugins/agency-accounts/moves.ts'
import { checkReturnAddress, withParameters } from '../../../plugins/agency-accounts/return-address.ts'
import { accountStates, assertAccountMove, canMoveAccount } from '../../../plugins/agency-accounts/states.ts'
import { createAccountStore } from '../../../plugins/agency-accounts/store.ts'
import { createTokenStore } from '../../../plugins/agency-accounts/tokens.ts'
import { checkAccounts } from '../../../plugins/declarations/check-accounts.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { accountsOf } from '../../helper/agency.ts'
import { OTHER_USER, openStore, type Store, USER } from '../../helper/filing.ts'
import { build } from '../../helper/hub.ts'
import { museum, waterworks } from '../../helper/museum-connector.ts'
import { targets } from '../../helper/targets.ts'

const declarations: Record<string, AccountsDeclaration> = {
  single: { cardinality: 'one-to-one', bind: [], contact: '请拨打热线' },
  shared: { cardinality: 'many-to-many', bind: [], contact: '请拨打热线' },
}
const declarationOf = (connector: string) => declarations[connector]
const log = { warn() {}, error() {} } as never

function setUp({ database, vault }: Store) {
  const clock = { at: 1_800_000_000_000 }
  const now = () => clock.at
  const tokens = createTokenStore({ database, vault, log, now })
  const store = createAccountStore({ database, vault, tokens, declarationOf, now })
  const changed: string[] = []
  const moves = createMoves({ database, vault, declarationOf, along: [], changed: (id) => changed.push(id), now })
  const bind = (userId: string, connector: string, externalId: string) =>
    store.bind({ userId, connector, externalId, unionId: null, level: 'login', by: 'oauth' })
  const merge = (from: string, into: string) => moves.merge({ from, into, actor: 'test', reason: 'one person' })
  const split = (from: string, to: string, accountIds: string[]) =>
    moves.split({ from, to, accountIds, actor: 'test', reason: 'two people' })
  const bound = async (userId: string) =>
    (await store.list(userId)).map(({ connector, externalId, state }) => `${connector}:${externalId}:${state}`).sort()
  return { clock, tokens, store, moves, changed, bind, merge, split, bound }
}

t.test('the table of states', async (t) => {
  for (const state of Object.keys(accountStates) as (keyof typeof accountStates)[])
    t.equal(canMoveAccount(state, 'revoked'), state !== 'revoked', `${state} can be unbound`)
  t.throws(() => assertAccountMove('revoked', 'active'))
})

t.test('mistakes in a declaration are named', async (t) => {
  const { accounts } = museum
  if (!accounts?.oauth) throw new Error('the museum has accounts')
  const problems = (changes: Partial<AccountsDeclaration>) => checkAccounts({ ...museum, accounts: { ...accounts, ...changes } }, kinds)
  t.same(problems({}), [])
  t.same(checkAccounts(waterworks, kinds), [])
  const { accounts: _, ...without } = museum
  t.match(checkAccounts(without, kinds), [/science-museum: the dialect oauth2-user needs accounts.oauth/])
  t.match(problems({ bind: [], contact: '' }), [/no way to bind/, /missing contact/])
  t.match(problems({ bind: ['id-match'] }), [/id-match needs idMatch/])
  const oauth = { ...accounts.oauth, clientSecretCredential: 'clientId', externalId: 'sub' }
  t.match(problems({ oauth }), [/must be declared and secret: clientId/, /not a JSON pointer: sub/])
  t.match(problems({ idMatch: { service: 'none', externalId: 'x' } }), [/no such service: none/])
  t.match(problems({ idMatch: { service: 'bookings', input: 'y', externalId: 'x' } }), [/no such input: y/, /no such field: x/])
})

t.test('who authorised, from the user info', async (t) => {
  const oauth = { externalId: '/data/open~1id', unionId: '/union', idNumber: '/id' } as never
  const info = (more: object) => ({ data: { 'open/id': 12 }, ...more })
  t.same(readHolder(oauth, info({}), null), { externalId: '12', unionId: null, level: 'login' })
  t.match(readHolder(oauth, info({ id: '41100219900101000x' }), '41100219900101000X'), { level: 'real-name' })
  t.throws(() => readHolder(oauth, info({ id: '41100219900101000X' }), null), { code: 'HUB_ACCOUNT_UNVERIFIED' })
  for (const bad of [null, {}, [], 'x', { data: { 'open/id': '' } }, { data: { 'open/id': {} } }])
    t.throws(() => readHolder(oauth, bad, null), { code: 'HUB_UPSTREAM_INVALID' })
})

t.test('where a browser may return', async (t) => {
  const allowed = ['xuchang://accounts', 'https://app.example/accounts']
  t.equal(checkReturnAddress('https://app.example/accounts?a=1', allowed), 'https://app.example/accounts?a=1')
  for (const bad of [
    'https://app.example/accounts/x',
    'https://app.example.evil/accounts',
    'https://evil@app.example/accounts',
    'xuchang://accounts.evil',
    '',
  ])
    t.throws(() => checkReturnAddress(bad, allowed), { code: 'HUB_VALIDATION' }, bad)
  t.equal(withParameters('xuchang://accounts?tab=2', { error: 'A' }), 'xuchang://accounts?tab=2&error=A')
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const place = await openStore(target)
    t.teardown(() => place.close())
    t.beforeEach(async () => {
      for (const table of ['account_move_items', 'account_moves', 'agency_tokens', 'agency_accounts']) await place.database(table).delete()
      await place.database('users').update({ status: 'active' })
    })
    await rules(t, place)
    await moving(t, place)
    await t.test('through the routes: 户号 and verified persons', async (t) => await routes(t, target))
    await t.test('注销', async (t) => await deregistration(t, target))
  })
}

async function rules(t: Test, place: Store) {
  await t.test('one to one', async (t) => {
    const { bind, bound, store } = setUp(place)
    const first = await bind(USER, 'single', 'a')
    t.equal((await bind(USER, 'single', 'a')).id, first.id, 'bound again, it is the same mapping')
    await t.rejects(bind(OTHER_USER, 'single', 'a'), {
      code: 'HUB_ACCOUNT_CONFLICT',
      extras: { ways: [{ action: 'unbind' }, { action: 'contact', detail: '请拨打热线' }] },
    })
    await t.rejects(bind(USER, 'single', 'b'), {
      code: 'HUB_ACCOUNT_CONFLICT',
      extras: { ways: [{ action: 'unbind', url: `/v1/me/accounts/${first.id}` }] },
    })
    t.same(await bound(USER), ['single:a:active'])
    t.equal(await store.unbind(OTHER_USER, first.id), null)
    t.ok(await store.unbind(USER, first.id))
    await bind(OTHER_USER, 'single', 'a')
    t.same([await bound(USER), await bound(OTHER_USER)], [[], ['single:a:active']])
    const [gone] = await place.database('agency_accounts').where({ id: first.id })
    t.match(gone, { state: 'revoked', external_sealed: null, external_claim: null, user_claim: null })
  })

  await t.test('many to many', async (t) => {
    const { bind, bound } = setUp(place)
    for (const [user, number] of [
      [USER, '1'],
      [USER, '2'],
      [OTHER_USER, '1'],
    ] as const)
      await bind(user, 'shared', number)
    await bind(USER, 'shared', '1')
    t.same(await bound(USER), ['shared:1:active', 'shared:2:active'])
    t.same(await bound(OTHER_USER), ['shared:1:active'])
  })

  await t.test('two at once on two connections: one wins, the other learns of it', async (t) => {
    const [one, other] = [setUp(place), setUp({ ...place, database: place.second })]
    const results = await Promise.allSettled([one.bind(USER, 'single', 'a'), other.bind(OTHER_USER, 'single', 'a')])
    t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    t.match(
      results.find(({ status }) => status === 'rejected'),
      { reason: { code: 'HUB_ACCOUNT_CONFLICT' } },
    )
  })

  await t.test('suspended by an operator: neither used nor bound anew', async (t) => {
    const { bind, store, tokens } = setUp(place)
    const { id } = await bind(USER, 'single', 'a')
    t.ok(await store.suspend(id, 'reported'))
    await t.rejects(tokens.obtain(USER, 'single', {} as never), { code: 'HUB_ACCOUNT_SUSPENDED' })
    await t.rejects(bind(USER, 'single', 'a'), { code: 'HUB_ACCOUNT_SUSPENDED' })
    t.ok(await store.resume(id))
    t.notOk(await store.resume(id))
    await t.rejects(tokens.obtain(USER, 'single', {} as never), { code: 'HUB_ACCOUNT_REAUTHORISE' }, 'without tokens')
  })
}

async function moving(t: Test, place: Store) {
  await t.test('merged and undone', async (t) => {
    const { bind, merge, moves, bound, changed } = setUp(place)
    await bind(USER, 'single', 'a')
    await bind(OTHER_USER, 'single', 'b')
    await bind(OTHER_USER, 'shared', '7')
    const id = await merge(OTHER_USER, USER)
    t.same(await bound(USER), ['shared:7:active', 'single:a:active'])
    t.same(await bound(OTHER_USER), ['single:b:suspended'], 'what has no place stays behind')
    t.match(await place.database('users').where({ id: OTHER_USER }).first(), { status: 'merged' })
    await t.rejects(merge(OTHER_USER, USER), { code: 'HUB_USER_DISABLED' })
    await moves.undo(id)
    t.same(await bound(USER), ['single:a:active'])
    t.same(await bound(OTHER_USER), ['shared:7:active', 'single:b:active'])
    t.match(await place.database('users').where({ id: OTHER_USER }).first(), { status: 'active' })
    await t.rejects(moves.undo(id), { code: 'HUB_ACCOUNT_UNDO' })
    t.same(changed, [OTHER_USER, OTHER_USER])
  })

  await t.test('split, and what stands against undoing', async (t) => {
    const { bind, split, moves, bound, clock } = setUp(place)
    const { id: account } = await bind(USER, 'single', 'a')
    await t.rejects(split(OTHER_USER, USER, [account]), { code: 'HUB_NO_RECORD' })
    const first = await split(USER, OTHER_USER, [account])
    t.same(await bound(OTHER_USER), ['single:a:active'])
    const second = await split(OTHER_USER, USER, [account])
    await t.rejects(moves.undo(first), { code: 'HUB_ACCOUNT_UNDO' }, 'a later move comes first')
    await moves.undo(second)
    await bind(USER, 'single', 'b')
    await t.rejects(moves.undo(first), { code: 'HUB_ACCOUNT_UNDO' }, 'the place is taken')
    t.same(await bound(OTHER_USER), ['single:a:active'], 'and nothing is half undone')
    clock.at += 30 * 24 * 3600_000
    await t.rejects(moves.undo(first), { code: 'HUB_ACCOUNT_UNDO' }, 'too late')
    await t.rejects(split(USER, OTHER_USER, [(await bindId(USER, 'b')) ?? '']), { code: 'HUB_ACCOUNT_CONFLICT' })

    async function bindId(user: string, external: string) {
      return (await setUp(place).store.list(user)).find(({ externalId }) => externalId === external)?.id
    }
  })
}

async function routes(t: Test, target: (typeof targets)[number]) {
  const hub = await build(t, { target, declarations: [waterworks] })
  const bind = (person: number, body: object) => hub.post('/v1/me/accounts/waterworks', { person, body })
  const own = await bind(1, { accountNumber: '10000001' })
  t.equal(own.statusCode, 201)
  t.match(own.json(), { data: { connector: 'waterworks', level: 'real-name', boundBy: 'account-number', account: /\*/ } })
  t.equal((await bind(2, { accountNumber: '10000001' })).statusCode, 201, 'one household, two users')
  for (const [person, number, why] of [
    [1, '10000003', 'the platform answers with another number'],
    [4, '10000001', 'no such household'],
  ] as const) {
    const reply = await bind(person, { accountNumber: number })
    t.equal(reply.statusCode, 403, why)
    t.match(reply.json(), { code: 'HUB_ACCOUNT_UNVERIFIED' })
  }
  t.equal((await bind(1, { accountNumber: '1' })).statusCode, 400)
  t.equal((await bind(1, { idNumber: '41100219900101000X' })).statusCode, 400, 'nobody is asked for an id number')
  const matched = await bind(3, {})
  t.match(matched.json(), { data: { level: 'real-name', boundBy: 'id-match' } })
  t.equal((await accountsOf(hub, 1)).length, 1)
  t.match((await hub.get('/openapi.json')).json(), { paths: { '/v1/me/accounts/waterworks': { post: {} } } })
}

async function deregistration(t: Test, target: (typeof targets)[number]) {
  const hub = await build(t, { target, declarations: [waterworks] })
  const close = (options: object = {}) => hub.post('/v1/me/deregister', { person: 1, ...options })
  await hub.post('/v1/me/accounts/waterworks', { person: 1, body: { accountNumber: '10000001' } })
  t.match((await close({ face: false })).json(), { code: 'HUB_FACE_REQUIRED', stepUp: { once: true, maxAgeSeconds: 300 } })
  t.match((await close({ faceAgeSeconds: 400 })).json(), { code: 'HUB_FACE_REQUIRED' })
  const filing = {
    id: randomBytes(8).toString('hex'),
    connector: 'x',
    service: 'y',
    idempotency_key: 'k',
    request_hash: '',
    request_sealed: '',
    state: 'attention',
    trace_id: '',
    created_at: 0,
    updated_at: 0,
  }
  const [user] = await hub.app.database('users').where({ subject: 'sandbox-person-1' })
  await hub.app.database('submissions').insert({ ...filing, user_id: user.id })
  t.match((await close()).json(), { code: 'HUB_ACCOUNT_BUSY' })
  await hub.app.database('submissions').delete()

  const before = await hub.app.database('audit_rows').count({ n: '*' }).first()
  t.equal((await close()).statusCode, 204)
  t.match((await hub.get('/v1/me/accounts', { person: 1 })).json(), { code: 'HUB_USER_UNKNOWN' }, 'shut at once')
  t.match(await hub.app.database('users').where({ id: user.id }).first(), {
    status: 'deregistered',
    name_sealed: null,
    id_number_sealed: null,
    id_number_hash: null,
  })
  t.match(await hub.app.database('agency_accounts').where({ user_id: user.id }), [{ state: 'revoked', reason: 'deregistered' }])
  t.same(await hub.app.database('mandates').where({ user_id: user.id, status: 'active' }), [])
  t.ok(Number((await hub.app.database('audit_rows').count({ n: '*' }).first())?.['n']) > Number(before?.['n']), 'the audit stays')
  t.equal((await hub.get('/v1/me/accounts', { person: 2 })).statusCode, 200, 'others are not concerned')
}
