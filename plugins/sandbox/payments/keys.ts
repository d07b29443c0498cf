import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { readOrCreate } from '../../../config/key-file.ts'

/** Both sides' keys at one channel, PEM. */
export interface PaymentKeys {
  merchant: { privateKey: string; publicKey: string }
  channel: { privateKey: string; publicKey: string }
}

/** Made when they are first needed, since that takes its time; they outlive restarts and are the same for all processes of a folder. */
export function paymentKeys(dataDir: string, channel: string): PaymentKeys {
  const text = readOrCreate(join(dataDir, `sandbox-${channel}.json`), () => JSON.stringify({ merchant: pair(), channel: pair() }))
  return JSON.parse(text) as PaymentKeys
}

function pair(): PaymentKeys['merchant'] {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}
