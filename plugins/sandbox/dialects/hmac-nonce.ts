import { randomBytes } from 'node:crypto'
import { defaultNonceForm, defaultNonceNames, type HmacNonceOptions, nonceSignature } from '../../../core/dialects/hmac-nonce.ts'
import { createReplayGuard } from './replay-guard.ts'
import { type Answer, carriedBy, isDistrustful, isInTime, paramsOf, type Simulator } from './simulator.ts'

const LIMIT_MS = 600_000

export function createHmacNonceSimulator(): Simulator<HmacNonceOptions> {
  const credentials = { clientId: 'sandbox-client', clientSecret: randomBytes(16).toString('hex') }
  const isNew = createReplayGuard(LIMIT_MS)
  return {
    credentials,
    admit(request, options, faults) {
      const names = { ...defaultNonceNames, ...options.names }
      const read = carriedBy(request)
      const parts = { clientId: read(names.clientId), timestamp: read(names.timestamp), nonce: read(names.nonce) }
      const at = Number(parts.timestamp) * (options.timeUnit === 's' ? 1000 : 1)
      const signature = nonceSignature(parts, credentials.clientSecret, { ...defaultNonceForm, ...options })
      if (parts.clientId !== credentials.clientId) return refuse('签名错误：客户端不存在')
      if (!isInTime(at, LIMIT_MS, faults)) return refuse('请求时间超出允许范围')
      if (read(names.signature) !== signature || isDistrustful(faults)) return refuse('签名验证失败')
      if (!isNew(parts.nonce)) return refuse('随机数重复')
      return { params: paramsOf(request) }
    },
  }
}

/** Like many gateways it says so with HTTP 200. */
function refuse(message: string): Answer {
  return { status: 200, json: { code: '401', message, data: null } }
}
