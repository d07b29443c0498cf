import { page } from '../web/page.ts'
import { trace } from '../web/parts.ts'

/** What users read about the errors of RFC 6749 and OpenID Connect that no redirect can carry to the application. */
const WORDS: Readonly<Record<string, string>> = {
  invalid_client: '这个应用没有登记，或者已经停用。',
  invalid_redirect_uri: '这个应用给出的返回地址与登记的不一致，为保障安全已停止。',
  invalid_request: '这次授权请求不完整或已经过期，请回到原来的应用重新开始。',
  access_denied: '没有得到您的同意。',
  unfamiliar_device: '您正在一台没有信任过的设备上。请在“我的许昌”里信任这台设备后再试，或者到您常用的设备上授权。',
  server_error: '系统暂时出了问题，请稍后再试。',
}

/** → a page about an error code; nothing of the request is repeated. */
export function errorPage(code: string, traceId: string): string {
  const words = WORDS[code] ?? '这次授权没有完成，请回到原来的应用重新开始。'
  return page('授权没有完成', `<p>${words}</p>${trace(traceId, code)}`)
}
