import { randomBytes } from 'node:crypto'
import { type TwoSecretOptions, twoSecretPaths, twoSecretSign } from '../../../core/dialects/two-secret.ts'
import type { Active } from '../faults.ts'
import type { Timing } from '../timing.ts'
import { createIssued } from './issued.ts'
import { type Answer, carriedBy, isInTime, paramsOf, type Received, type Simulator } from './simulator.ts'

const LIMIT_MS = 300_000
const REFRESH_LIFE_MS = 48 * 3_600_000
const REQUEST_LIFE_MS = 15 * 60_000

export function createTwoSecretSimulator(timing: Timing): Simulator<TwoSecretOptions> {
  const credentials = { appKey: 'sandbox-app', appSecret: randomBytes(16).toString('hex') }
  const refreshSecrets = createIssued()
  const requestSecrets = createIssued()

  /** Who signed with what; `stateOf` looks for a secret that gives the request's signature. */
  function check(request: Received, faults: Active, stateOf: (fits: (secret: string) => boolean) => string): Answer | null {
    const read = carriedBy(request)
    const [appKey, requestTime] = [read('appKey'), read('requestTime')]
    if (appKey !== credentials.appKey) return refuse('appKey 无效')
    if (!/^\d{13}$/.test(requestTime) || !isInTime(Number(requestTime), LIMIT_MS, faults)) return refuse('请求时间超出允许范围')
    const state = stateOf((secret) => read('sign') === twoSecretSign(appKey, secret, requestTime))
    if (state === 'expired') return refuse('密钥已过期')
    return state === 'valid' && !faults.has('bad-sign') ? null : refuse('签名错误')
  }

  function handOut(): Answer {
    const refresh = refreshSecrets.issue(REFRESH_LIFE_MS)
    const request = requestSecrets.issue(timing.secretLifeMs ?? REQUEST_LIFE_MS)
    const datas = {
      refreshSecret: refresh.value,
      refreshSecretEndTime: refresh.endsAt,
      requestSecret: request.value,
      requestSecretEndTime: request.endsAt,
    }
    return { status: 200, json: { code: '00', msg: '成功', data: '', datas } }
  }

  return {
    credentials,
    endpoints: ({ byKeyPath = twoSecretPaths.byKeyPath, bySecretPath = twoSecretPaths.bySecretPath }) => ({
      [byKeyPath]: (request, faults) => check(request, faults, (fits) => (fits(credentials.appSecret) ? 'valid' : 'unknown')) ?? handOut(),
      [bySecretPath]: (request, faults) => check(request, faults, (fits) => refreshSecrets.find(fits, faults)) ?? handOut(),
    }),
    admit: (request, _options, faults) =>
      check(request, faults, (fits) => requestSecrets.find(fits, faults)) ?? { params: paramsOf(request) },
  }
}

function refuse(msg: string): Answer {
  return { status: 200, json: { code: '14', msg, data: '', datas: '' } }
}
