import type { Database } from '../../core/base/database.ts'
import { COLUMNS, type Head, type Row } from './entry.ts'

/** Rows that take a chain from one head to the next; none at all is a trial of the database. */
export interface Batch {
  /** With seq 0 the chain is new and gets its registration. */
  from: Head
  to: Head
  seal: string
  rows: readonly Row[]
}

interface Pool {
  acquireConnection(): Promise<SqliteConnection | MysqlConnection>
  releaseConnection(connection: SqliteConnection | MysqlConnection): Promise<void>
}
interface Statement {
  run(values?: readonly unknown[]): { changes: number }
}
interface SqliteConnection {
  readonly inTransaction: boolean
  prepare(sql: string): Statement
  exec(sql: string): void
}
interface MysqlConnection {
  query(sql: string, values: readonly unknown[], done: (error: Error | null, result: { affectedRows: number }) => void): void
  destroy(): void
}

const INSERT = `insert into audit_rows (${COLUMNS.map((name) => `\`${name}\``).join(', ')}) values `
const ROW = `(${COLUMNS.map(() => '?').join(', ')})`
const OPEN = "insert into audit_chains (id, opened_at, head_seq, head_hash, seal, witness) values (?, ?, 0, '', '', '')"
const MOVE = 'update audit_chains set head_seq = ?, head_hash = ?, seal = ? where id = ? and head_seq = ?'
const DEADLINE_MS = 5000

/**
 * Adds rows and moves the head, both or neither. Every call of the hub passes here, and knex's own
 * transactions cost 200 µs each, so this speaks to the drivers over a connection of knex's pool; on
 * SQLite in one go, so that no other process finds the file locked while this one does other things.
 * After a rejection the rows may be there all the same: read the head to know.
 */
export async function appendRows(database: Database, batch: Batch): Promise<void> {
  const pool = database.client as Pool
  const connection = await pool.acquireConnection()
  try {
    if (database.engine === 'sqlite') appendSqlite(connection as SqliteConnection, batch)
    else await appendMysql(connection as MysqlConnection, batch)
  } finally {
    await pool.releaseConnection(connection)
  }
}

/** Rows that go into one statement: a call of the driver costs half of what a row does. */
const ROWS_A_STATEMENT = 8

interface Prepared {
  begin: Statement
  insertOne: Statement
  insertMany: Statement
  move: Statement
  commit: Statement
}
const prepared = new WeakMap<SqliteConnection, Prepared>()

function prepare(connection: SqliteConnection): Prepared {
  const statements = {
    begin: connection.prepare('begin immediate'),
    insertOne: connection.prepare(INSERT + ROW),
    insertMany: connection.prepare(INSERT + Array(ROWS_A_STATEMENT).fill(ROW).join(',')),
    move: connection.prepare(MOVE),
    commit: connection.prepare('commit'),
  }
  prepared.set(connection, statements)
  return statements
}

function appendSqlite(connection: SqliteConnection, batch: Batch): void {
  try {
    const statements = prepared.get(connection) ?? prepare(connection)
    statements.begin.run()
    if (batch.from.seq === 0) connection.prepare(OPEN).run(openValues(batch))
    insertSqlite(statements, batch.rows)
    assertMoved(statements.move.run(moveValues(batch)).changes)
    statements.commit.run()
  } catch (error) {
    prepared.delete(connection)
    if (connection.inTransaction) connection.exec('rollback')
    throw error
  }
}

function insertSqlite({ insertOne, insertMany }: Prepared, rows: readonly Row[]): void {
  let from = 0
  for (; from + ROWS_A_STATEMENT <= rows.length; from += ROWS_A_STATEMENT) insertMany.run(rows.slice(from, from + ROWS_A_STATEMENT).flat())
  for (; from < rows.length; from++) insertOne.run(rows[from])
}

async function appendMysql(connection: MysqlConnection, batch: Batch): Promise<void> {
  try {
    await query(connection, 'start transaction')
    if (batch.from.seq === 0) await query(connection, OPEN, openValues(batch))
    if (batch.rows.length > 0) await query(connection, INSERT + batch.rows.map(() => ROW).join(','), batch.rows.flat())
    assertMoved((await query(connection, MOVE, moveValues(batch))).affectedRows)
    await query(connection, 'commit')
  } catch (error) {
    // Ends the transaction whatever state it is in; the pool replaces the connection.
    connection.destroy()
    throw error
  }
}

function query(connection: MysqlConnection, sql: string, values: readonly unknown[] = []): Promise<{ affectedRows: number }> {
  return within(
    new Promise((resolve, reject) => connection.query(sql, values, (error, result) => (error ? reject(error) : resolve(result)))),
  )
}

function openValues({ from, rows }: Batch): unknown[] {
  return [from.chain, rows[0]?.[COLUMNS.indexOf('at')]]
}

function moveValues({ from, to, seal }: Batch): unknown[] {
  return [to.seq, to.hash, seal, to.chain, from.seq]
}

function assertMoved(changed: number): void {
  if (changed !== 1) throw new Error('the head of the audit chain is not where this process left it')
}

export interface StoredHead extends Head {
  openedAt: number
  seal: string
  witness: string
}

/** The heads of all chains, or of one, in the order of their opening. */
export async function readHeads(database: Database, chain?: string): Promise<StoredHead[]> {
  const rows = await within(
    database('audit_chains')
      .modify((query) => (chain === undefined ? query : query.where({ id: chain })))
      .orderBy(['opened_at', 'id'])
      .select({ chain: 'id', openedAt: 'opened_at', seq: 'head_seq', hash: 'head_hash', seal: 'seal', witness: 'witness' }),
  )
  return rows.map((row: StoredHead) => ({ ...row, seq: Number(row.seq), openedAt: Number(row.openedAt) }))
}

export async function markWitnessed(database: Database, chain: string, witness: string): Promise<void> {
  await within(database('audit_chains').where({ id: chain }).update({ witness }))
}

/** A database that hangs must not hang every call with it. */
export function within<T>(promise: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS)
    const settle = () => clearTimeout(timer)
    promise.then(
      (value) => {
        settle()
        resolve(value)
      },
      (error) => {
        settle()
        reject(error)
      },
    )
  })
}

/** Drivers put whole statements into messages, values included; so a log gets the code, or the last words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const words = String(message).split(' - ').at(-1)?.slice(0, 120) ?? ''
  return typeof code === 'string' ? `${code} ${code.startsWith('SQLITE') ? words : ''}`.trim() : words
}
