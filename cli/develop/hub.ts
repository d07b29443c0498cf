import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { watch } from 'chokidar'
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

    // Node's own watching of folders loses a file that an editor replaces (writes beside it, then renames).
    const watcher = watch(
      WATCHED.map((path) => join(ROOT, path)).filter((path) => existsSync(path)),
      { ignoreInitial: true, ignored: (path) => isIdle(relative(ROOT, path)) },
    ).on('all', () => {
      if (timer) clearTimeout(timer)
      timer = setTimeout(restart, SETTLE_MS)
    })

    function finish(): void {
      watcher.close().then(
        () => resolve(0),
        () => resolve(0),
      )
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

/** Tests, and what editors put beside a file for a while, are no part of a hub. */
function isIdle(path: string): boolean {
  return path !== '.env' && /(^|\/)(\.|test(\/|$))|~$/.test(path)
}
