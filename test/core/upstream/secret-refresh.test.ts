import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createVault } from '../../../core/base/vault.ts'
import { createSecretStore } from '../../../core/upstream/secret-store.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import { targets } from '../../helper/targets.ts'

const MINUTE = 60_000
const LIFE = 30 * MINUTE
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

for (const target of targets)
  t.test(`a secret is renewed by the clock before a call wants it: ${target.name}`, async (t) => {
    const { settings, drop } = await target.create()
    const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
    t.teardown(async () => {
      await database.destroy()
      await drop()
    })
    const clock = { at: 1_800_000_000_000 }
    const vault = createVault(randomBytes(32))
    const open = () => createSecretStore({ database, vault, log, now: () => clock.at })
    let fetches = 0
    const issue = async () => ({ secret: `secret-${++fetches}`, expiresAt: clock.at + LIFE })
    const [caller, scheduler] = [open(), open()]
    const id = caller.idOf('a service')

    await scheduler.refresh(id, issue)
    t.equal(fetches, 0, 'what nobody has asked for is not obtained')
    t.notOk(await database('upstream_secrets').where({ id }).first(), 'nor written down')
    const { dueAt, expiresAt } = await caller.obtain(id, issue)
    clock.at = dueAt - 1
    await scheduler.refresh(id, issue)
    t.equal(fetches, 1, 'not due yet')
    clock.at = dueAt
    await Promise.all([scheduler.refresh(id, issue), open().refresh(id, issue)])
    t.equal(fetches, 2, 'once, however many processes look')
    t.equal((await caller.obtain(id, issue)).value, 'secret-2', 'the other process takes it up without a fetch')
    t.equal(fetches, 2)
    clock.at = expiresAt + 2 * LIFE
    await scheduler.refresh(id, issue)
    t.equal(fetches, 2, 'one that nobody used until it ended is left alone')
  })
