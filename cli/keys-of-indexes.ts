import { indexedRows } from '../plugins/operations/personal-data.ts'
import { reindex } from '../plugins/operations/reindex.ts'
import { listIndexKeys } from '../plugins/store/indexes.ts'
import { command, group, progress, yes } from './command.ts'
import { confirm, present, reporter, withStore } from './kit.ts'

const rotate = command({
  usage: 'rotate',
  describe: '生成新的检索密钥，以它重算姓名、证件号、手机号、账户等的检索哈希；不停机，中断后可以再来',
  examples: [
    ['keys index rotate --reason 年度更换', ''],
    ['keys index rotate --reason 继续 --yes', '接着做中断的那一次'],
  ],
  change: { what: '更换检索密钥', reason: 'required' },
  options: (own) => own.option('progress', progress).option('yes', yes),
  run: ({ progress, yes, json }, io, act) =>
    withStore(io, async (store) => {
      const [newest] = await listIndexKeys(store.database)
      const goesOn = newest?.state === 'filling' ? newest.id : null
      const report = reporter(io, progress)
      await confirm(io, yes, goesOn === null ? '更换检索密钥' : `继续以检索密钥 ${goesOn} 重算检索哈希`)
      await act(store, goesOn ?? '检索密钥')
      const { id, done, failed } = await reindex({
        ...store,
        rows: indexedRows,
        onProgress: ({ table, column, done }) => report(`${table}.${column}：已重算 ${done} 处`),
      })
      const lines = failed.map((place) => `不能重算，未作改动：${place}`)
      const sum =
        failed.length === 0
          ? `完成：以检索密钥 ${id} 重算 ${done} 处，原有的不再用于检索`
          : `没有完成：已重算 ${done} 处，${failed.length} 处不能重算；新旧两个检索密钥都还在用，请查明后再来`
      present(io, json, { key: id, done, failed }, [...lines, sum])
      return failed.length === 0 ? 0 : 1
    }),
})

export const index = group('index', '检索密钥：姓名、证件号、手机号、账户等的检索哈希所用', [rotate])
