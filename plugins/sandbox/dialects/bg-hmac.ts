import { randomBytes } from 'node:crypto'
import { type BgHmacOptions, bgQuery } from '../../../core/dialects/bg-hmac.ts'
import { MAX_SKEW_MS, signatureOf } from '../../../core/dialects/signed-headers.ts'
import { isDistrustful, isInTime, paramsOf, type Simulator, unauthorized } from './simulator.ts'

export function createBgHmacSimulator(): Simulator<BgHmacOptions> {
  const credentials = { accessKey: 'sandbox-access', secretKey: randomBytes(16).toString('hex') }
  return {
    credentials,
    admit(request, options, faults) {
      const { method, path, headers } = request
      const read = (name: string) => String(headers[name] ?? '')
      const date = read('x-bg-date-time')
      if (read('x-bg-hmac-access-key') !== credentials.accessKey) return unauthorized('Invalid access key')
      if (!isInTime(Date.parse(date), MAX_SKEW_MS, faults)) return unauthorized('Clock skew exceeded')
      const expected = signatureOf({ method, path, query: bgQuery(request.query, options), ...credentials, date })
      const isSigned = read('x-bg-hmac-algorithm') === 'hmac-sha256' && read('x-bg-hmac-signature') === expected
      return isSigned && !isDistrustful(faults) ? { params: paramsOf(request) } : unauthorized('Invalid signature')
    },
  }
}
