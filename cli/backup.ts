import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dumpStore } from '../plugins/operations/backup/dump.ts'
import { assertLock, type Lock, writeSealed } from '../plugins/operations/backup/sealed-file.ts'
import { command, progress } from './command.ts'
import { present, reporter, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

export const backup = command({
  usage: 'backup',
  describe: '把整个数据库备份成一个压缩并加密的文件（age 格式），中枢照常运行；主密钥和用户上传的文件不在其中',
  examples: [
    ['backup --to /srv/backup --recipient age1…', '只有持有那个 age 私钥的人才能打开；文件名按时间取'],
    ['backup --to hub.age --passphrase-file /etc/hub/backup.pass', '以文件里的口令加密'],
  ],
  options: (own) =>
    own
      .option('to', { type: 'string', demandOption: true, describe: '写入的文件，不能已有；或一个文件夹，文件名按时间取' })
      .option('recipient', { type: 'string', describe: 'age 公钥（age1…），可以写几次' })
      .option('passphrase-file', { type: 'string', describe: '口令所在的文件，口令至少 12 个字符' })
      .option('progress', progress),
  change: { what: '备份数据库', reason: 'optional' },
  async run({ to, recipient, passphraseFile, progress, json }, io, act) {
    const lock = lockOf(recipient as string | string[] | undefined, passphraseFile)
    const path = placeOf(to)
    if (existsSync(path)) throw new UsageError(`已有这个文件：${path}`)
    assertLock(lock)
    assertWritable(dirname(path))
    return withStore(io, async (store) => {
      await act(store, path)
      const report = reporter(io, progress)
      const seen = { tables: 0, rows: 0, end: '' }
      async function* lines() {
        for await (const line of dumpStore(store.database, store.vault, (table, rows) => {
          seen.tables++
          seen.rows += rows
          report(`${table}：${rows} 行`)
        })) {
          seen.end = line
          yield line
        }
      }
      await writeSealed(path, lines(), lock)
      const { files } = JSON.parse(seen.end) as { files: { count: number; bytes: number } }
      const bytes = statSync(path).size
      present(io, json, { file: path, bytes, tables: seen.tables, rows: seen.rows, files }, [
        `已备份 ${seen.tables} 张表、${seen.rows} 行到 ${path}（${bytes} 字节）`,
        '主密钥（MASTER_KEY、LOOKUP_KEY）和检查点密钥不在备份里：请另存一处，没有主密钥，备份里的个人信息谁也读不出',
        ...(files.count > 0 ? [`用户上传的 ${files.count} 个文件（${files.bytes} 字节）不在备份里：请另行备份 FILE_STORE`] : []),
      ])
      return 0
    })
  },
})

function lockOf(recipient: string | readonly string[] | undefined, passphraseFile: string | undefined): Lock {
  if ((recipient === undefined) === (passphraseFile === undefined)) throw new UsageError('--recipient 和 --passphrase-file 须写明其中一个')
  if (passphraseFile !== undefined) return { passphrase: readSecret(passphraseFile) }
  return { recipients: [recipient ?? []].flat() }
}

/** → the text of a file that holds a secret, without the line's end. */
export function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new UsageError(`读不到 ${path}（${(error as NodeJS.ErrnoException).code}）`)
  }
}

/** Before anything is on record: what cannot begin is no backup. */
function assertWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UsageError(`不能在文件夹 ${folder} 里写（${(error as NodeJS.ErrnoException).code}）`)
  }
}

/** In a folder a name that tells the time: `hub-20261127T101500Z.age`. */
function placeOf(to: string): string {
  if (to === '') throw new UsageError('--to 须写明文件或文件夹')
  if (!existsSync(to) || !statSync(to).isDirectory()) return to
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return join(to, `hub-${time}.age`)
}
