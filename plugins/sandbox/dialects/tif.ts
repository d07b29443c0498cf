import { type TifOptions, tifForm } from '../../../core/dialects/tif.ts'
import { createSignedStringSimulator } from './signed-string.ts'
import { type Simulator, unauthorized } from './simulator.ts'

export function createTifSimulator(): Simulator<TifOptions> {
  return createSignedStringSimulator(tifForm, {
    keyId: unauthorized('unknown paasid'),
    time: unauthorized('timestamp expired'),
    signature: unauthorized('invalid signature'),
    nonce: unauthorized('nonce has been used'),
  })
}
