import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readSettings } from '../../../../config/settings.ts'
import { createVault } from '../../../../core/base/vault.ts'
import { verifyAudit } from '../../../../plugins/audit/verify.ts'
import { loadConnectors } from '../../../../plugins/load-connectors.ts'
import { issueSandboxToken } from '../../../../plugins/sandbox/issuer.ts'
import { startSandbox } from '../../../../plugins/sandbox/server.ts'
import { openDatabase } from '../../../../plugins/store/open.ts'
import { targets } from '../../../helper/targets.ts'

const FILING = 'medical-insurance/resident-enrolment'
const ROUNDS = 2
const CALLERS = 12
const JSON_BODY = { 'content-type': 'application/json' }

interface Answer {
  traceId: string
  /** Of an acknowledged submission. */
  id: string | null
}

interface HubProcess {
  address: string
  child: ChildProcess
}

async function startHub(env: Record<string, string>): Promise<HubProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../../helper/hub-process.ts', import.meta.url))], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line.startsWith('listening ')) return { address: line.slice('listening '.length), child }
  }
  throw new Error('the hub did not start')
}

for (const target of targets) {
  t.test(`kill -9 under load loses nothing: ${target.name}`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    // The agency outlives the hub, as agencies do.
    const agency = await startSandbox({
      connectors: await loadConnectors(),
      dataDir: settings.DATA_DIR,
      headerPrefix: 'gjgxjhpt',
      timing: { progressStepMs: 20 },
    })
    t.teardown(() => agency.close())
    const env = {
      ...settings,
      NODE_ENV: 'test',
      EXCHANGE_BASE_URL: agency.exchange.baseUrl,
      EXCHANGE_REQUESTER_ID: agency.exchange.requesterId,
      EXCHANGE_APP_KEY: agency.exchange.appKey,
    }
    const answers: Answer[] = []
    let number = 0

    /** One caller that files and asks until the hub dies. */
    async function call(address: string): Promise<void> {
      for (;;) {
        const turn = number++
        const person = 1 + (turn % 6)
        const token = await issueSandboxToken({ dataDir: settings.DATA_DIR, audience: 'xuchang-hub', person, face: true })
        const filing = turn % 2 === 0
        const service = filing ? FILING : 'housing-fund/personal-account'
        try {
          const response = await fetch(`${address}/v1/${service}`, {
            method: filing ? 'POST' : 'GET',
            headers: { authorization: `Bearer ${token}`, ...(filing ? { ...JSON_BODY, 'idempotency-key': `crash-test-${turn}` } : {}) },
            ...(filing ? { body: JSON.stringify({ personCategory: person === 3 ? '1506' : '1505' }) } : {}),
          })
          const body = (await response.json()) as { meta?: { traceId: string }; traceId?: string; data?: { id?: string } }
          answers.push({ traceId: String(body.meta?.traceId ?? body.traceId), id: response.status === 202 ? String(body.data?.id) : null })
        } catch {
          return
        }
      }
    }

    for (let round = 0; round < ROUNDS; round++) {
      const hub = await startHub(env)
      const before = answers.length
      const callers = Array.from({ length: CALLERS }, () => call(hub.address))
      // Not a pause but a load: the process dies in the middle of it.
      while (answers.length < before + 40 + round * 7) await new Promise((resolve) => setTimeout(resolve, 1))
      hub.child.kill('SIGKILL')
      await Promise.all([once(hub.child, 'exit'), ...callers])
    }

    const last = await startHub(env)
    const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
    t.teardown(() => database.destroy())
    const open = () => database('submissions').whereIn('state', ['filed', 'sending']).count({ count: '*' }).first()
    const limit = Date.now() + 30_000
    while (Number((await open())?.['count']) > 0 && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 50))
    last.child.kill('SIGTERM')
    await once(last.child, 'exit')

    const acknowledged = answers.flatMap(({ id }) => (id === null ? [] : [id]))
    const submissions = await database('submissions').select('id', 'state')
    const stored = new Map(submissions.map(({ id, state }) => [id, state]))
    t.ok(acknowledged.length > 10, `${acknowledged.length} submissions were acknowledged`)
    t.same(
      acknowledged.filter((id) => !stored.has(id)),
      [],
      'every acknowledged submission is in the store',
    )
    t.same(
      submissions.filter(({ state }) => ['filed', 'sending', 'attention', 'refused'].includes(state)),
      [],
      'every submission reached the agency',
    )
    t.equal(agency.filings().size, submissions.length, 'the agency has each of them')
    t.same(
      [...agency.filings()].filter(([, count]) => count !== 1),
      [],
      'and each only once',
    )

    const audited = new Set(
      (await database('audit_rows').where({ outcome: 'ok' }).orWhereNot({ outcome: 'ok' }).select('trace_id')).map((row) => row.trace_id),
    )
    t.same(
      answers.filter(({ traceId }) => !audited.has(traceId)),
      [],
      `each of ${answers.length} answered calls has its audit row`,
    )
    const { faults } = await verifyAudit({ database, vault: createVault(readSettings(env).masterKey) })
    t.same(faults, [], 'the audit chains hold')
  })
}
