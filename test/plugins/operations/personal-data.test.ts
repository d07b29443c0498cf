import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { Database } from '../../../core/base/database.ts'
import { createVault, type Vault } from '../../../core/base/vault.ts'
import { createDataKey } from '../../../plugins/agency-accounts/data-key.ts'
import { erase } from '../../../plugins/operations/deregister.ts'
import { personalData, sealedColumns } from '../../../plugins/operations/personal-data.ts'
import { rotateKeys } from '../../../plugins/operations/rotation.ts'
import { openStore, USER } from '../../helper/filing.ts'
import { type Column, inOrder, readSchema } from '../../helper/schema.ts'
import { targets } from '../../helper/targets.ts'

const SECRET = '41100219900101000X'
const userColumns = personalData.flatMap(({ users }) => users)
/** Named like somebody, and about nobody. */
const NOBODY = new Set(['agency_accounts.bound_by'])

const placeOf = ({ table, column }: { table: string; column: string }) => `${table}.${column}`

/** Columns of which the schema says, by name or reference, that they hold a user's id. */
function namesUser({ references, ...place }: Column): boolean {
  if (NOBODY.has(placeOf(place))) return false
  const { table, column } = references ?? place
  return (table === 'users' && column === 'id') || /^user$|^actor$|_by$|(^|_)user(_id|_claim|_before|_after)?$/.test(place.column)
}

function undeclared(schema: readonly Column[], sealed = sealedColumns, users = userColumns): string[] {
  const demanded = [
    ...schema.filter(({ column }) => column.endsWith('_sealed')).map((column) => ({ column, among: sealed })),
    ...schema.filter(namesUser).map((column) => ({ column, among: users })),
  ]
  return demanded
    .filter(({ column, among }) => !among.some((declared) => placeOf(declared) === placeOf(column)))
    .map(({ column }) => placeOf(column))
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const { database } = store
    const schema = await readSchema(database)
    const old = { id: 'old', key: randomBytes(32) }
    const before = createVault({ current: old })
    const vault = createVault({ current: { id: 'new', key: randomBytes(32) }, others: [old] })

    t.test('every column of a user or of sealed text is declared, once, and is there', async (t) => {
      t.same(undeclared(schema), [])
      const known = new Set(schema.map(placeOf))
      const declared = [sealedColumns.map(placeOf), userColumns.map(placeOf)]
      for (const places of declared) {
        t.same(
          places.filter((place) => !known.has(place)),
          [],
        )
        t.equal(new Set(places).size, places.length, 'once')
      }
      for (const { table, key } of sealedColumns) {
        const keys = schema.filter((column) => column.table === table && column.primary).map(({ column }) => column)
        t.same(keys, [key], table)
      }
    })

    t.test('what nobody declares is noticed', async (t) => {
      for (const gone of sealedColumns)
        t.same(
          undeclared(
            schema,
            sealedColumns.filter((other) => other !== gone),
          ),
          [placeOf(gone)],
        )
      const demanded = undeclared(schema, sealedColumns, [])
      for (const place of ['submissions.user_id', 'mandates.subject_user_id', 'account_moves.to_user', 'audit_rows.user', 'users.id'])
        t.ok(demanded.includes(place), place)
    })

    t.test('keys rotate over every sealed column', async (t) => {
      await fill(database, schema, before)
      const { done, failed } = await rotateKeys({ database, vault, columns: sealedColumns })
      t.same(failed, [])
      t.equal(done, sealedColumns.length)
      for (const { table, column, key, context } of sealedColumns) {
        const [row] = await database(table).select(key, column)
        t.match(row[column], /^v2\.new\./, placeOf({ table, column }))
        t.ok(vault.open(row[column], context(row[key])))
      }
    })

    t.test('a user who leaves leaves nothing that is not declared to stay', async (t) => {
      await database.transaction((transaction) => erase(transaction, vault, USER, USER))
      for (const { table, column, kept } of userColumns) {
        const left = await database(table).where({ [column]: USER })
        if (kept === undefined) t.equal(left.length, 0, placeOf({ table, column }))
        // Of two ids in a row one may take the row along.
        else if (!userColumns.some((other) => other.table === table && !other.kept)) t.ok(left.length > 0, placeOf({ table, column }))
      }
      for (const { table, column, kept } of sealedColumns) {
        const left = await database(table).whereNotNull(column)
        t.equal(left.length > 0, kept !== undefined, placeOf({ table, column }))
      }
      const kept = new Set(userColumns.filter((column) => column.kept !== undefined).map(placeOf))
      for (const place of schema.filter(({ type }) => type === 'text')) {
        const { table, column } = place
        const naming = await database(table).where(column, 'like', `%${USER}%`)
        t.ok(naming.length === 0 || kept.has(placeOf(place)), `${placeOf(place)} names the user`)
        t.equal((await database(table).where(column, 'like', `%${SECRET}%`)).length, 0, 'and nothing stands there in clear')
      }
    })
  })
}

/** One row a table, all of it the user's: his id and sealed text wherever they can stand. */
async function fill(database: Database, schema: readonly Column[], vault: Vault): Promise<void> {
  await database('users').delete()
  const rows = new Map<string, Record<string, unknown>>()
  for (const table of inOrder(schema)) {
    const columns = schema.filter((column) => column.table === table)
    const row: Record<string, unknown> = {}
    for (const column of columns) {
      const { references } = column
      if (references) row[column.column] = rows.get(references.table)?.[references.column]
      else if (userColumns.some((declared) => placeOf(declared) === placeOf(column))) row[column.column] = USER
      else if (!column.optional || column.primary)
        row[column.column] =
          column.type === 'integer'
            ? 1
            : randomBytes(32)
                .toString('hex')
                .slice(0, column.length ?? 64)
    }
    for (const { column, key, context } of sealedColumns.filter((sealed) => sealed.table === table))
      row[column] = vault.seal(SECRET, context(String(row[key])))
    if (table === 'users') Object.assign(row, { status: 'active' })
    if (table === 'agency_tokens') Object.assign(row, tokens(vault, String(row['account_id'])))
    await database(table).insert(row)
    rows.set(table, row)
  }
}

/** Tokens are boxed under a key of their own, and are opened when an account ends. */
function tokens(vault: Vault, accountId: string) {
  const key = createDataKey(vault, accountId)
  return { data_key_sealed: key.sealed, access_boxed: key.box(SECRET, 'access'), refresh_boxed: null }
}
