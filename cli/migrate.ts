import { migrationStatus } from '../migrations/index.ts'
import { command } from './command.ts'
import { migrated, present, withDatabase } from './kit.ts'

export const migrate = command({
  usage: 'migrate',
  describe: '把数据库升级到最新结构；不能退回，退回请恢复升级之前的备份',
  examples: [['migrate --status', '列出已有的和待做的升级，不作改动']],
  options: (own) => own.option('status', { type: 'boolean', default: false, describe: '只列出，不作改动' }),
  change: { what: '升级数据库', reason: 'optional' },
  idle: ({ status }) => status,
  run: ({ status, json }, io, act) =>
    withDatabase(io, async (database) => {
      if (status) {
        const { applied, pending } = await migrationStatus(database)
        const lines = [...applied.map((name) => `已升级  ${name}`), ...pending.map((name) => `待升级  ${name}`)]
        present(io, json, { applied, pending }, [...lines, pending.length === 0 ? '数据库已是最新结构' : `待升级 ${pending.length} 项`])
        return 0
      }
      const applied = await migrated(io, database, act)
      present(io, json, { applied }, [applied.length === 0 ? '数据库已是最新结构' : `已升级：${applied.join('、')}`])
      return 0
    }),
})
