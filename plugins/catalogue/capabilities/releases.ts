import { createHash } from 'node:crypto'
import type { Database } from '../../../core/base/database.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'

/** Of each service the names of what goes in and comes out; what must be given has a `!`. */
type Shape = Readonly<Record<string, readonly string[]>>

interface Change {
  added: string[]
  removed: string[]
}

/** A version of a service, as the hub first ran it. */
export interface Version extends Change {
  version: string
  /** Epoch milliseconds. */
  at: number
}

export function shapeOf({ services }: Pick<ConnectorDeclaration, 'services'>): Shape {
  return Object.fromEntries(
    services.map(({ contract: { id, inputs, fields } }) => [
      id,
      [
        ...Object.entries(inputs).map(([name, { notes }]) => `→${name}${notes.required ? '!' : ''}`),
        ...Object.entries(fields).map(([name, { notes }]) => `←${name}: ${notes.type}`),
      ],
    ]),
  )
}

/** → what is otherwise, by service; a service that is new or gone has all of it. */
export function changesBetween(before: Shape, after: Shape): Record<string, Change> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changes = names.map((name) => {
    const [old = [], next = []] = [before[name], after[name]]
    return [name, { added: next.filter((each) => !old.includes(each)), removed: old.filter((each) => !next.includes(each)) }] as const
  })
  return Object.fromEntries(changes.filter(([, { added, removed }]) => added.length + removed.length > 0))
}

/** Writes down what each connector offers, where that is otherwise than when the hub last ran. Of two processes, one does. → whether it is the first time. */
export async function recordReleases(database: Database, connectors: readonly ConnectorDeclaration[], now: number): Promise<boolean> {
  const newest: { connector: string; number: number; digest: string }[] = await database('connector_releases as one')
    .whereRaw('number = (select max(number) from connector_releases as other where other.connector = one.connector)')
    .select('connector', 'number', 'digest')
  const last = new Map(newest.map((row) => [row.connector, row]))
  const rows = []
  for (const connector of connectors) {
    const { id, version = '1.0.0' } = connector
    const shape = shapeOf(connector)
    const digest = createHash('sha256')
      .update(JSON.stringify([version, shape]))
      .digest('hex')
    const before = last.get(id)
    if (before?.digest === digest) continue
    const old: { shape: string } | undefined =
      before && (await database('connector_releases').where({ connector: id, number: before.number }).first('shape'))
    const changes = changesBetween(JSON.parse(old?.shape ?? '{}'), shape)
    const written = { shape: JSON.stringify(shape), changes: JSON.stringify(changes), seen_at: now }
    rows.push({ connector: id, number: (before?.number ?? 0) + 1, version, digest, ...written })
  }
  if (rows.length > 0) await database('connector_releases').insert(rows).onConflict(['connector', 'number']).ignore()
  return newest.length === 0
}

/** The versions of a service in which something of it changed, the newest first. */
export async function versionsOf(database: Database, connector: string, service: string): Promise<Version[]> {
  const rows: { version: string; changes: string; seen_at: number | string }[] = await database('connector_releases')
    .where({ connector })
    .orderBy('number', 'desc')
    .select('version', 'changes', 'seen_at')
  return rows.flatMap(({ version, changes, seen_at }) => {
    const change = (JSON.parse(changes) as Record<string, Change>)[service]
    return change ? [{ version, at: Number(seen_at), ...change }] : []
  })
}
