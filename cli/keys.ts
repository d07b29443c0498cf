import { lookupKeyOf } from '../core/base/vault.ts'
import { sealedColumns } from '../plugins/operations/personal-data.ts'
import { rotateKeys } from '../plugins/operations/rotation.ts'
import { command, group, progress, yes } from './command.ts'
import { index } from './keys-of-indexes.ts'
import { cookies, list, signing } from './keys-of-its-own.ts'
import { confirm, present, reporter, withStore } from './kit.ts'

const rotate = command({
  usage: 'rotate',
  describe: '以现用主密钥重新加密全部密文；不停机，中断后可以再来',
  examples: [
    ['keys rotate --dry-run', '只清点要重新加密多少处，不作改动'],
    ['keys rotate --reason 例行更换 --yes', '不再询问'],
  ],
  change: { what: '重新加密全部密文', reason: 'required' },
  options: (own) =>
    own
      .option('dry-run', { type: 'boolean', default: false, describe: '只清点，不作改动' })
      .option('progress', progress)
      .option('yes', yes),
  idle: ({ dryRun }) => dryRun,
  run: ({ dryRun, progress, yes, json }, io, act) =>
    withStore(io, async (store) => {
      const { current } = io.settings().keys
      const report = reporter(io, progress)
      if (!dryRun) {
        await confirm(io, yes, `以主密钥 ${current.id} 重新加密全部密文`)
        await act(store, current.id)
      }
      const { done, failed } = await rotateKeys({
        ...store,
        columns: sealedColumns,
        dryRun,
        onProgress: ({ table, column, done }) => report(`${table}.${column}：${dryRun ? '待' : '已'}重新加密 ${done} 处`),
      })
      const trouble = failed.length > 0 ? `，${failed.length} 处无法解密` : ''
      const sum = dryRun
        ? `试算：有 ${done} 处要以主密钥 ${current.id} 重新加密${trouble}，未作改动`
        : `完成：以主密钥 ${current.id} 重新加密 ${done} 处${trouble}`
      const lines = failed.map((place) => `无法解密，未作改动：${place}`)
      present(io, json, { dryRun, key: current.id, done, failed }, [...lines, sum])
      return failed.length === 0 ? 0 : 1
    }),
})

const lookup = command({
  usage: 'lookup',
  describe: '显示假名和随机数的哈希所用的密钥，更换主密钥前存入 LOOKUP_KEY',
  async run({ json }, io) {
    const { keys } = io.settings()
    const key = (keys.lookup ?? lookupKeyOf(keys.current.key)).toString('base64')
    present(io, json, { lookupKey: key }, [key])
    return 0
  },
})

export const keys = group('keys', '主密钥、检索密钥、签名密钥与 Cookie 密钥', [rotate, lookup, list, index, signing, cookies], 'list')
