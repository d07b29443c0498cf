import type { ClientKind } from './clients.ts'

const MAX_LENGTH = 500
const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]']

/**
 * → what is wrong with a redirect URI, in Chinese, or null: absolute, to the letter, `https`. Native clients
 * also have loopback addresses over `http` and private-use schemes (RFC 8252 §7.1, §7.3, §8.3). At a
 * developer's desk (`desk`) every client has loopback addresses, `localhost` among them.
 */
export function redirectUriProblem(uri: string, kind: ClientKind, desk = false): string | null {
  if (uri.length > MAX_LENGTH) return `不能超过 ${MAX_LENGTH} 个字符`
  // What two parsers could read in two ways is no address; the store separates addresses by spaces.
  if (!/^[\x21-\x7e]+$/.test(uri) || /[\\"<>^`{|}]/.test(uri)) return '只能由网址允许的 ASCII 字符组成，其他字符须转义'
  if (uri.includes('#')) return '不能带片段（#）'
  if (uri.includes('*')) return '不能带通配符（*）'
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(uri)?.[1]
  if (scheme === undefined || !URL.canParse(uri)) return '须是绝对地址，协议名小写'
  const url = new URL(uri)
  if (scheme === 'https' || scheme === 'http') return webProblem(uri, url, kind, desk)
  if (kind === 'web') return '网站的回调地址须用 https'
  if (!scheme.includes('.')) return '本机应用的自有协议名须带点，即反写的域名（如 com.example.app:/callback）'
  if (uri.startsWith('//', scheme.length + 1)) return '自有协议之后只用一个斜杠（如 com.example.app:/callback）'
  return null
}

function webProblem(uri: string, { protocol, host, hostname, username, password }: URL, kind: ClientKind, desk: boolean): string | null {
  if (!/^https?:\/\/[^/]/.test(uri)) return '须是绝对地址（https://…）'
  if (username !== '' || password !== '') return '不能带用户名或密码'
  const loopback = LOOPBACK.includes(hostname)
  // A host ends up in the consent page's Content-Security-Policy.
  if (!loopback && !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(hostname)) return '主机名有误'
  if (!uri.startsWith(`${protocol}//${host}`)) return '主机名须按规范书写（小写）'
  if (protocol === 'https:') return kind === 'native' && (loopback || hostname === 'localhost') ? '本机地址须用 http' : null
  if (desk && (loopback || hostname === 'localhost')) return null
  if (kind === 'web') return desk ? '网站的回调地址须用 https（沙箱里也可用本机的 http 地址）' : '网站的回调地址须用 https'
  return loopback ? null : 'http 只能用于本机地址 127.0.0.1 或 [::1]'
}
