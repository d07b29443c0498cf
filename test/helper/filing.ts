import { randomBytes } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import { createVault } from '../../core/base/vault.ts'
import { compileService } from '../../core/call/service.ts'
import { codeList, defineConnector, exchangeEnvelope, field, input, service } from '../../core/connector.ts'
import { migrate } from '../../migrations/index.ts'
import type { Acting } from '../../plugins/access/principal.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import type { Target } from './targets.ts'

export const USER = 'a0000000-0000-4000-8000-000000000001'
export const OTHER_USER = 'a0000000-0000-4000-8000-000000000002'

/** Somebody who acts for himself. */
export const self = (userId: string): Acting => ({ userId, principal: 'self', enterpriseId: null, represents: false })

const states = codeList('synthetic', { '01': '待审', '02': '审核中', '03': '通过', '04': '到账', '05': '销户', '09': '驳回' })

/** An invented withdrawal; face verification once, six steps of progress, in the order of precedence. */
const contract = service({
  id: 'withdrawal',
  name: '提取',
  section: '0',
  kind: 'submit',
  audience: 'person',
  identity: 'face',
  face: { maxAgeSeconds: 300, once: true },
  inputs: { amount: input.money('金额', { code: 'je', required: true }) },
  fields: {
    applicationNumber: field.text('申请编号', { code: 'sqbh' }),
    applicationStatus: field.code('申请状态', states, { code: 'sqzt' }),
    applicationTime: field.datetime('申请时间', { code: 'sqsj' }),
    bankAccount: field.text('银行账户', { code: 'yhzh', mask: 'account' }),
  },
  timeoutMs: 1000,
  rate: { max: 10, perSeconds: 60 },
  submission: {
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 10,
    maxAttempts: 4,
    states: {
      arrived: { title: '已到账', after: ['submitted', 'reviewing', 'approved'] },
      closed: { title: '已销户', after: ['submitted', 'reviewing', 'approved', 'arrived'] },
    },
    words: { applicationTime: 'filedAt', applicationStatus: 'status' },
    progress: [
      { state: 'closed', when: { applicationStatus: ['05'] } },
      { state: 'arrived', when: { applicationStatus: ['到账'] } },
      { state: 'approved', when: { applicationStatus: ['03'] } },
      { state: 'rejected', when: { applicationStatus: ['09'] } },
      { state: 'reviewing', when: { applicationStatus: ['02'] } },
    ],
  },
})

const dialect = {
  name: 'none',
  credentials: {},
  createSigner: () => {
    throw new Error('not used')
  },
}

const connector = defineConnector({
  id: 'fund',
  name: '测试中心',
  agency: '测试中心',
  version: '1.0.0',
  section: '0',
  upstream: {
    dialect,
    envelope: exchangeEnvelope,
    subject: { person: { sfzh: 'person.idNumber' } },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 4,
  },
  services: [contract],
  health: { service: 'withdrawal', intervalSeconds: 60 },
  sandbox: {},
})

export const withdrawal = compileService(connector, contract)

export interface Store {
  database: Database
  /** Another connection to the same store, as another process has it; the embedded engine shares the one. */
  second: Database
  redisUrl: string
  vault: ReturnType<typeof createVault>
  close(): Promise<void>
}

/** A fresh store with two invented users. */
export async function openStore(target: Target): Promise<Store> {
  const { settings, drop } = await target.create()
  const options = { url: settings.DATABASE_URL, dataDir: settings.DATA_DIR }
  const database = openDatabase(options)
  await migrate(database)
  // Durability is not what these tests are about, and a disk flush a commit makes them slow.
  if (database.engine === 'sqlite') await database.raw('pragma synchronous = off')
  const second = database.engine === 'sqlite' ? database : openDatabase(options)
  for (const id of [USER, OTHER_USER]) {
    await database('users').insert({
      id,
      issuer: 'test',
      subject: id,
      status: 'active',
      level: 'real-name',
      created_at: 0,
      updated_at: 0,
    })
  }
  return {
    database,
    second,
    redisUrl: settings.REDIS_URL,
    vault: createVault(randomBytes(32)),
    async close() {
      if (second !== database) await second.destroy()
      await database.destroy()
      await drop()
    },
  }
}

export const asker = async (userId: string) => ({
  person: { id: userId, name: '张三', idType: '1', idNumber: '41100219900101000X' },
  enterprise: null,
})
