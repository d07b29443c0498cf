import { createMoves, type Moves } from '../plugins/agency-accounts/moves.ts'
import { readConfigured } from '../plugins/load-connectors.ts'
import { movedAlong } from '../plugins/operations/personal-data.ts'
import { pseudonymOf } from '../plugins/users/users.ts'
import { actor, type Store } from './act.ts'
import { command, group, yes } from './command.ts'
import type { Io } from './io.ts'
import { confirm, present, typedId, withStore } from './kit.ts'

const merge = command({
  usage: 'merge <用户> <并入的用户>',
  describe: '把一个用户的账户并入另一个用户，并关闭前者',
  change: { what: '合并账户', reason: 'required' },
  options: (own) =>
    own
      .positional('用户', { type: 'string', demandOption: true, describe: '用户编号' })
      .positional('并入的用户', { type: 'string', demandOption: true, describe: '用户编号' })
      .option('despite', { type: 'string', describe: '两个账户实名的身份不同时：为什么仍是同一人' })
      .option('yes', yes),
  run: ({ 用户, 并入的用户, reason, despite, yes, json }, io, act) =>
    withMoves(io, async (moves, store) => {
      const [from, into] = [typedId(用户, '用户'), typedId(并入的用户, '用户')]
      await confirm(io, yes, `把用户 ${from} 并入 ${into}`)
      await act(store, pseudonymOf(store.vault, from))
      return moved(io, json, await moves.merge({ from, into, actor: actor(), reason: String(reason), despite }))
    }),
})

const split = command({
  usage: 'split <用户> <移入的用户> <绑定编号..>',
  describe: '把部分账户移入另一个用户',
  change: { what: '拆分账户', reason: 'required' },
  options: (own) =>
    own
      .positional('用户', { type: 'string', demandOption: true, describe: '用户编号' })
      .positional('移入的用户', { type: 'string', demandOption: true, describe: '用户编号' })
      .positional('绑定编号', { type: 'string', array: true, demandOption: true, describe: '要移的账户绑定' })
      .option('yes', yes),
  run: ({ 用户, 移入的用户, 绑定编号, reason, yes, json }, io, act) =>
    withMoves(io, async (moves, store) => {
      const [from, to] = [typedId(用户, '用户'), typedId(移入的用户, '用户')]
      const accountIds = 绑定编号.map((id) => typedId(id, '绑定'))
      await confirm(io, yes, `把用户 ${from} 的 ${accountIds.length} 个账户移入 ${to}`)
      await act(store, pseudonymOf(store.vault, from))
      return moved(io, json, await moves.split({ from, to, accountIds, actor: actor(), reason: String(reason) }))
    }),
})

const undo = command({
  usage: 'undo <编号>',
  describe: '撤销 30 天以内的合并或拆分',
  change: { what: '撤销合并或拆分', reason: 'required' },
  options: (own) => own.positional('编号', { type: 'number', demandOption: true, describe: '合并或拆分时显示的编号' }),
  run: ({ 编号: id, json }, io, act) =>
    withMoves(io, async (moves, store) => {
      await act(store, String(id))
      await moves.undo(id)
      present(io, json, { id, undone: true }, [`已撤销 ${id}`])
      return 0
    }),
})

export const accounts = group('accounts', '合并和拆分用户的账户', [merge, split, undo])

function moved(io: Io, json: boolean, id: number): number {
  present(io, json, { id }, [`已完成，编号 ${id}；30 天内可用 accounts undo ${id} 撤销`])
  return 0
}

async function withMoves(io: Io, work: (moves: Moves, store: Store) => Promise<number>): Promise<number> {
  const declarations = new Map((await readConfigured(io.settings())).declarations.map(({ id, accounts }) => [id, accounts]))
  // A running hub learns of a shut user within two seconds.
  const told = { declarationOf: (id: string) => declarations.get(id), along: movedAlong, changed: () => {} }
  return withStore(io, (store) => work(createMoves({ ...store, ...told }), store))
}
