import { timingSafeEqual } from 'node:crypto'
import type { Vault } from '../../../core/base/vault.ts'

const SEAT_BYTES = 16
const TIME_BYTES = 4
const SIGN_BYTES = 16
const CODE = /^[A-Za-z0-9_-]{48}$/

/** What an entry code opens: one seat, until then (epoch milliseconds). */
export interface EntryTicket {
  seat: string
  expiresAt: number
}

/** A ticket, signed with the hub's key for look-ups: 48 characters that say nothing of anybody, and that nobody else can make. */
export function writeEntryCode(vault: Pick<Vault, 'fingerprint'>, { seat, expiresAt }: EntryTicket): string {
  const body = Buffer.alloc(SEAT_BYTES + TIME_BYTES)
  body.write(seat.replaceAll('-', ''), 'hex')
  body.writeUInt32BE(Math.floor(expiresAt / 1000), SEAT_BYTES)
  return Buffer.concat([body, signatureOf(vault, body)]).toString('base64url')
}

/** → the ticket of a code that the hub has signed, ended or not; null for any other text. */
export function readEntryCode(vault: Pick<Vault, 'fingerprint'>, text: string): EntryTicket | null {
  if (!CODE.test(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  const body = bytes.subarray(0, SEAT_BYTES + TIME_BYTES)
  if (!timingSafeEqual(bytes.subarray(SEAT_BYTES + TIME_BYTES), signatureOf(vault, body))) return null
  const hex = body.toString('hex', 0, SEAT_BYTES)
  const seat = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { seat, expiresAt: body.readUInt32BE(SEAT_BYTES) * 1000 }
}

function signatureOf(vault: Pick<Vault, 'fingerprint'>, body: Buffer): Buffer {
  return Buffer.from(vault.fingerprint(body.toString('hex'), 'booking-entry'), 'hex').subarray(0, SIGN_BYTES)
}
