import { randomBytes } from 'node:crypto'
import { basicAuthorization } from '../../../core/dialects/basic.ts'
import { isDistrustful, paramsOf, type Simulator, unauthorized } from './simulator.ts'

export function createBasicSimulator(): Simulator<object> {
  const credentials = { username: 'sandbox-user', password: randomBytes(16).toString('hex') }
  return {
    credentials,
    admit(request, _options, faults) {
      const isKnown = request.headers.authorization === basicAuthorization(credentials.username, credentials.password)
      return isKnown && !isDistrustful(faults) ? { params: paramsOf(request) } : unauthorized('Unauthorized')
    },
  }
}
