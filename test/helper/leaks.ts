import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { maskedValues } from '../../conformance/bronze.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { ConnectorDeclaration, SandboxRow, SandboxSubject } from '../../core/connector.ts'
import type { MaskName } from '../../core/contract/masks.ts'
import { createAnswers } from '../../plugins/sandbox/answers.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'
import { indexServices } from '../../plugins/sandbox/services.ts'
import type { Hub } from './hub.ts'

/** Values that must not get out, each with a name to report it by: a report shows no value itself. */
export type Marks = ReadonlyMap<string, string>

/** Names of the values that a text holds. */
export function leaksIn(text: string, marks: Marks): string[] {
  return [...marks].filter(([value]) => text.includes(value)).map(([, name]) => name)
}

/** Rows of a service in the agency's own form, generated ones too. */
export type RowsOf = (service: CompiledService, subject: SandboxSubject) => readonly SandboxRow[]

export function sandboxRows(connectors: readonly ConnectorDeclaration[]): RowsOf {
  const offered = indexServices(connectors)
  const answers = createAnswers()
  return ({ key, contract }, subject) => {
    const found = offered.get(contract.upstream?.sid ?? key)?.find(({ contract: { id } }) => id === contract.id)
    return found ? answers.rowsOf(found, subject) : []
  }
}

/** Also stand elsewhere in a record with good reason: the owner's own name, the address of the house. */
const COMMONPLACE = new Set<MaskName>(['name', 'address'])
/** Shorter values also occur by chance. */
const SHORTEST_MARK = 6

/** What a service's masks shorten, as it stands at the agency; `all`: also what another of its fields may show in full. */
export function maskedBy(service: CompiledService, rowsOf: RowsOf, all: boolean): Map<string, string> {
  const { contract } = service
  const subjects = [
    ...(contract.audience === 'enterprise' ? [] : people),
    ...(contract.audience === 'person' && !contract.agents ? [] : enterprises),
  ]
  const held = subjects.flatMap((subject) => maskedValues(contract.fields, rowsOf(service, subject)))
  const told = held.filter(({ mask, value }) => value.length >= SHORTEST_MARK && (all || !COMMONPLACE.has(mask)))
  return new Map(told.map(({ value, field }) => [value, `${service.key}.${field}`]))
}

/** By what the asker's records are told apart: read in full by their owner, and by nobody else at all. */
export function keysOf(service: CompiledService, rowsOf: RowsOf): Map<string, string> {
  const codes = service.contract.fields[service.contract.key ?? '']?.notes.codes ?? []
  const values = people.flatMap((person) => rowsOf(service, person).flatMap((row) => codes.map((code) => String(row[code] ?? ''))))
  return new Map(values.filter(({ length }) => length > SHORTEST_MARK).map((value) => [value, `${service.key}.${service.contract.key}`]))
}

/** Numbers and names of everybody in the sandbox. */
export function identities(): Map<string, string> {
  return new Map([
    ...people.flatMap(({ index, number, name }): [string, string][] => [
      [number, `id number of person ${index}`],
      [name, `name of person ${index}`],
    ]),
    ...enterprises.map(({ index, number }): [string, string] => [number, `credit code of enterprise ${index}`]),
  ])
}

/** Keys of the hub and of its sandbox: nothing ever shows one. */
export async function keys({ app }: Hub): Promise<Map<string, string>> {
  const { settings, sandbox, vault, database } = app
  const marks = new Map<string, string>()
  for (const form of ['base64', 'base64url', 'hex'] as const) marks.set(settings.masterKey.toString(form), 'master key')
  marks.set(sandbox?.exchange.appKey ?? '', 'app key')
  const issuer = JSON.parse(readFileSync(join(settings.DATA_DIR, 'sandbox-issuer.json'), 'utf8')) as { d: string }
  marks.set(issuer.d, 'private key of the issuer')
  const sealed: { id: string; secret_sealed: string }[] = await database('upstream_secrets').whereNotNull('secret_sealed')
  for (const { id, secret_sealed } of sealed) marks.set(vault.open(secret_sealed, id), 'secret of the exchange platform')
  marks.delete('')
  return marks
}

/** Every row of every table as text, by table; of `enterprises`, which everybody may read in the register, nothing. */
export async function storedText({ app: { database } }: Hub): Promise<Map<string, string>> {
  const names: string[] =
    database.engine === 'mysql'
      ? await database('information_schema.tables').whereRaw('table_schema = database()').pluck('table_name')
      : await database('sqlite_master').where({ type: 'table' }).pluck('name')
  const tables = names.filter((name) => !/^(sqlite_|knex_|enterprises$)/.test(name))
  return new Map(await Promise.all(tables.map(async (table) => [table, JSON.stringify(await database(table).select('*'))] as const)))
}

/** What this hub has in Redis: its jobs and rate limits, keys and values. */
export async function redisText({ app: { settings } }: Hub): Promise<string> {
  if (!settings.REDIS_URL) return ''
  const redis = new Redis(settings.REDIS_URL)
  const own = `{hub:${new URL(settings.DATABASE_URL).pathname.slice(1)}}`
  const found: unknown[] = []
  try {
    for (const pattern of [`${own}*`, 'hub-rate-*']) {
      for await (const names of redis.scanStream({ match: pattern, count: 1000 })) {
        for (const name of names as string[]) found.push(name, await readKey(redis, name))
      }
    }
    return JSON.stringify(found)
  } finally {
    redis.disconnect()
  }
}

async function readKey(redis: Redis, name: string): Promise<unknown> {
  switch (await redis.type(name)) {
    case 'hash':
      return redis.hgetall(name)
    case 'string':
      return redis.get(name)
    case 'list':
      return redis.lrange(name, 0, -1)
    case 'zset':
      return redis.zrange(name, 0, -1)
    case 'set':
      return redis.smembers(name)
    case 'stream':
      return redis.xrange(name, '-', '+')
    default:
      return null
  }
}
