import type { KeyObject } from 'node:crypto'
import { HubError } from '../../../core/base/errors.ts'
import type { Notice } from '../channel.ts'
import { isOwnNotice } from './signature.ts'

/** Verifies a notice, a form, on the values that came. Throws HUB_NOTICE_INVALID. */
export function readNotice(key: KeyObject, applicationId: string, body: Buffer): Notice {
  const form = new URLSearchParams(body.toString('utf8'))
  const pairs = Object.fromEntries(form)
  const { notify_id: id, out_trade_no: orderNumber, app_id: application } = pairs
  // A name that comes twice has one value here and another in what was signed.
  const isPlain = Object.keys(pairs).length === [...form.keys()].length
  if (!isPlain || !id || !orderNumber || application !== applicationId || !isOwnNotice(key, pairs)) throw new HubError('HUB_NOTICE_INVALID')
  return { id, orderNumber }
}
