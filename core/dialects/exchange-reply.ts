import type { RawReply } from '../upstream/dialect.ts'

/** How a platform says that it refused the signature, the secret or the time of a request. */
export interface RefusalForm {
  statuses: readonly number[]
  /** Result codes, compared as text. */
  codes: readonly string[]
  /** Matched against the message of an answer with another code, and against an answer that is bare text. */
  message: RegExp
}

/** No platform's list of refusals is public, so the wording decides: what it is about, and that it went wrong. */
export const defaultRefusal: RefusalForm = {
  statuses: [401, 403],
  codes: ['E-106'],
  message:
    /^(?=.*(?:签名|验签|密钥|秘钥|鉴权|时间戳|请求时间|rtime|\bsign\b|signature|secret|timestamp|clock|nonce|随机[数串]|重放|replay|令牌|access.?(?:token|key)|a(?:pp|pi).?key|unauthori[sz]ed))(?=.*(?:无效|错误|有误|失败|过期|失效|超出|超时|偏差|不正确|不一致|不合法|不匹配|不通过|未通过|非法|重复|重放|invalid|expire|mismatch|match|fail|wrong|error|incorrect|exceed|skew|illegal|bad|replay|reuse|been used|unauthori))/is,
}

/** A refusal is a short note; longer answers are data and are not looked into, which keeps this off the hot path. */
const LONGEST_REFUSAL_BYTES = 512

export function isRefusal(reply: RawReply, form: RefusalForm): boolean {
  if (form.statuses.includes(reply.status)) return true
  if (reply.body.length === 0 || reply.body.length > LONGEST_REFUSAL_BYTES) return false
  const text = decodeText(reply)
  const answer = parseObject(text)
  if (answer === null) return !/^\s*[[<]/.test(text) && form.message.test(text)
  const code = readKey(answer, ['code', 'errcode', 'resultcode', 'status'])
  if (code !== undefined && form.codes.includes(String(code))) return true
  const message = readKey(answer, ['message', 'msg', 'errmsg', 'errormsg', 'resultmsg', 'error'])
  return typeof message === 'string' && form.message.test(message)
}

const gbk = new TextDecoder('gb18030')

/** Text of an answer, in UTF-8 or, where it says so or plainly isn't UTF-8, GBK. */
export function decodeText({ contentType, body }: RawReply): string {
  const text = body.toString('utf8')
  return /charset="?gb/i.test(contentType) || text.includes('\ufffd') ? gbk.decode(body) : text
}

/** → null for anything but a JSON object. Never throws: a parser's message quotes what it read. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** The first of the keys (lower case) that the object has, in any case. */
export function readKey(object: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown {
  for (const key in object) if (keys.includes(key.toLowerCase()) && object[key] !== null) return object[key]
  return undefined
}
