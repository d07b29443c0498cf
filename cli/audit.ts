import { verifyAudit } from '../plugins/audit/verify.ts'
import { command, group, progress } from './command.ts'
import { present, reporter, withStore } from './kit.ts'

const verify = command({
  usage: 'verify',
  describe: '校验审计链；有问题时逐条列出并以 1 退出',
  options: (own) => own.option('progress', progress),
  run: ({ json, progress }, io) =>
    withStore(
      io,
      async ({ database, vault }) => {
        const report = reporter(io, progress)
        const onProgress = (done: number, of: number, rows: number) => report(`已校验 ${done}/${of} 条链，${rows} 行`)
        const { chains, rows, faults } = await verifyAudit({ database, vault, onProgress })
        const found = faults.map(({ chain, seq, kind, detail }) => `链 ${chain} 第 ${seq} 行：${kind}，${detail}`)
        const sum =
          faults.length === 0 ? `审计链完好：${chains} 条链，${rows} 行` : `审计链有 ${faults.length} 处问题（${chains} 条链，${rows} 行）`
        present(io, json, { chains, rows, faults }, [...found, sum])
        return faults.length === 0 ? 0 : 1
      },
      'lookup',
    ),
})

export const audit = group('audit', '审计日志', [verify])
