import { createDecipheriv, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { HubError } from '../../../core/base/errors.ts'
import type { Notice } from '../channel.ts'
import { mistrust } from './signature.ts'

interface Envelope {
  id?: unknown
  resource?: { algorithm?: unknown; ciphertext?: unknown; associated_data?: unknown; nonce?: unknown }
}

const TAG_BYTES = 16

/**
 * Verifies a notice on its bytes and opens what is sealed in it. What decrypts but was not signed is refused before it is opened:
 * the APIv3 key only hides, it proves nothing. Throws HUB_NOTICE_INVALID.
 */
export function readNotice(
  { keys, apiV3Key }: { keys: ReadonlyMap<string, KeyObject>; apiV3Key: string },
  headers: IncomingHttpHeaders,
  body: Buffer,
  now = Date.now(),
): Notice {
  if (mistrust(keys, headers, body, now) !== null) throw new HubError('HUB_NOTICE_INVALID')
  try {
    const { id, resource } = JSON.parse(body.toString('utf8')) as Envelope
    if (resource?.algorithm !== 'AEAD_AES_256_GCM') throw new Error('sealed in another way')
    const opened = openResource(apiV3Key, String(resource.ciphertext), String(resource.nonce), String(resource.associated_data ?? ''))
    const { out_trade_no } = JSON.parse(opened) as { out_trade_no?: unknown }
    if (typeof id !== 'string' || typeof out_trade_no !== 'string') throw new Error('no order')
    return { id, orderNumber: out_trade_no }
  } catch (error) {
    throw new HubError('HUB_NOTICE_INVALID', {}, error)
  }
}

/** AEAD_AES_256_GCM, the tag at the end of the text (vector: standards §5.1). Throws where it was altered. */
export function openResource(apiV3Key: string, ciphertext: string, nonce: string, associatedData: string): string {
  const bytes = Buffer.from(ciphertext, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(associatedData))
    .setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES)), decipher.final()]).toString('utf8')
}
