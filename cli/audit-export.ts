import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { exportAudit } from '../plugins/audit/export.ts'
import { command, progress } from './command.ts'
import { present, reporter, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

export const exportRows = command({
  usage: 'export',
  describe: '把审计日志导出为 NDJSON 文件（以 .gz 结尾则压缩），可以离线校验',
  examples: [['audit export --to audit.ndjson.gz --from 2026-05-01 --until 2026-05-31', '五月的记录']],
  options: (own) =>
    own
      .option('to', { type: 'string', demandOption: true, describe: '写入的文件，不能已有' })
      .option('from', { type: 'string', describe: '从哪天起，北京时间；不写则从头' })
      .option('until', { type: 'string', describe: '到哪天为止，含这一天；不写则到最后' })
      .option('progress', progress),
  change: { what: '导出审计日志', reason: 'optional' },
  run({ to: path, from, until, json, progress }, io, act) {
    const span = { from: dayOf(from, '--from', 'T00:00:00.000+08:00'), to: dayOf(until, '--until', 'T23:59:59.999+08:00') }
    return withStore(
      io,
      async (store) => {
        await act(store, `${from ?? ''}/${until ?? ''}`)
        const report = reporter(io, progress)
        let lines = 0
        async function* text() {
          for await (const line of exportAudit(store.database, span)) {
            if (++lines % 10_000 === 0) report(`已导出 ${lines} 行`)
            yield `${line}\n`
          }
        }
        const file = createWriteStream(path, { mode: 0o600, flags: 'wx' })
        if (path.endsWith('.gz')) await pipeline(Readable.from(text()), createGzip(), file)
        else await pipeline(Readable.from(text()), file)
        present(io, json, { file: path, lines }, [`已导出 ${lines} 行到 ${path}`])
        return 0
      },
      'lookup',
    )
  },
})

function dayOf(text: string | undefined, option: string, rest: string): number | undefined {
  if (text === undefined) return undefined
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text + rest) : Number.NaN
  if (Number.isNaN(at)) throw new UsageError(`${option} 须是日期，例如 2026-05-01，没有 ${text}`)
  return at
}
