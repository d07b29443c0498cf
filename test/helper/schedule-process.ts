import { createInterface } from 'node:readline'
import { createSchedules } from '../../plugins/queue/schedules.ts'
import { openDatabase } from '../../plugins/store/open.ts'

/** One of several processes that share a schedule: looks at it at every line that it reads, and says whether it was the one to do it. */
const database = openDatabase({ url: process.env['DATABASE_URL'] ?? '', dataDir: process.env['DATA_DIR'] ?? '' })
const schedules = createSchedules({ database, log: { warn: () => undefined } })
let ran = 0
schedules.add({ name: 'test.purge', title: '清理', pattern: '0 0 1 1 *', run: async () => ran++ })
await schedules.begin()
process.stdout.write('ready\n')
for await (const _line of createInterface({ input: process.stdin })) {
  ran = 0
  await schedules.work('test.purge')
  process.stdout.write(`${ran}\n`)
}
await database.destroy()
