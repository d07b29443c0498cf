import { type ErrorCode, errorTable } from '../../core/base/errors.ts'
import type { Response } from './types.ts'

const MEDIA_TYPE = 'application/problem+json'
const PROBLEM = { $ref: '#/components/schemas/Problem' }
const TRACE = '018f3a1c9b2d4e5f8a7b6c5d4e3f2a10'

const RETRY_AFTER = {
  description: '多少秒之后再试才有意义',
  schema: { type: 'integer', minimum: 1 },
  example: 30,
}

/** → the answers with which an operation refuses or fails, by status; `default` stands for what no list foresees. */
export function problemResponses(codes: readonly ErrorCode[]): Record<string, Response> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const [status] = errorTable[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const listed = [...byStatus].sort(([a], [b]) => a - b).map(([status, members]) => [String(status), problemResponse(status, members)])
  const other: Response = { description: '其他错误', content: { [MEDIA_TYPE]: { schema: PROBLEM } } }
  return { ...(Object.fromEntries(listed) as Record<string, Response>), default: other }
}

function problemResponse(status: number, codes: readonly ErrorCode[]): Response {
  const named = { type: 'object', properties: { status: { const: status }, code: { enum: codes } } }
  return {
    description: codes.map((code) => `\`${code}\` ${errorTable[code][1]}`).join('；'),
    ...(status === 429 || status === 503 ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
    content: { [MEDIA_TYPE]: { schema: { allOf: [PROBLEM, named] }, ...(codes[0] ? { example: exampleOf(codes[0]) } : {}) } },
  }
}

function exampleOf(code: ErrorCode): object {
  const [status, title, detail] = errorTable[code]
  return { type: `/problems/${code}`, title, status, detail, code, traceId: TRACE }
}
