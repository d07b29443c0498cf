import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startListening } from '../helper/listening.ts'
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

  t.equal((await fetch(`${await origin()}/v1/library/loans`)).status, 401, 'it is there, and asks who calls')
  t.match(await hears(/已启用/), /已启用 1 个连接器，共 1 项服务/)
  const library = join(tree.folder, 'connectors/library/index.ts')
  const sound = readFileSync(library, 'utf8')
  writeFileSync(library, sound.replace("health: { service: 'loans'", "health: { service: 'nothing'"))
  t.match(await hears(/✗ connectors\/library/), /没有启用/)
  t.match(await hears(/^ {4}library/), /nothing/)
  t.equal((await fetch(`${await origin()}/health/ready`)).status, 200, 'the others are there')
  t.match(await hears(/刚改动/), / 刚改动的 library：没有启用/)
  for (const turn of ['first', 'second']) {
    // As many editors save: beside the file, which is then replaced.
    writeFileSync(`${library}.tmp`, `${sound}// ${turn}\n`)
    renameSync(`${library}.tmp`, library)
    t.equal((await fetch(`${await origin()}/v1/library/loans`)).status, 401, `it is back: ${turn} time`)
    t.match(await hears(/刚改动/), / 刚改动的 图书馆（library）：1 项服务 loans/)
  }
})

t.test('hub dev ends where the port is another’s, and says what to do', async (t) => {
  const { port } = new URL(await startListening(t, () => undefined))
  const folder = mkdtempSync(join(tmpdir(), 'hub-dev-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, DATA_DIR: folder, HOST: '127.0.0.1', PORT: port }
  const dev = spawn(process.execPath, ['cli/hub.ts', 'dev'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => dev.kill('SIGTERM'))
  const [said, [code]] = await Promise.all([text(dev.stderr), once(dev, 'exit')])
  t.equal(code, 1)
  t.match(said, new RegExp(`端口 ${port} 已被占用[\\s\\S]*hub dev 到此结束`))
  t.notMatch(said, '重新启动')
})
