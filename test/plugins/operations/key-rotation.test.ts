import { randomBytes, randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { parseMasterKey } from '../../../config/key-ring.ts'
import { readSettings } from '../../../config/settings.ts'
import { createVault, lookupKeyOf } from '../../../core/base/vault.ts'
import { sealedColumns } from '../../../plugins/operations/personal-data.ts'
import { rotateKeys } from '../../../plugins/operations/rotation.ts'
import { accountsOf, begin, bindAs, bookings, startAgency } from '../../helper/agency.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { museum } from '../../helper/museum-connector.ts'
import { targets } from '../../helper/targets.ts'

const agency = await startAgency()
t.teardown(agency.close)

const OLD = randomBytes(32).toString('base64')
const NEW = `key-2:${randomBytes(32).toString('base64')}`
const LOOKUP_KEY = lookupKeyOf(Buffer.from(OLD, 'base64')).toString('base64')
const ROWS = 300

t.test('keys of the settings', async (t) => {
  const env = { DATA_DIR: t.testdir(), MASTER_KEY: NEW }
  t.equal(createVault(readSettings(env).keys).keyId, 'key-2')
  t.throws(() => readSettings({ ...env, MASTER_KEYS_OLD: OLD }), /LOOKUP_KEY/)
  t.throws(() => readSettings({ ...env, MASTER_KEYS_OLD: 'short', LOOKUP_KEY }), /MASTER_KEYS_OLD/)
  const { keys } = readSettings({ ...env, MASTER_KEYS_OLD: `${OLD},third:${OLD}`, LOOKUP_KEY })
  t.match(keys.others, [{ id: /^[0-9a-f]{8}$/ }, { id: 'third' }])

  const [before, after] = [createVault(Buffer.from(OLD, 'base64')), createVault(keys)]
  t.equal(after.open(before.seal('x', 'c'), 'c'), 'x', 'what the old key sealed opens')
  t.equal(after.fingerprint('x', 'p'), before.fingerprint('x', 'p'), 'and is found')
  t.throws(() => before.open(after.seal('x', 'c'), 'c'), /no master key key-2/)
  t.throws(() => after.open(before.seal('x', 'c'), 'd'))
  // As they were written before keys had ids.
  const unnamed = before.seal('x', 'c').replace(/^v2\.[^.]+\./, 'v1.')
  t.equal(after.open(unnamed, 'c'), 'x')
  t.throws(() => createVault(parseMasterKey(NEW).key).open(unnamed, 'c'))
})

for (const target of targets) {
  t.test(`${target.name}: the master key is replaced while the hub works`, async (t) => {
    const { settings: store, drop } = await target.create()
    t.teardown(drop)
    const shared = { NODE_ENV: 'test', LOG_LEVEL: 'debug', ...store, ...agency.env() }
    const open = (env: Record<string, string>) => build(t, { store: { ...shared, ...env }, declarations: [museum] })
    const first = await open({ MASTER_KEY: OLD })
    await bindAs(first, 'alice')
    await seed(first)
    // Every process opens with both keys before one seals with the new one.
    const reader = await open({ MASTER_KEY: OLD, MASTER_KEYS_OLD: NEW, LOOKUP_KEY })
    const writer = await open({ MASTER_KEY: NEW, MASTER_KEYS_OLD: OLD, LOOKUP_KEY })
    const vault = writer.app.vault
    const rotate = (onProgress = () => {}) =>
      rotateKeys({ database: writer.app.database, vault, columns: sealedColumns, batch: 20, onProgress })

    await t.test('interrupted, it keeps what it has done', async (t) => {
      const interruption = () => {
        throw new Error('interrupted')
      }
      await t.rejects(rotate(interruption), /interrupted/)
      t.ok((await sealedWith(writer, 'key-2')) > 0)
      t.ok((await sealedWith(writer, 'key-2', false)) > 0)
    })

    await t.test('under load, nobody notices', async (t) => await underLoad(t, [reader, writer], rotate))

    await t.test('what no key opens is named and left alone', async (t) => {
      const id = randomUUID()
      const [row] = await writer.app.database('agency_accounts').limit(1)
      await writer.app.database('agency_accounts').insert({
        ...row,
        id,
        external_claim: null,
        user_claim: null,
        state: 'revoked',
        external_sealed: 'v2.lost.AAAA',
        union_sealed: null,
      })
      const { failed } = await rotate()
      t.same(failed, [`agency_accounts.external_sealed ${id}`])
      t.match(await writer.app.database('agency_accounts').where({ id }).first(), { external_sealed: 'v2.lost.AAAA' })
      await writer.app.database('agency_accounts').where({ id }).delete()
    })

    await t.test('the old key is no longer needed', async (t) => {
      const last = await open({ MASTER_KEY: NEW, LOOKUP_KEY })
      t.match((await bookings(last)).json(), { data: { visitor: 'alice' } })
      const [account] = await accountsOf(last)
      t.match(account, { state: 'active', account: /\*/ })
      t.equal((await bindAs(last, 'alice')).statusCode, 200, 'the account is found by its hash')
      t.equal((await accountsOf(last)).length, 1)
    })
  })
}

async function seed({ app: { database, vault } }: Hub): Promise<void> {
  const [user] = await database('users').where({ subject: 'sandbox-person-2' })
  const common = { user_id: user.id, connector: 'gone', level: 'login', bound_by: 'oauth', state: 'active', bound_at: 0, updated_at: 0 }
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const id = randomUUID()
    const external_sealed = vault.seal(`external-${index}`, `agency_accounts.external:${id}`)
    return { ...common, id, external_sealed, external_hash: vault.fingerprint(String(index), 'test') }
  })
  await database.batchInsert('agency_accounts', rows, 50)
}

async function underLoad(t: Test, hubs: Hub[], rotate: () => Promise<{ failed: string[] }>) {
  let running = true
  const troubles: string[] = []
  let calls = 0
  const load = hubs.flatMap((hub) => [
    (async () => {
      for (; running; calls++) {
        const reply = await bookings(hub)
        if (reply.statusCode !== 200) troubles.push(reply.body)
      }
    })(),
    (async () => {
      // Writes sealed cells of its own, with the old key in one hub and the new one in the other.
      for (; running; calls++)
        await begin(hub, 2).catch((error: Error) => void (error.message.includes('RATE') || troubles.push(error.message)))
    })(),
  ])
  const [writer] = hubs.slice(-1) as [Hub]
  const reached = async (count: number) => {
    while (calls < count) await setImmediate()
  }
  await reached(4)
  const { failed } = await rotate()
  await reached(calls + 4)
  running = false
  await Promise.all(load)
  t.same(troubles, [])
  t.same(failed, [])
  t.ok(calls >= 8, `${calls} calls meanwhile`)
  // The old hub went on sealing with the old key until it ended: the last run is after that.
  await rotate()
  t.equal(await sealedWith(writer, 'key-2', false), 0)
}

/** How many cells of the store are sealed with a key, or with any other. */
async function sealedWith({ app: { database } }: Hub, keyId: string, same = true): Promise<number> {
  let count = 0
  for (const { table, column } of sealedColumns) {
    const cells: string[] = await database(table).whereNotNull(column).pluck(column)
    count += cells.filter((cell) => cell.startsWith(`v2.${keyId}.`) === same).length
  }
  return count
}
