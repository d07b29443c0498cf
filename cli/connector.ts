import { readPaper } from '../conformance/paper.ts'
import { formatReport } from '../conformance/report.ts'
import { checkConnector } from '../conformance/run.ts'
import { keepKitResult } from '../plugins/operations/tiers/store.ts'
import { command, group, progress } from './command.ts'
import { newConnector } from './connector-new.ts'
import { recordConnector } from './connector-record.ts'
import { tryConnector } from './connector-try.ts'
import { findConnector } from './found.ts'
import { present, reporter, withStore } from './kit.ts'

const check = command({
  usage: 'check <id>',
  describe: '在沙箱里检验一个连接器并评级，未达铜级以 1 退出',
  examples: [['connector check housing-fund', '检验公积金连接器']],
  options: (own) =>
    own
      .positional('id', { type: 'string', demandOption: true, describe: '连接器的文件夹名' })
      .option('keep', { type: 'boolean', default: false, describe: '把评级记入这个中枢的数据库：等级从此以它为准，见 docs/conformance.md' })
      .option('mysql', {
        type: 'string',
        describe: '在这台 MariaDB 或 MySQL 上检验（另建一个库，用后即删），如 mysql://root@127.0.0.1:3306/；缺省用内嵌的数据库',
      })
      .option('redis', { type: 'string', default: 'redis://127.0.0.1:6379', describe: '与 --mysql 一起用的 Redis' })
      .option('progress', progress),
  change: { what: '记录连接器的评级', reason: 'optional' },
  idle: ({ keep }) => !keep,
  async run({ id, keep, mysql, redis, json, progress }, io, act) {
    if (keep) await withStore(io, (store) => act(store, id))
    const { connector, place } = await findConnector(io, id, { faulty: true })
    const report = reporter(io, progress)
    // It builds a whole hub, which the other commands need not wait for.
    const { openLab, openLabAt } = await import('../conformance/open-lab.ts')
    const lab = mysql === undefined ? openLab : openLabAt(mysql, redis)
    const tried = await checkConnector(await readPaper(connector, place || undefined), lab, (number, of, title) =>
      report(`${number}/${of}  ${title}`),
    )
    if (keep)
      await withStore(io, ({ database }) =>
        keepKitResult(database, { connector: id, version: connector.version ?? '', kit: tried.tier, at: Date.now() }),
      )
    present(io, json, tried, [formatReport(tried)])
    return tried.tier === 'none' ? 1 : 0
  },
})

export const connector = group('connector', '连接器', [newConnector, tryConnector, recordConnector, check])
