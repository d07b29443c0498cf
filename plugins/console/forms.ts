import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../core/base/errors.ts'
import { isSameText } from '../../core/base/hmac.ts'
import { isDuplicate } from '../../core/base/transact.ts'

/** As long as a session at most: no form is sent after it. */
const GOOD_MS = 8 * 3_600_000

/** What each form carries: a number that counts once, and a seal that ties it to the session and to where it goes. */
export interface FormTicket {
  number: string
  seal: string
}

function sealOf({ vault }: FastifyInstance, key: string, action: string, number: string): string {
  return vault.fingerprint(JSON.stringify([key, action, number]), 'console.form')
}

/** `key`: what the session is known by; `action`: the path that the form is sent to. */
export function issueTicket(app: FastifyInstance, key: string, action: string): FormTicket {
  const number = `${(Date.now() + GOOD_MS).toString(36)}.${randomBytes(18).toString('base64url')}`
  return { number, seal: sealOf(app, key, action, number) }
}

/** Throws HUB_VALIDATION for a form that this session was not shown for this path. */
export function assertTicket(app: FastifyInstance, key: string, action: string, { number, seal }: FormTicket): void {
  if (isSameText(seal, sealOf(app, key, action, number)) && Number.parseInt(number, 36) > Date.now()) return
  throw new HubError('HUB_VALIDATION', { detail: '这个页面已经过期，请返回后重新打开再提交。' })
}

/** → false for a number that has been used, in whatever process. */
export async function useTicket({ database, vault }: FastifyInstance, { number }: FormTicket): Promise<boolean> {
  await database('console_forms').where('expires_at', '<=', Date.now()).delete()
  const row = { number_hash: vault.fingerprint(number, 'console.form'), expires_at: Date.now() + GOOD_MS }
  try {
    await database('console_forms').insert(row)
    return true
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
}
