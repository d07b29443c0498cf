#!/usr/bin/env node
// The `hub` command: from the sources where they lie, from dist/ in an installed package, which has no others.
// Any Node reads this file; one that is too old hands over to the one that npm brought along.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24

if (Number.parseInt(process.versions.node, 10) >= NEEDED) await start()
else handOver()

async function start() {
  keepCompiled()
  const source = new URL('../cli/hub.ts', import.meta.url)
  await import(existsSync(source) ? source.href : new URL('../dist/cli/hub.js', import.meta.url).href)
}

/** Halves the time of a command. In a folder of the user's own: whoever could write there could run anything in his name. */
function keepCompiled() {
  const { XDG_CACHE_HOME, HOME } = process.env
  const folder = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'))
  // Where it cannot be written, Node goes without, and says nothing.
  if (folder) module.enableCompileCache(join(folder, 'xuchang-hub'))
}

function handOver() {
  const node = bundledNode()
  if (!node) {
    process.stderr.write(`hub 需要 Node ${NEEDED} 或更新版本，现在是 ${process.version}，也没有找到 npm 附带的 Node；请安装后再试\n`)
    process.exitCode = 1
    return
  }
  const { status, error } = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  if (error) process.stderr.write(`无法启动 ${node}：${error.message}\n`)
  process.exitCode = status ?? 1
}

function bundledNode() {
  try {
    return createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`)
  } catch {
    return null
  }
}
