import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../plugins/store/open.ts'
import { cli } from '../helper/cli.ts'
import { type Target, targets } from '../helper/targets.ts'

const MASTER_KEY = 'main:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='

t.test("a backup that cannot be written, or is ended in the middle, says so in words and is in nobody's way", async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const store = { ...settings, MASTER_KEY }
  const folder = t.testdir()
  const place = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const passphraseFile = place('backup.pass', 'a phrase of several words\n')
  const backup = (to: string, secret = passphraseFile) => cli(store)('backup', '--to', to, '--passphrase-file', secret)
  const recorded = async () => {
    const database = openDatabase({ url: '', dataDir: settings.DATA_DIR })
    const row = await database('audit_rows').where({ service: 'backup' }).count({ n: '*' }).first<{ n: number }>()
    await database.destroy()
    return Number(row.n)
  }
  t.match(await backup(join(folder, 'no-folder', 'x.age')), { code: 2, err: /不能在文件夹 .*no-folder 里写（ENOENT）/ })
  t.match(await backup(''), { code: 2, err: /--to 须写明/ })
  t.match(await backup(join(folder, 'y.age'), place('short.pass', 'short')), { code: 1, err: /口令至少/ })
  t.equal(await recorded(), 0, 'what could not begin is not on record as a backup')

  const half = place('z.age.part', 'of another')
  t.match(await backup(join(folder, 'z.age')), { code: 1, err: /已有 .*z\.age\.part：.*请删去它再备份/ })
  t.equal(readFileSync(half, 'utf8'), 'of another', 'somebody else may be writing it')
  t.match(await backup(join(folder, `${'长'.repeat(90)}.age`)), { code: 1, err: /写不了 .*（ENAMETOOLONG）：没有备份/ })

  await t.test('Ctrl+C', async (t) => {
    const path = join(folder, 'interrupted.age')
    const module = new URL('../../plugins/operations/backup/sealed-file.ts', import.meta.url).href
    const script = `
      const { writeSealed } = await import(${JSON.stringify(module)})
      async function* lines() { for (;;) { yield Math.random() + '\\n'; await new Promise(setImmediate) } }
      await writeSealed(${JSON.stringify(path)}, lines(), { passphrase: 'a phrase of several words' })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    const ended = once(child, 'exit')
    while (!existsSync(`${path}.part`)) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    t.same(await ended, [null, 'SIGINT'], 'ended by it, as whoever started it expects')
    t.notOk(existsSync(`${path}.part`))
  })
  t.match(await cli(store)('restore', '--from', folder, '--passphrase-file', passphraseFile, '--reason', 'drill'), {
    code: 1,
    err: /读不了 .*（EISDIR）/,
  })
})
