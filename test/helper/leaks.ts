import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import housingFund from '../../connectors/housing-fund/index.ts'
import type { SandboxRow } from '../../core/connector.ts'
import type { Fields } from '../../core/declaration/fields.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'
import type { Hub } from './hub.ts'

/** Values that must not get out, each with a name to report it by: a report shows no value itself. */
export type Marks = ReadonlyMap<string, string>

/** Names of the values that a text holds. */
export function leaksIn(text: string, marks: Marks): string[] {
  return [...marks].filter(([value]) => text.includes(value)).map(([, name]) => name)
}

/** Everything that masks shorten, as it stands at the agency; of names only where `names` says so. */
export function maskedValues(names: boolean): Map<string, string> {
  const marks = new Map<string, string>()
  for (const { contract } of housingFund.services) {
    for (const subject of contract.audience === 'enterprise' ? enterprises : people) {
      for (const row of housingFund.sandbox[contract.id]?.(subject) ?? []) collect(contract.id, contract.fields, row)
    }
  }
  for (const { index, number } of people) marks.set(number, `id number of person ${index}`)
  for (const { index, number } of enterprises) marks.set(number, `credit code of enterprise ${index}`)
  if (names) for (const { index, name } of people) marks.set(name, `name of person ${index}`)
  return marks

  function collect(service: string, fields: Fields, row: SandboxRow): void {
    for (const [name, { notes }] of Object.entries(fields)) {
      if (!notes.mask || (notes.mask === 'name' && !names)) continue
      for (const code of notes.codes) if (typeof row[code] === 'string' && row[code] !== '') marks.set(row[code], `${service}.${name}`)
    }
  }
}

/** Loan accounts, which their owner reads in full and nobody else at all. */
export function loanAccounts(): Map<string, string> {
  const rows = people.flatMap((person) => housingFund.sandbox['loan-account']?.(person) ?? [])
  return new Map(rows.map((row) => [String(row['dkzh']), 'loan account']))
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

/** Every row of the hub's own tables as text. */
export async function storedText({ app: { database } }: Hub, tables: readonly string[]): Promise<string> {
  const rows = await Promise.all(tables.map((table) => database(table).select('*')))
  return JSON.stringify(rows)
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

/** Passes on what the process writes to its standard streams, and keeps it until `stop`. */
export function overhear(): { text(): string; stop(): void } {
  const chunks: string[] = []
  const stops = [process.stdout, process.stderr].map((stream) => {
    const { write } = stream
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      chunks.push(String(chunk))
      return write.call(stream, chunk, ...rest)
    }) as typeof write
    return () => {
      stream.write = write
    }
  })
  return {
    text: () => chunks.join(''),
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}
