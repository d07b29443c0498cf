import { existsSync } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Settings } from '../../../config/settings.ts'
import { ailing, type Finding, looked, skipped, well } from './finding.ts'

const LEAST_NODE = 24
const LEAST_FILES = 8192
const SCARCE_SHARE = 0.1
const LEAST_BYTES = 1e9
/** Files by which services that set the clock say that it is right (systemd-timesyncd, chrony). */
const CLOCKS = ['/run/systemd/timesync/synchronized', '/run/chrony/chronyd.pid']

/** The machine: Node, how many files may be open, the clock, and room where the hub writes. */
export async function lookAtHost(settings: Settings, versionOfNode = process.versions.node): Promise<Finding[]> {
  return [node(versionOfNode), await openFiles(), clock(), ...(await Promise.all(placesOf(settings).map(space)))]
}

function node(version: string): Finding {
  const subject = { id: 'node', title: 'Node 版本' }
  if (Number.parseInt(version, 10) >= LEAST_NODE) return well(subject, version)
  return ailing(subject, 'fail', `${version}，太旧`, `请用 Node ${LEAST_NODE}（npm ci 会带来一个：node_modules/.bin/node）`)
}

function openFiles(): Promise<Finding> {
  const subject = { id: 'open-files', title: '可同时打开的文件数' }
  return looked(subject, '请核对 ulimit -n', async () => {
    const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
    const [, limit = ''] = /^Max open files +(\S+)/m.exec(limits) ?? []
    if (limit === '') return skipped(subject, '这个系统上查不到')
    if (limit === 'unlimited' || Number(limit) >= LEAST_FILES) return well(subject, limit)
    return ailing(subject, 'warn', `${limit}，连接多时会不够`, `请在 hub@.service 里设 LimitNOFILE=65536（命令行的限制与服务的可能不同）`)
  })
}

function clock(): Finding {
  const subject = { id: 'ntp', title: '时钟同步' }
  const found = CLOCKS.find((path) => existsSync(path))
  if (found) return well(subject, '有服务在校准时钟')
  return ailing(
    subject,
    'warn',
    '没有发现校准时钟的服务',
    '请启用 systemd-timesyncd 或 chrony（容器里由宿主机负责）：对方会拒绝时间不准的请求',
  )
}

interface Place {
  id: string
  title: string
  path: string
}

function placesOf({ DATA_DIR, AUDIT_HEADS, FILE_STORE }: Settings): Place[] {
  const heads = AUDIT_HEADS.startsWith('file:') ? dirname(AUDIT_HEADS.slice('file:'.length)) : null
  const files = /^https?:/.test(FILE_STORE) ? null : FILE_STORE || join(DATA_DIR, 'files')
  return [
    { id: 'space:data', title: '磁盘空间：DATA_DIR', path: DATA_DIR },
    ...(heads === null ? [] : [{ id: 'space:heads', title: '磁盘空间：AUDIT_HEADS', path: heads }]),
    ...(files === null ? [] : [{ id: 'space:files', title: '磁盘空间：FILE_STORE', path: files }]),
  ]
}

function space({ path, ...subject }: Place): Promise<Finding> {
  return looked(subject, `请核对文件夹 ${path} 在不在、能不能读`, async () => {
    const { bavail, blocks, bsize } = await statfs(nearest(resolve(path)))
    const free = bavail * bsize
    const said = `剩 ${(free / 1e9).toFixed(1)} GB（${Math.round((bavail / blocks) * 100)}%）`
    if (free >= LEAST_BYTES && bavail / blocks >= SCARCE_SHARE) return well(subject, said)
    const state = free < LEAST_BYTES / 10 ? 'fail' : 'warn'
    return ailing(subject, state, said, `请给 ${path} 腾出空间：审计记录写不下去，中枢就不再应答`)
  })
}

/** A folder that the hub will make lies on the disk of the one above it. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path))
}
