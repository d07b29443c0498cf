import type { Knex } from 'knex'

/** What people read and search, without regard to case; every other text is an id, a hash, a key or sealed, and is compared by its bytes. */
export const TEXT_COLUMNS = [
  { table: 'enterprises', column: 'name', length: 255 },
  { table: 'oauth_clients', column: 'name', length: 100 },
] as const

const BYTES = 'utf8mb4_bin'
const TEXT = 'utf8mb4_unicode_ci'

/** The references, while they are away: MySQL commits each step by itself, and an upgrade that was cut off goes on where it stood. */
const AWAY = 'references_away'

interface Reference {
  name: string
  table: string
  column: string
  to_table: string
  to_column: string
}

/**
 * One collation for all that is compared, as SQLite has it: MySQL took ids in capitals for the ids themselves. Not
 * `ascii_bin`: references need one character set on both sides, and a question in Chinese must find nothing rather
 * than fail. Tables keep it as their default, so that columns which later migrations add are binary too; new tables
 * have it from core/base/database.ts.
 */
export async function up(knex: Knex): Promise<void> {
  if (!isMysql(knex)) return
  const loose = await looseTables(knex)
  if (loose.length > 0 || (await knex.schema.hasTable(AWAY))) await convert(knex, loose)
  for (const { table, column, length } of TEXT_COLUMNS)
    await knex.schema.alterTable(table, (alter) => void alter.string(column, length).notNullable().collate(TEXT).alter())
}

async function convert(knex: Knex, tables: readonly string[]): Promise<void> {
  await writeIdsInLowerCase(knex)
  // No server changes the collation of a column while a reference stands on it.
  const references = await takeAway(knex)
  for (const table of tables) await knex.raw(`alter table ?? convert to character set utf8mb4 collate ${BYTES}`, [table])
  const standing = (await readReferences(knex)).map(({ name }) => name)
  for (const { name, table, column, to_table, to_column } of references)
    if (!standing.includes(name))
      await knex.raw('alter table ?? add constraint ?? foreign key (??) references ?? (??)', [table, name, column, to_table, to_column])
  await knex.schema.dropTable(AWAY)
}

/** Rows mean the same under any collation, so there is nothing to take back. */
export async function down(): Promise<void> {}

async function takeAway(knex: Knex): Promise<Reference[]> {
  if (!(await knex.schema.hasTable(AWAY))) {
    await knex.schema.createTable(AWAY, (table) => {
      for (const column of ['name', 'table', 'column', 'to_table', 'to_column']) table.string(column, 64).notNullable()
    })
  }
  const found = await readReferences(knex)
  // In one statement: the list is whole, or empty and nothing is away yet.
  if (found.length > 0 && !(await knex(AWAY).first())) await knex(AWAY).insert(found)
  for (const { table, name } of found) await knex.raw('alter table ?? drop foreign key ??', [table, name])
  return knex<Reference>(AWAY)
}

/** Every reference is of one column and forbids what would break it. */
async function readReferences(knex: Knex): Promise<Reference[]> {
  const [rows] = (await knex.raw(
    `select constraint_name name, table_name \`table\`, column_name \`column\`, referenced_table_name to_table, referenced_column_name to_column
     from information_schema.key_column_usage where table_schema = database() and referenced_table_name is not null`,
  )) as [Reference[]]
  return rows
}

/** Ids that came in capitals found their row and were kept as they came: in columns that refer to it. Chains of the audit log never did. */
async function writeIdsInLowerCase(knex: Knex): Promise<void> {
  const [columns] = (await knex.raw(
    `select table_name t, column_name c from information_schema.columns
     where table_schema = database() and data_type = 'varchar' and character_maximum_length = 36 and table_name not like 'audit\\_%'`,
  )) as [{ t: string; c: string }[]]
  for (const { t, c } of columns) await knex.raw('update ?? set ?? = lower(??) where binary ?? <> lower(??)', [t, c, c, c, c])
}

/** Tables that were made before their default was binary, whose columns are not either. */
async function looseTables(knex: Knex): Promise<string[]> {
  const [rows] = (await knex.raw(
    `select table_name t from information_schema.tables
     where table_schema = database() and table_type = 'BASE TABLE' and table_collation <> ? and table_name not like 'knex\\_%'`,
    [BYTES],
  )) as [{ t: string }[]]
  return rows.map(({ t }) => t)
}

function isMysql(knex: Knex): boolean {
  return (knex.client as Knex.Client).driverName === 'mysql2'
}
