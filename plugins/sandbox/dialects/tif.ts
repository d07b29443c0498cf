import { randomBytes } from 'node:crypto'
import { type TifOptions, tifSignature } from '../../../core/dialects/tif.ts'
import { createReplayGuard } from './replay-guard.ts'
import { isDistrustful, isInTime, paramsOf, type Simulator, unauthorized } from './simulator.ts'

/** The standard names the unit of the time, not its tolerance. */
const LIMIT_MS = 300_000

export function createTifSimulator(): Simulator<TifOptions> {
  const credentials = { paasId: 'sandbox-paas', token: randomBytes(16).toString('hex') }
  const isNew = createReplayGuard(LIMIT_MS)
  return {
    credentials,
    admit(request, { headerPrefix = 'x-tif' }, faults) {
      const read = (name: string) => String(request.headers[`${headerPrefix}-${name}`.toLowerCase()] ?? '')
      const [timestamp, nonce] = [read('timestamp'), read('nonce')]
      if (read('paasid') !== credentials.paasId) return unauthorized('unknown paasid')
      if (!/^\d{10}$/.test(timestamp) || !isInTime(Number(timestamp) * 1000, LIMIT_MS, faults)) return unauthorized('timestamp expired')
      const isSigned = read('signature') === tifSignature(timestamp, credentials.token, nonce)
      if (!isSigned || isDistrustful(faults)) return unauthorized('invalid signature')
      if (!isNew(nonce)) return unauthorized('nonce has been used')
      return { params: paramsOf(request) }
    },
  }
}
