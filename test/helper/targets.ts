import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex from 'knex'
import { borrow } from './pool.ts'
import { copyStore } from './templates.ts'

interface Created {
  settings: { DATA_DIR: string; DATABASE_URL: string; REDIS_URL: string }
  drop(): Promise<void>
}

/** A storage set-up that the suite runs on. */
export interface Target {
  readonly name: 'embedded' | 'servers'
  /** A store with every migration and no row (`bare`: not even a table); `drop` removes it. Settings fit `readSettings`. */
  create(options?: { bare?: boolean }): Promise<Created>
}

const mysqlUrl = process.env['DATABASE_URL'] || 'mysql://root@127.0.0.1:3306/'
const redisUrl = process.env['REDIS_URL'] || 'redis://127.0.0.1:6379'
const required = process.env['CI'] === 'true' || process.env['DATABASE_URL'] !== undefined

const embedded: Target = {
  name: 'embedded',
  async create({ bare = false } = {}) {
    const dir = mkdtempSync(join(tmpdir(), 'hub-'))
    if (!bare) await copyStore(dir)
    return {
      settings: { DATA_DIR: dir, DATABASE_URL: '', REDIS_URL: '' },
      drop: async () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }),
    }
  },
}

const servers: Target = {
  name: 'servers',
  async create({ bare = false } = {}) {
    const dir = mkdtempSync(join(tmpdir(), 'hub-'))
    const { url, giveBack } = bare ? await createBare() : await borrow(new URL(mysqlUrl), redisUrl)
    return {
      settings: { DATA_DIR: dir, DATABASE_URL: url, REDIS_URL: redisUrl },
      async drop() {
        await giveBack()
        rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
      },
    }
  },
}

async function createBare() {
  const name = `hub_test_${randomBytes(6).toString('hex')}`
  await administer(`create database ${name} character set utf8mb4`)
  const url = Object.assign(new URL(mysqlUrl), { pathname: `/${name}` }).href
  return { url, giveBack: () => administer(`drop database if exists ${name}`) }
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
    // A closed port refuses at once; a busy machine takes its time.
    const socket = connect({ host: hostname, port: Number(port || defaultPort), timeout: 3000 })
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
