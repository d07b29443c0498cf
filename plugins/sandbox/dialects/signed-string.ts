import { randomBytes } from 'node:crypto'
import { sm2 } from 'sm-crypto-v2'
import { credentialsOf, keyIdOf, keyOf, type SigningForm, timeOf } from '../../../core/dialects/signing-form.ts'
import { readSignedValues, signedText } from '../../../core/dialects/signing-reading.ts'
import { createDigest } from '../../../core/dialects/signing-string.ts'
import { readTime } from '../../../core/dialects/signing-values.ts'
import { parseBody } from '../body.ts'
import type { Active } from '../faults.ts'
import { createReplayGuard } from './replay-guard.ts'
import { type Admitted, type Answer, isDistrustful, isInTime, paramsOf, type Received, type Simulator } from './simulator.ts'

/** What a request may be turned away for, and what the agency says to each. */
export type Refusals = Readonly<Record<'keyId' | 'time' | 'signature' | 'nonce', Answer>>

/** In the way that the form declares: with a result code of its `refusal`, otherwise with a status. */
function refusalsOf({ refusal = {} }: SigningForm): Refusals {
  const [code] = refusal.codes ?? []
  const say = (message: string): Answer => ({
    status: code === undefined ? (refusal.statuses?.[0] ?? 401) : 200,
    json: { code: code ?? '401', message },
  })
  return {
    keyId: say('签名错误：应用编号无效'),
    time: say('请求时间超出允许范围'),
    signature: say('签名验证失败'),
    nonce: say('随机数重复'),
  }
}

/**
 * An agency that verifies what a signing form declares: who asks, the time, the body's hash, the signature, and that a
 * nonce is new. Forms of one simulator (by its dialect's options) share an account.
 */
export function createSignedStringSimulator<O extends object>(formOf: (options: O) => SigningForm, refusals?: Refusals): Simulator<O> {
  const usual = formOf({} as O)
  const credentials = inventCredentials(usual)
  const isNew = createReplayGuard(timeOf(usual).skewSeconds * 1000)

  function admit(request: Received, options: O, faults: Active): Admitted | Answer {
    const form = formOf(options)
    const answers = refusals ?? refusalsOf(form)
    const values = readValues(form, request)
    if (!values) return answers.signature
    const { format, skewSeconds } = timeOf(form)
    const own: Record<string, string> = {
      ...credentials,
      keyId: credentials[keyIdOf(form).name] ?? '',
      key: credentials[keyOf(form).name] ?? '',
    }
    if (values['keyId'] !== undefined && values['keyId'] !== own['keyId']) return answers.keyId
    if (values['time'] !== undefined && !isInTime(readTime(values['time'], format), skewSeconds * 1000, faults)) return answers.time
    const text = signedText(form, request, values, own)
    const isGenuine = text !== null && createDigest(form, own['key'] ?? '').fits(text, values['signature'] ?? '')
    if (!isGenuine || isDistrustful(faults)) return answers.signature
    if (values['nonce'] !== undefined && !isNew(values['nonce'])) return answers.nonce
    return { params: paramsOf(request) }
  }

  return {
    credentials,
    admit,
    serviceOf: (request, options) => readValues(formOf(options), request)?.['service'],
  }
}

function readValues(form: SigningForm, request: Received): Record<string, string> | null {
  return readSignedValues(form, request, parseBody(request.body, String(request.headers['content-type'] ?? '')))
}

export function inventCredentials(form: SigningForm): Record<string, string> {
  const names = Object.entries(credentialsOf(form)).map(([name, { secret }]) => [
    name,
    secret ? randomBytes(16).toString('hex') : `sandbox-${name}`,
  ])
  const isPair = 'sm2' in form.digest
  return { ...Object.fromEntries(names), ...(isPair ? { [keyOf(form).name]: sm2.generateKeyPairHex().privateKey } : {}) }
}
