import { randomBytes } from 'node:crypto'
import { type ApiKeyOptions, apiKeyName } from '../../../core/dialects/api-key.ts'
import { isDistrustful, paramsOf, type Simulator, unauthorized } from './simulator.ts'

export function createApiKeySimulator(): Simulator<ApiKeyOptions> {
  const credentials = { apiKey: randomBytes(16).toString('hex') }
  return {
    credentials,
    admit(request, options, faults) {
      const { carrier, scheme } = options
      const name = apiKeyName(options)
      const given = carrier === 'query' ? new URLSearchParams(request.query).get(name) : request.headers[name.toLowerCase()]
      const expected = scheme === undefined ? credentials.apiKey : `${scheme} ${credentials.apiKey}`
      return given === expected && !isDistrustful(faults) ? { params: paramsOf(request) } : unauthorized('Invalid API key')
    },
  }
}
