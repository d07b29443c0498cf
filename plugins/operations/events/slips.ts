import { randomBytes } from 'node:crypto'
import { isSameText } from '../../../core/base/hmac.ts'
import type { Vault } from '../../../core/base/vault.ts'

/** By what one installation of whoever agreed is told from another: nobody knows whose it is, and nobody else can make one. */
export interface Slips {
  /** `lastDay`: until when it is good, Beijing time; the same for all that are made on one day. */
  make(): { slip: string; lastDay: string }
  isGood(slip: string): boolean
}

const RANDOM_BYTES = 16
const DAY_BYTES = 4
const SIGN_BYTES = 16
const SLIP = /^[A-Za-z0-9_-]{48}$/
const DAY_MS = 86_400_000
const BEIJING_MS = 8 * 3_600_000
/** Days on which one is good, the first included: for so long one goes on being counted after consent was withdrawn. */
const GOOD_DAYS = 7

/** A random number and a day, signed with the hub's key for look-ups; of neither anything is kept. */
export function createSlips(vault: Pick<Vault, 'fingerprint'>, now: () => number = Date.now): Slips {
  const today = () => Math.floor((now() + BEIJING_MS) / DAY_MS)
  const signed = (body: Buffer) => {
    const signature = Buffer.from(vault.fingerprint(body.toString('hex'), 'statistics-slip'), 'hex').subarray(0, SIGN_BYTES)
    return Buffer.concat([body, signature]).toString('base64url')
  }
  return {
    make() {
      const lastDay = today() + GOOD_DAYS - 1
      const body = Buffer.concat([randomBytes(RANDOM_BYTES), Buffer.alloc(DAY_BYTES)])
      body.writeUInt32BE(lastDay, RANDOM_BYTES)
      return { slip: signed(body), lastDay: new Date(lastDay * DAY_MS).toISOString().slice(0, 10) }
    },
    isGood(slip) {
      if (!SLIP.test(slip)) return false
      const body = Buffer.from(slip, 'base64url').subarray(0, RANDOM_BYTES + DAY_BYTES)
      return isSameText(slip, signed(body)) && body.readUInt32BE(RANDOM_BYTES) >= today()
    },
  }
}
