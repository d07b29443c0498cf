import { type KeyObject, X509Certificate } from 'node:crypto'
import type { WechatMerchant } from '../../../config/payments.ts'
import { readPublicKey } from '../rsa.ts'

const END = '-----END CERTIFICATE-----'

/**
 * The keys with which WeChat Pay signs, by the serial it names: its platform certificates, of which old and new stand side by
 * side for a while, and the 微信支付公钥, whose id begins `PUB_KEY_ID_`. A merchant has one of the two, or both while changing over.
 */
export function platformKeys({
  certificates,
  publicKeyId,
  publicKey,
}: Pick<WechatMerchant, 'certificates' | 'publicKeyId' | 'publicKey'>): Map<string, KeyObject> {
  const keys = new Map<string, KeyObject>()
  for (const pem of (certificates ?? '').split(END).filter((text) => text.trim() !== '')) {
    const { serialNumber, publicKey: key } = new X509Certificate(pem + END)
    keys.set(serialNumber.toUpperCase(), key)
  }
  if (publicKeyId && publicKey) keys.set(publicKeyId.toUpperCase(), readPublicKey(publicKey))
  if (keys.size === 0) throw new Error('WeChat Pay: neither platform certificates nor a public key with its id')
  return keys
}
