import { randomBytes } from 'node:crypto'
import { openDatabase } from '../plugins/store/open.ts'

/** An empty database on the server at `mysql`, for one run. */
export async function makeDatabase(mysql: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `hub_bench_${randomBytes(4).toString('hex')}`
  await administer(mysql, `create database ${name} character set utf8mb4`)
  return { url: new URL(name, mysql).href, drop: () => administer(mysql, `drop database ${name}`) }
}

async function administer(mysql: string, sql: string): Promise<void> {
  const database = openDatabase({ url: mysql, dataDir: '' })
  await database.raw(sql).finally(() => database.destroy())
}
