import type { Settings } from './settings.ts'

type Place = Pick<Settings, 'PORT' | 'SANDBOX_PORT' | 'HOST' | 'DATA_DIR' | 'DATABASE_URL' | 'REDIS_URL'>

interface Fault {
  code: string
  syscall: string
  port: number | undefined
  message: string
}

/** Whether a hub cannot listen where it is told to: another start would fare no better. */
export function isNoPlace(error: unknown): boolean {
  return readFault(error).syscall === 'listen'
}

/**
 * → what is wrong around the hub and which setting to look at, in Chinese; null for anything else. Never a
 * password: of an address it names host, port and database.
 */
export function troubleOf(error: unknown, settings: Place): string | null {
  const fault = readFault(error)
  return listening(fault, settings) ?? database(fault, settings) ?? connection(fault, settings) ?? file(fault, settings)
}

function listening({ code, syscall, port }: Fault, { PORT, SANDBOX_PORT, HOST }: Place): string | null {
  if (syscall !== 'listen') return null
  const name = port === SANDBOX_PORT && port !== PORT ? 'SANDBOX_PORT' : 'PORT'
  if (code === 'EADDRINUSE')
    return `端口 ${port} 已被占用：可能已有一个中枢在运行。请停掉占用它的进程，或换一个端口（设置 ${name}，例如 ${name}=${(port ?? 3000) + 1} npm start）`
  if (code === 'EACCES') return `没有权限监听端口 ${port}：1024 以下的端口通常须特别授权，请改设 ${name}`
  if (code === 'EADDRNOTAVAIL') return `本机没有地址 ${HOST}，不能在上面监听：请改设 HOST（例如 127.0.0.1 或 0.0.0.0）`
  return null
}

function database({ code }: Fault, { DATABASE_URL }: Place): string | null {
  const { user, name, at } = address(DATABASE_URL)
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return `数据库 ${at} 不接受用户 ${user} 登录：请核对 DATABASE_URL 里的用户名和密码`
    case 'ER_DBACCESS_DENIED_ERROR':
      return `数据库 ${at} 的用户 ${user} 无权使用库 ${name}：请由管理员授权（grant all on ${name}.* to …），或改设 DATABASE_URL`
    case 'ER_BAD_DB_ERROR':
      return `数据库 ${at} 上没有库 ${name}：请先建库（create database ${name} character set utf8mb4），或改设 DATABASE_URL`
    case 'SQLITE_BUSY':
    case 'ERR_SQLITE_BUSY':
      return '内嵌数据库正被别的进程占用，请稍后再试'
    default:
      return null
  }
}

const AWAY: Readonly<Record<string, string>> = {
  ECONNREFUSED: '没有服务在那里应答',
  ENOTFOUND: '找不到这台主机',
  EAI_AGAIN: '暂时查不到这台主机',
  ETIMEDOUT: '连接超时',
  EHOSTUNREACH: '到不了这台主机',
  ECONNRESET: '连接被对方断开',
  PROTOCOL_CONNECTION_LOST: '连接被对方断开',
  KnexTimeoutError: '连接超时',
}

function connection({ code, port }: Fault, { DATABASE_URL, REDIS_URL }: Place): string | null {
  const why = AWAY[code]
  if (!why) return null
  const redis = address(REDIS_URL, 6379)
  const store = address(DATABASE_URL, 3306)
  if (REDIS_URL && port === redis.port && port !== store.port)
    return `连不上 Redis ${redis.at}（${why}）：请启动它或核对 REDIS_URL；REDIS_URL 留空则不用 Redis`
  if (DATABASE_URL) return `连不上数据库 ${store.at}（${why}）：请启动它或核对 DATABASE_URL；DATABASE_URL 留空则用 DATA_DIR 里的内嵌数据库`
  return null
}

function file({ code, message }: Fault, { DATA_DIR, DATABASE_URL }: Place): string | null {
  if (DATABASE_URL) return null
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC'].includes(code) || /unable to open database file/i.test(message))
    return `不能在 DATA_DIR（${DATA_DIR}）里读写：请核对它是不是文件夹、有没有权限和空间，或改设 DATA_DIR`
  if (/not a database/i.test(message)) return `DATA_DIR（${DATA_DIR}）里的 hub.sqlite 不是数据库文件，或已损坏：请从备份恢复`
  return null
}

/** Of several attempts to connect (IPv4 and IPv6), the first says it. */
function readFault(error: unknown): Fault {
  const { errors, ...own } = (error ?? {}) as { errors?: unknown[] }
  const first = (Array.isArray(errors) ? errors[0] : undefined) ?? error
  const { code, name, syscall, port, message } = (first ?? own) as Record<string, unknown>
  return {
    code: name === 'KnexTimeoutError' ? name : String(code ?? ''),
    syscall: String(syscall ?? ''),
    port: typeof port === 'number' ? port : undefined,
    message: String(message ?? ''),
  }
}

function address(url: string, usual = 0): { at: string; port: number; user: string; name: string } {
  if (!URL.canParse(url)) return { at: '', port: usual, user: '', name: '' }
  const { hostname, port, username, pathname } = new URL(url)
  const number = Number(port || usual)
  return { at: `${hostname}${number ? `:${number}` : ''}`, port: number, user: decodeURIComponent(username), name: pathname.slice(1) }
}
