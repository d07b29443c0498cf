import { createVault } from '../core/base/vault.ts'
import { restoreStore } from '../plugins/operations/backup/restore.ts'
import { type Opener, readSealed } from '../plugins/operations/backup/sealed-file.ts'
import { readSecret } from './backup.ts'
import { command, progress } from './command.ts'
import { present, reporter, withDatabase } from './kit.ts'
import { UsageError } from './usage.ts'

export const restore = command({
  usage: 'restore',
  describe: '把备份恢复到一个空的数据库（内嵌的或 MySQL 的都行），先核对签名和审计链；要么全部恢复，要么什么也不改',
  examples: [['restore --from hub-20261127T101500Z.age --identity-file backup.key --reason 演练', '以 age 私钥打开']],
  options: (own) =>
    own
      .option('from', { type: 'string', demandOption: true, describe: '备份文件' })
      .option('identity-file', { type: 'string', describe: 'age 私钥所在的文件（age-keygen 所写）' })
      .option('passphrase-file', { type: 'string', describe: '口令所在的文件' })
      .option('allow-unsigned', { type: 'boolean', default: false, describe: '没有签名的备份（旧版本所做）也恢复' })
      .option('progress', progress),
  change: { what: '从备份恢复数据库', reason: 'required' },
  async run({ from, identityFile, passphraseFile, allowUnsigned, progress, json }, io, act) {
    const opener = openerOf(identityFile, passphraseFile)
    return withDatabase(io, async (database) => {
      const report = reporter(io, progress)
      const vault = createVault(io.settings().keys)
      const onTable = (table: string, rows: number) => report(`${table}：${rows} 行`)
      const { manifest, end, chains, audited } = await restoreStore({ database, vault, allowUnsigned, onTable }, readSealed(from, opener))
      // Only now: whoever adds a row to a chain moves its head.
      await act({ database, vault }, manifest.at, `${end.rows} 行`)
      present(io, json, { at: manifest.at, hub: manifest.hub, rows: end.rows, files: end.files, chains, audited, faults: [] }, [
        `已恢复 ${manifest.at} 的备份：${end.rows} 行`,
        `审计链完好：${chains} 条链，${audited} 行`,
        '备份之后的记录不在库里，hub audit verify 会按检查点指出来：请把那段时间的检查点留作证据',
        ...(end.files.count > 0 ? [`库里登记有用户上传的 ${end.files.count} 个文件：请把 FILE_STORE 恢复到同一时刻或更晚`] : []),
      ])
      return 0
    })
  },
})

function openerOf(identityFile: string | undefined, passphraseFile: string | undefined): Opener {
  if ((identityFile === undefined) === (passphraseFile === undefined))
    throw new UsageError('--identity-file 和 --passphrase-file 须写明其中一个')
  if (passphraseFile !== undefined) return { passphrase: readSecret(passphraseFile) }
  const lines = readSecret(identityFile ?? '').split('\n')
  return { identities: lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')) }
}
