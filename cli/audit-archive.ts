import { archiveAudit } from '../plugins/audit/archive.ts'
import { evidenceKey } from '../plugins/audit/evidence.ts'
import { firstKept, MONTH } from '../plugins/audit/months.ts'
import { command, progress, yes } from './command.ts'
import { confirm, present, reporter, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

export const archive = command({
  usage: 'archive',
  describe: '把过了保存期的整月记录移入签名的归档文件，核对无误后从数据库删去；中断后可以再来',
  examples: [['audit archive --before 2026-05 --to /srv/archive --reason 年度归档', '2026 年 4 月及以前']],
  options: (own) =>
    own
      .option('before', { type: 'string', demandOption: true, describe: '这个月以前的，例如 2026-05' })
      .option('to', { type: 'string', demandOption: true, describe: '归档文件所在的文件夹' })
      .option('progress', progress)
      .option('yes', yes),
  change: { what: '归档审计日志', reason: 'required' },
  run({ before, to: dir, progress, yes, json }, io, act) {
    const settings = io.settings()
    if (!MONTH.test(before)) throw new UsageError(`--before 须是月份，例如 2026-05，没有 ${before}`)
    const latest = firstKept(Date.now(), settings.AUDIT_RETENTION_MONTHS)
    if (before > latest)
      throw new UsageError(
        `最近 ${settings.AUDIT_RETENTION_MONTHS} 个整月的记录须留在数据库里（AUDIT_RETENTION_MONTHS）：--before 最晚是 ${latest}`,
      )
    return withStore(io, async (store) => {
      await confirm(io, yes, `把 ${before} 以前的审计记录移入 ${dir}，并从数据库删去`)
      await act(store, `<${before}`)
      const report = reporter(io, progress)
      const onProgress = (month: string, rows: number) => report(`${month}：已归档 ${rows} 行`)
      const made = await archiveAudit({ database: store.database, key: evidenceKey(settings), dir, before, onProgress })
      const archives = made.map(({ month, file, rows, sha256 }) => ({ month, file, rows, sha256 }))
      const lines = archives.map(({ month, file, rows }) => `${month}  ${rows} 行  ${file}`)
      present(io, json, { archives }, [...lines, archives.length === 0 ? '没有可以归档的记录' : `已归档 ${archives.length} 个月`])
      return 0
    })
  },
})
