import { type HmacNonceOptions, hmacNonceForm } from '../../../core/dialects/hmac-nonce.ts'
import { createSignedStringSimulator } from './signed-string.ts'
import type { Answer, Simulator } from './simulator.ts'

export function createHmacNonceSimulator(): Simulator<HmacNonceOptions> {
  return createSignedStringSimulator(hmacNonceForm, {
    keyId: refuse('签名错误：客户端不存在'),
    time: refuse('请求时间超出允许范围'),
    signature: refuse('签名验证失败'),
    nonce: refuse('随机数重复'),
  })
}

/** Like many gateways it says so with HTTP 200. */
function refuse(message: string): Answer {
  return { status: 200, json: { code: '401', message, data: null } }
}
