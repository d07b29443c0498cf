import { beijing } from '../core/base/time.ts'
import { createSubmissions } from '../plugins/kinds/filing/submissions.ts'
import type { Store } from './act.ts'
import { command, group, yes } from './command.ts'
import { confirm, present, withStore } from './kit.ts'

const list = command({
  usage: 'list',
  describe: '列出待人工处理的申请，最多 500 项',
  run: ({ json }, io) =>
    withStore(io, async ({ database }) => {
      const rows = await database('submissions')
        .where({ state: 'attention' })
        .orderBy('updated_at')
        .limit(500)
        .select('id', 'connector', 'service', 'attempts', 'last_error', 'updated_at')
      const waiting = rows.map(({ id, connector, service, attempts, last_error, updated_at }) => ({
        ...{ id, connector, service, attempts: Number(attempts), lastError: last_error, updatedAt: beijing(Number(updated_at)) },
      }))
      const lines = waiting.map(
        ({ id, connector, service, attempts, lastError, updatedAt }) =>
          `${id}  ${connector}.${service}  报送 ${attempts} 次  ${lastError ?? ''}  ${updatedAt}`,
      )
      present(io, json, waiting, lines.length === 0 ? ['没有待人工处理的申请'] : lines)
      return 0
    }),
})

const retry = command({
  usage: 'retry <id>',
  describe: '再次办理一项申请；结果不明的先向对方系统查询，不会盲目重报',
  options: (own) => own.positional('id', { type: 'string', demandOption: true, describe: '申请的编号' }),
  change: { what: '再次办理申请', reason: 'optional' },
  run: ({ id, json }, io, act) =>
    withStore(io, async (store) => {
      const waits = await isWaiting(store, id)
      if (waits) await act(store, id)
      const done = waits && (await submissionsOf(store).retry(id))
      present(io, json, { id, done }, [said(done)])
      return done ? 0 : 1
    }),
})

const resolve = command({
  usage: 'resolve <id> <outcome>',
  describe: '按对方系统的答复了结一项申请',
  examples: [['submissions resolve 0f3c… refused', '对方系统没有受理']],
  options: (own) =>
    own
      .positional('id', { type: 'string', demandOption: true, describe: '申请的编号' })
      .positional('outcome', {
        choices: ['submitted', 'refused'] as const,
        demandOption: true,
        describe: 'submitted：对方已收到；refused：对方不受理',
      })
      .option('yes', yes),
  change: { what: '了结申请', reason: 'optional' },
  run: ({ id, outcome, yes, json }, io, act) =>
    withStore(io, async (store) => {
      const waits = await isWaiting(store, id)
      if (waits) {
        await confirm(io, yes, `把申请 ${id} 了结为${outcome === 'submitted' ? '已报送' : '未被受理'}`)
        await act(store, id, outcome)
      }
      const done = waits && (await submissionsOf(store).resolve(id, outcome))
      present(io, json, { id, outcome, done }, [said(done)])
      return done ? 0 : 1
    }),
})

export const submissions = group('submissions', '待人工处理的申请', [list, retry, resolve], 'list')

const submissionsOf = ({ database, vault }: Store) => createSubmissions({ database, vault, wake: () => undefined })

const said = (done: boolean) => (done ? '已处理，运行中的中枢会接着办理' : '没有这项待人工处理的申请')

async function isWaiting({ database }: Store, id: string): Promise<boolean> {
  return (await database('submissions').where({ id, state: 'attention' }).first('id')) !== undefined
}
