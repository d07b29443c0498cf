import { type BgHmacOptions, bgForm } from '../../../core/dialects/bg-hmac.ts'
import { createSignedStringSimulator } from './signed-string.ts'
import { type Simulator, unauthorized } from './simulator.ts'

export function createBgHmacSimulator(): Simulator<BgHmacOptions> {
  const signature = unauthorized('Invalid signature')
  return createSignedStringSimulator(bgForm, {
    keyId: unauthorized('Invalid access key'),
    time: unauthorized('Clock skew exceeded'),
    signature,
    // Its requests carry none.
    nonce: signature,
  })
}
