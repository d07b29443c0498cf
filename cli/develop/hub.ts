import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { watch } from 'chokidar'
import type { Told } from '../../server.ts'
import type { Io } from '../io.ts'
import { enabledAt } from './enabled.ts'
import { readableLine } from './readable-line.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** What a hub is made of. */
const WATCHED = ['connectors', 'core', 'plugins', 'config', 'migrations', 'app.ts', 'server.ts', '.env']
/** An editor saves in several steps, and several files at once. */
const SETTLE_MS = 150

/**
 * Runs a hub until Ctrl+C, and another one after each change; one that ends by itself waits for the next change, but where its port
 * is another's, which no change mends, that is the end. → the exit code.
 */
export function developHub(io: Io): Promise<number> {
  return new Promise((resolve) => {
    let child: ChildProcess | null = null
    let timer: NodeJS.Timeout | null = null
    /** What runs is older than the files. */
    let isStale = false
    let isOver = false
    /** Connectors whose folders were changed since a hub last said what it offers. */
    const changed = new Set<string>()

    function start(): void {
      const env = { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/hub'), LOG_LEVEL: 'warn', ...process.env }
      const own = spawn(process.execPath, ['server.ts'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
      child = own
      isStale = false
      eachLine(own.stdout, (line) => {
        const text = readableLine(line)
        if (text !== null) io.out(text)
      })
      eachLine(own.stderr, io.err)
      let isNoPlace = false
      own.on('message', (told: Told) => {
        if ('address' in told) void tellOffer(told.address)
        else isNoPlace = told.noPlace
      })
      own.once('exit', (code) => {
        child = null
        if (isOver) return finish(0)
        if (isStale) start()
        else if (isNoPlace) {
          io.err('hub dev 到此结束：换好端口或停掉占用它的进程后，请再运行一次')
          finish(1)
        } else io.err(`中枢停止了（${code ?? '被终止'}），改好后会重新启动`)
      })
    }

    async function tellOffer(address: string): Promise<void> {
      const ids = [...changed]
      changed.clear()
      // One that is stopped again meanwhile has nothing to say.
      const lines = await enabledAt(address, ids).catch(() => [])
      for (const line of lines) io.out(line)
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
    ).on('all', (_event, path) => {
      const [folder, id] = relative(ROOT, path).split(sep)
      if (folder === 'connectors' && id) changed.add(id)
      if (timer) clearTimeout(timer)
      timer = setTimeout(restart, SETTLE_MS)
    })

    function finish(code: number): void {
      if (timer) clearTimeout(timer)
      watcher.close().then(
        () => resolve(code),
        () => resolve(code),
      )
    }
    function stop(): void {
      isOver = true
      if (child) child.kill('SIGTERM')
      else finish(0)
    }
    process.once('SIGINT', stop).once('SIGTERM', stop)
    start()
  })
}

function eachLine(input: Readable | null, say: (line: string) => void): void {
  if (input) createInterface({ input }).on('line', say)
}

/** Tests, and what editors put beside a file for a while, are no part of a hub. */
function isIdle(path: string): boolean {
  return path !== '.env' && /(^|\/)(\.|test(\/|$))|~$/.test(path)
}
