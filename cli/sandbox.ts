import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { headsAddress } from '../plugins/audit/evidence.ts'
import { AGENCY_STORE } from '../plugins/sandbox/agencies/store.ts'
import { openDatabase } from '../plugins/store/open.ts'
import { command, group, yes } from './command.ts'
import { confirm, present, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

const reset = command({
  usage: 'reset',
  describe: '让沙箱回到最初：删去内嵌数据库和它的检查点、模拟的各单位发出的令牌，下次启动时重新登记虚构的人、单位和应用；密钥留着',
  examples: [['sandbox reset --yes', '不再询问']],
  options: (own) => own.option('yes', yes),
  change: { what: '沙箱回到最初', reason: 'optional' },
  async run({ yes, json }, io, act) {
    const settings = io.settings()
    const { sandbox, DATABASE_URL, DATA_DIR } = settings
    if (!sandbox) throw new UsageError('沙箱没有开启：只有沙箱的数据可以这样删去')
    if (DATABASE_URL)
      throw new UsageError('设置了 DATABASE_URL：那里的数据不由这条命令删除。请删去重建那个库，或者不设 DATABASE_URL 而用内嵌数据库')
    const file = join(DATA_DIR, 'hub.sqlite')
    // The checkpoints of a store that is no more would accuse the next one.
    const heads = settings.AUDIT_HEADS ? [] : [headsAddress(settings).slice('file:'.length)]
    const stores = [file, join(DATA_DIR, AGENCY_STORE)].flatMap((path) => [path, `${path}-wal`, `${path}-shm`])
    const removed = [...stores, join(DATA_DIR, 'sandbox-messages.jsonl'), ...heads].filter((path) => existsSync(path))
    if (existsSync(file)) {
      await confirm(io, yes, `删去 ${file}，连同里面的全部数据`)
      if (await isInUse(DATA_DIR)) {
        io.err(`有中枢正在使用 ${file}：请先停掉它，再来一次`)
        return 1
      }
      for (const path of removed) rmSync(path, { force: true })
      await withStore(io, (store) => act(store, 'sandbox'))
    }
    present(io, json, { removed }, [removed.length === 0 ? '沙箱还没有数据，没有什么要删' : '沙箱已回到最初，下次启动时重新登记'])
    return 0
  },
})

export const sandbox = group('sandbox', '沙箱', [reset])

/** SQLite leaves the write-ahead log only for whoever is alone with the file; a hub holds a connection as long as it runs. */
async function isInUse(dataDir: string): Promise<boolean> {
  const database = openDatabase({ url: '', dataDir })
  try {
    await database.raw('pragma busy_timeout = 200')
    const [row] = (await database.raw('pragma journal_mode = delete')) as { journal_mode?: string }[]
    return row?.journal_mode !== 'delete'
  } catch (error) {
    if (/locked|busy/i.test(String((error as Error).message))) return true
    throw error
  } finally {
    await database.destroy()
  }
}
