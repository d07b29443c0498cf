import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex from 'knex'

/** A storage set-up that the suite runs on. */
export interface Target {
  readonly name: 'embedded' | 'servers'
  /** A fresh, empty store; `drop` removes it. Settings fit `readSettings`. */
  create(): Promise<{ settings: { DATA_DIR: string; DATABASE_URL: string; REDIS_URL: string }; drop(): Promise<void> }>
}

const mysqlUrl = process.env['DATABASE_URL'] || 'mysql://root@127.0.0.1:3306/'
const redisUrl = process.env['REDIS_URL'] || 'redis://127.0.0.1:6379'
const required = process.env['CI'] === 'true' || process.env['DATABASE_URL'] !== undefined

const embedded: Target = {
  name: 'embedded',
  async create() {
    const dir = mkdtempSync(join(tmpdir(), 'hub-'))
    return {
      settings: { DATA_DIR: dir, DATABASE_URL: '', REDIS_URL: '' },
      drop: async () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }),
    }
  },
}

const servers: Target = {
  name: 'servers',
  async create() {
    const dir = mkdtempSync(join(tmpdir(), 'hub-'))
    const name = `hub_test_${randomBytes(6).toString('hex')}`
    await administer(`create database ${name} character set utf8mb4`)
    const url = new URL(mysqlUrl)
    url.pathname = `/${name}`
    return {
      settings: { DATA_DIR: dir, DATABASE_URL: url.href, REDIS_URL: redisUrl },
      async drop() {
        await administer(`drop database if exists ${name}`)
        rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
      },
    }
  },
}

/** The embedded store always; MariaDB and Redis where they answer, and without exception when CI=true or DATABASE_URL is set. */
export const targets: readonly Target[] =
  required || ((await answers(mysqlUrl, 3306)) && (await answers(redisUrl, 6379))) ? [embedded, servers] : [embedded]

async function administer(sql: string): Promise<void> {
  const { hostname, port, username, password } = new URL(mysqlUrl)
  const admin = knex({ client: 'mysql2', connection: { host: hostname, port: Number(port || 3306), user: username, password } })
  try {
    await admin.raw(sql)
  } finally {
    await admin.destroy()
  }
}

function answers(address: string, defaultPort: number): Promise<boolean> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || defaultPort), timeout: 500 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false))
  })
}
