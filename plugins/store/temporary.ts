import { randomBytes } from 'node:crypto'
import { openDatabase } from './open.ts'

/** An empty database of its own on the server at `mysql`, for whoever tries something out; `drop` removes it. */
export async function temporaryDatabase(mysql: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `hub_try_${randomBytes(6).toString('hex')}`
  await administer(mysql, `create database ${name} character set utf8mb4`)
  const url = Object.assign(new URL(mysql), { pathname: `/${name}` }).href
  return { url, drop: () => administer(mysql, `drop database if exists ${name}`) }
}

async function administer(mysql: string, sql: string): Promise<void> {
  const database = openDatabase({ url: mysql, dataDir: '' })
  await database.raw(sql).finally(() => database.destroy())
}
