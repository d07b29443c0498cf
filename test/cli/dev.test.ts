import { spawn } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { copyTree } from '../helper/tree-copy.ts'

t.test('hub dev starts anew on a change, stays up when a connector breaks, and says why', async (t) => {
  const tree = await copyTree()
  t.teardown(tree.remove)
  // The others' start is not what is tried.
  for (const id of readdirSync(join(tree.folder, 'connectors')))
    if (id !== 'registry') rmSync(join(tree.folder, 'connectors', id), { recursive: true })
  cpSync(fileURLToPath(new URL('../library', import.meta.url)), join(tree.folder, 'connectors/library'), { recursive: true })

  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, DATA_DIR: join(tree.folder, '.data'), PORT: '0' }
  const dev = spawn(process.execPath, ['cli/hub.ts', 'dev'], { cwd: tree.folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => dev.once('exit', resolve))
  t.teardown(() => dev.kill('SIGTERM') && ended)
  const said: string[] = []
  const lines = createInterface({ input: dev.stdout }).on('line', (line) => said.push(line))
  /** → the first line from now on, or of those not looked at yet, that fits. */
  async function hears(words: RegExp): Promise<string> {
    for (;;) {
      const at = said.findIndex((line) => words.test(line))
      if (at >= 0) return said.splice(0, at + 1).at(-1) ?? ''
      await new Promise((resolve) => lines.once('line', resolve))
    }
  }
  const origin = async () => /http:\/\/[\d.:]+/.exec(await hears(/已启动：/))?.[0] ?? ''

  const library = join(tree.folder, 'connectors/library/index.ts')
  const sound = readFileSync(library, 'utf8')
  t.equal((await fetch(`${await origin()}/v1/library/loans`)).status, 401, 'it is there, and asks who calls')
  writeFileSync(library, sound.replace("health: { service: 'loans'", "health: { service: 'nothing'"))
  t.match(await hears(/✗ connectors\/library/), /没有启用/)
  t.match(await hears(/^ {4}library/), /nothing/)
  t.equal((await fetch(`${await origin()}/health/ready`)).status, 200, 'the others are there')
  for (const turn of ['first', 'second']) {
    // As many editors save: beside the file, which is then replaced.
    writeFileSync(`${library}.tmp`, `${sound}// ${turn}\n`)
    renameSync(`${library}.tmp`, library)
    t.equal((await fetch(`${await origin()}/v1/library/loans`)).status, 401, `it is back: ${turn} time`)
  }
})
