import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t from 'tap'

const folder = mkdtempSync(join(tmpdir(), 'hub-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const { DATA_DIR: _folder, PORT: _port, ...rest } = process.env
const shell = (command: string) => promisify(execFile)('sh', ['-c', command], { env: rest, timeout: 60_000 })

t.test('the request that the start prints is answered, from a terminal that knows nothing of the hub’s settings', async (t) => {
  const env = { ...rest, NODE_ENV: 'development', LOG_LEVEL: 'silent', PORT: '0', DATA_DIR: join(folder, 'somebody’s own data') }
  const hub = spawn(process.execPath, ['server.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => hub.once('exit', resolve))
  t.teardown(() => hub.kill('SIGTERM') && ended)
  const lines: string[] = []
  for await (const line of createInterface({ input: hub.stdout })) {
    lines.push(line)
    if (line.includes('curl ')) break
  }
  t.match(lines.join('\n'), /办事大厅 http:\/\/127\.0\.0\.1:\d+\/hall /)
  t.match(JSON.parse((await shell(lines.at(-1) ?? '')).stdout), { data: { personName: '贾明' }, meta: {} })
})

t.test('a command whose reader has read enough says nothing of it', async (t) => {
  const { stdout, stderr } = await shell(`'${process.execPath}' cli/hub.ts services | head -c 3`)
  t.same({ stdout, stderr }, { stdout: '[{"', stderr: '' })
})
