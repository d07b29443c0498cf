import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { migrate } from '../../../migrations/index.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import type { CallersOrder, CallersReply } from '../../helper/secret-callers.ts'
import { targets } from '../../helper/targets.ts'

// Two real processes of 20 callers against secrets that live one second, so that a new one is due every half.
t.jobs = targets.length
for (const target of targets) {
  t.test(`${target.name}: one fetch an expiry, and no caller fails`, { buffered: true }, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const where = { url: settings.DATABASE_URL, dataDir: settings.DATA_DIR }
    const database = openDatabase(where)
    await migrate(database)
    await database.destroy()

    const { fetches, replies } = await run(where)
    for (const { uses, failures } of replies) {
      t.strictSame(failures, [])
      t.ok(uses > 500, `${uses} uses`)
    }
    const gaps = fetches.slice(1).map((at, index) => at - (fetches[index] as number))
    t.ok(fetches.length >= 5 && fetches.length <= 9, `${fetches.length} fetches in 4 s`)
    t.ok(Math.min(...gaps) >= 500, `none before the last secret was due: ${gaps.join(' ')} ms apart`)
  })
}

/** Runs both processes to their end. → when each secret was fetched, and what the callers met. */
async function run(where: CallersOrder['database']) {
  const fetches: number[] = []
  const server = createServer((_, reply) => {
    const at = Date.now()
    fetches.push(at)
    reply.setHeader('connection', 'close').end(JSON.stringify({ secret: `${fetches.length}-${at + 1000}`, expiresAt: at + 1000 }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const order: CallersOrder = { database: where, masterKey: randomBytes(32).toString('hex'), issuer, callers: 20, forMs: 4000 }
  const children = [0, 1].map(() =>
    fork(new URL('../../helper/secret-callers.ts', import.meta.url), [JSON.stringify(order)], { timeout: 20_000 }),
  )
  const lost = new AbortController()
  for (const child of children) child.once('exit', (code) => code !== 0 && lost.abort(new Error(`a child ended with ${code}`)))
  const fromAll = (work: (child: (typeof children)[number]) => Promise<unknown[]>) => Promise.all(children.map(work))
  const { signal } = lost
  try {
    await fromAll((child) => once(child, 'message', { signal }))
    const told = fromAll((child) => once(child, 'message', { signal }))
    for (const child of children) child.send('start')
    const replies = (await told).map(([reply]) => reply as CallersReply)
    return { fetches, replies }
  } finally {
    for (const child of children) child.kill()
    server.close()
  }
}
