import type { Envelope } from './envelope.ts'
import { exchangeEnvelope } from './exchange-envelope.ts'

/**
 * An agency with an HTTP interface of its own: rows bare or under a usual key, the status says whether it went well,
 * and a code in the body is a business code only where `codeKeys` names one.
 */
const restEnvelope: Envelope = {
  codeKeys: [],
  messageKeys: ['message', 'msg'],
  success: [],
  successWithData: [],
  innerCodeKeys: [],
  empty: [],
  emptyTexts: [],
  data: ['data.items', 'data.rows', 'data.list', 'data.records', 'data', 'items', 'rows', 'content', 'records', ''],
  total: ['data.total', 'total', 'totalCount', 'totalElements', 'count'],
  jsonInString: false,
  charset: 'utf-8',
}

/**
 * Usual forms of answers; what an agency does otherwise goes in.
 *
 * @example
 * envelope: envelope.rest({ codeKeys: ['code'], success: ['200'], data: ['result.rows'] })
 */
export const envelope = {
  /** A REST interface: bare rows, or rows under `data`, `items` and their like. */
  rest: (changes: Partial<Envelope> = {}): Envelope => ({ ...restEnvelope, ...changes }),
  /** An agency behind an exchange platform: the union of what is seen there. */
  exchange: (changes: Partial<Envelope> = {}): Envelope => ({ ...exchangeEnvelope, ...changes }),
}
