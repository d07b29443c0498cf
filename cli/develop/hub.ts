import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Io } from '../io.ts'
import { readableLine } from './readable-line.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** What a hub is made of. */
const WATCHED = ['connectors', 'core', 'plugins', 'config', 'migrations', 'app.ts', 'server.ts', '.env']
/** An editor saves in several steps, and several files at once. */
const SETTLE_MS = 150

/** Runs a hub until Ctrl+C, and another one after each change; one that ends by itself waits for the next change. → the exit code. */
export function developHub(io: Io): Promise<number> {
  return new Promise((resolve) => {
    let child: ChildProcess | null = null
    let timer: NodeJS.Timeout | null = null
    /** What runs is older than the files. */
    let isStale = false
    let isOver = false

    function start(): void {
      const env = { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/hub'), LOG_LEVEL: 'warn', ...process.env }
      const own = spawn(process.execPath, ['server.ts'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
      child = own
      isStale = false
      createInterface({ input: own.stdout }).on('line', (line) => {
        const text = readableLine(line)
        if (text !== null) io.out(text)
      })
      createInterface({ input: own.stderr }).on('line', io.err)
      own.once('exit', (code) => {
        child = null
        if (isOver) return finish()
        if (isStale) start()
        else io.err(`中枢停止了（${code ?? '被终止'}），改好后会重新启动`)
      })
    }

    function restart(): void {
      if (isStale && child) return
      io.err('文件有改动，重新启动……')
      isStale = true
      if (child) child.kill('SIGTERM')
      else start()
    }

    const changed = (_event: string, name: string | null) => {
      if (name !== null && /(^|\/)(\.|test\/)|~$/.test(name) && name !== '.env') return
      if (timer) clearTimeout(timer)
      timer = setTimeout(restart, SETTLE_MS)
    }
    const watchers = WATCHED.filter((path) => existsSync(join(ROOT, path))).map((path) =>
      watch(join(ROOT, path), { recursive: !path.includes('.') }, changed),
    )

    function finish(): void {
      for (const watcher of watchers) watcher.close()
      resolve(0)
    }
    function stop(): void {
      isOver = true
      if (timer) clearTimeout(timer)
      if (child) child.kill('SIGTERM')
      else finish()
    }
    process.once('SIGINT', stop).once('SIGTERM', stop)
    start()
  })
}
