import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../app.ts'
import { readSettings } from '../config/settings.ts'
import { systemOf, systemsOf } from '../core/contract/systems.ts'
import { accountsOf } from '../plugins/sandbox/accounts.ts'
import { createAnswers } from '../plugins/sandbox/answers.ts'
import type { Fault } from '../plugins/sandbox/faults.ts'
import { issueSandboxToken } from '../plugins/sandbox/issuer.ts'
import { overhear } from '../plugins/sandbox/overhear.ts'
import { enterprises, mandates, people } from '../plugins/sandbox/people.ts'
import type { Sandbox } from '../plugins/sandbox/server.ts'
import { indexServices } from '../plugins/sandbox/services.ts'
import { temporaryDatabase } from '../plugins/store/temporary.ts'
import type { Bearer, Lab, OpenLab } from './lab.ts'

/** Filings hurry on, so that one is seen to its end. */
const HURRY = {
  jobs: { sweepMs: 50, pace: { baseMs: 50, maxMs: 200, settleMs: 100 } },
  sandboxTiming: { progressStepMs: 0 },
  // Nobody else calls, and a busy machine must not keep its files for ever.
  workshopPace: { niceness: 0 },
  // A probe by the clock would suffer the trouble that was meant for a question of the kit's.
  schedules: { sweepMs: 0 },
} as const

/** More than has to lie between two codes. */
const PAUSE_MS = 90_000

/** A hub with the embedded store in a folder that is gone afterwards; it heeds no environment. */
export const openLab: OpenLab = (declarations) => openLabOn(declarations)

/** The same on MariaDB or MySQL, in a database that is gone afterwards, and Redis. */
export const openLabAt =
  (mysql: string, redis: string): OpenLab =>
  async (declarations) => {
    const { url, drop } = await temporaryDatabase(mysql)
    const lab = await openLabOn(declarations, undefined, { DATABASE_URL: url, REDIS_URL: redis }).catch(async (error: unknown) => {
      await drop()
      throw error
    })
    return { ...lab, close: () => lab.close().finally(drop) }
  }

/** `prepare` may put a store into the folder, which is brought up to date like any other. */
export async function openLabOn(
  declarations: Parameters<OpenLab>[0],
  prepare: (folder: string) => Promise<void> = async () => undefined,
  stores: Record<string, string> = {},
): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-lab-'))
  await prepare(folder)
  const output = overhear()
  const lines: string[] = []
  const settings = readSettings({ ...stores, NODE_ENV: 'test', DATA_DIR: folder, LOG_LEVEL: 'trace', SANDBOX: 'on' })
  let app: FastifyInstance | null = null
  // Connectors are tried at any hour; their calendars by a clock of their own.
  let clock: number | null = null

  async function close(): Promise<void> {
    await app?.close()
    output.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }

  try {
    const logger = { level: settings.LOG_LEVEL, stream: { write: (line: string) => void lines.push(line) } }
    app = await buildApp({ settings, declarations, logger, ...HURRY, calendarClock: { at: () => clock } })
    await app.ready()
  } catch (error) {
    await close()
    throw error
  }

  const hub = app
  const sandbox = hub.sandbox as Sandbox
  const answers = createAnswers()
  const offered = indexServices(declarations)
  const tokens = new Set<string>()

  async function authorization(bearer: Bearer): Promise<Record<string, string>> {
    if (bearer.person === undefined) return {}
    const { admin, ...who } = bearer
    const audience = admin ? [settings.TOKEN_AUDIENCE, settings.ADMIN_AUDIENCE] : settings.TOKEN_AUDIENCE
    const token = await issueSandboxToken({ ...who, face: true, dataDir: folder, audience })
    tokens.add(token)
    return { authorization: `Bearer ${token}` }
  }

  return {
    services: hub.services,
    people,
    enterprises,
    mandates,
    origin: sandbox.origin,
    async send({ method = 'GET', url, bearer, headers = {}, body }) {
      const given = { ...(await authorization(bearer)), ...headers }
      return hub.inject({ method, url, headers: given, ...(body === undefined ? {} : { payload: body }) })
    },
    rowsOf(service, subject) {
      const found = offered.get(service.sid)?.find(({ contract }) => contract.id === service.contract.id)
      return found ? answers.rowsOf(found, subject) : []
    },
    accountsOf,
    setFault: (fault) => sandbox.faults.set(fault as Fault),
    clearFaults: () => sandbox.faults.clear(),
    setClock(at) {
      clock = at
    },
    notify(system, names, changes) {
      const { url, headers, body } = sandbox.callbacks.make(system, names, changes)
      return hub.inject({ method: 'POST', url, headers, payload: body })
    },
    pay: (channel, number) => sandbox.payments.pay(channel, number),
    handsOut: ({ sid, connector, contract }) => sandbox.refreshes(sid) + sandbox.refreshes(systemOf(connector, contract).dialect.name) > 0,
    counts: sandbox.counts,
    codes: sandbox.codes,
    async restPhones() {
      await hub.database('filing_codes').update({ sent_at: hub.database.raw('sent_at - ?', [PAUSE_MS]) })
    },
    async auditRows(traceId) {
      const rows: unknown[] = await hub.database('audit_rows').where({ trace_id: traceId }).select('seq')
      return rows.length
    },
    secrets: async () => new Map([...(await secretsOf(hub, sandbox)), ...[...tokens].map((token) => [token, '访问令牌'] as const)]),
    logged: () => lines.join('') + output.text(),
    close,
  }
}

/** Credentials of the agencies, secrets that they handed out, and the hub's own key. */
async function secretsOf({ connectors, settings, database, vault }: FastifyInstance, sandbox: Sandbox): Promise<[string, string][]> {
  const found: [string, string][] = [[settings.masterKey.toString('base64'), '主密钥']]
  for (const [key, , { dialect, callback }] of connectors.flatMap(systemsOf)) {
    const values = { ...sandbox[dialect.name as 'exchange'], ...sandbox.callbacks.credentialsOf(key) } as Readonly<Record<string, string>>
    for (const [name, { title, secret }] of Object.entries({ ...dialect.credentials, ...callback?.credentials })) {
      const value = values[name]
      if (secret && value) found.push([value, title])
    }
  }
  const sealed: { id: string; secret_sealed: string }[] = await database('upstream_secrets').whereNotNull('secret_sealed')
  for (const { id, secret_sealed } of sealed) found.push([vault.open(secret_sealed, id), '对方系统发给的密钥'])
  for (const token of sandbox.agencyOAuth.issued()) found.push([token, '对方系统发给用户的令牌'])
  return found
}
