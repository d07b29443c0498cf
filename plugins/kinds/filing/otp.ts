import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { transact } from '../../../core/base/transact.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { lookup, type SourceRow } from '../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import type { OtpPolicy } from './policy.ts'
import type { Carried } from './precheck.ts'

/** Member of a filing's body that holds the code. */
export const CODE = 'verificationCode'
export const CODE_PATTERN = '^\\d{4,8}$'

/** Guesses at one code, seconds between two codes, and codes in a day. */
const TRIES = 5
const PAUSE_SECONDS = 60
const A_DAY = 10
const DAY_MS = 86_400_000

type Hub = Pick<FastifyInstance, 'database' | 'upstreams'>

/** One row of `filing_codes`; the code itself is known to the agency and the phone alone. */
interface CodeRow {
  id: string
  /** For which it may be used. */
  service: string
  sent_at: number | string
  expires_at: number | string
  tries: number
}

/** Has the agency send a code to the phone it has on file. Throws HUB_RATE_LIMITED, or an UpstreamError. */
export async function requestCode(hub: Hub, service: CompiledService, asker: Asker): Promise<{ sentTo: string | null; expiresAt: number }> {
  const policy = policyOf(service)
  const of = codesOf(service, asker)
  const at = Date.now()
  const pauseMs = (policy.pauseSeconds ?? PAUSE_SECONDS) * 1000
  const expiresAt = at + policy.validSeconds * 1000
  const id = randomUUID()
  // Written first: whoever asks again and again is stopped before it costs the agency a message.
  await transact(hub.database, async (transaction) => {
    await transaction('filing_codes')
      .where({ ...of, state: 'open' })
      .update({ state: 'void' })
    const sent = (await transaction('filing_codes')
      .where(of)
      .where('sent_at', '>', at - DAY_MS)
      .orderBy('sent_at', 'desc')) as CodeRow[]
    const wait = Math.max(0, Number(sent[0]?.sent_at ?? 0) + pauseMs - at)
    if (wait > 0) throw new HubError('HUB_RATE_LIMITED', { detail: '验证码刚刚发出，请稍候再获取。', retryAfter: Math.ceil(wait / 1000) })
    if (sent.length >= A_DAY)
      throw new HubError('HUB_RATE_LIMITED', { detail: '今天获取验证码的次数过多，请明天再试。', retryAfter: DAY_MS / 1000 })
    await transaction('filing_codes').insert({ id, ...of, service: service.key, sent_at: at, expires_at: expiresAt, state: 'open' })
  })
  try {
    const [row] = await callAgency(hub, service, asker, policy.sid, {})
    const sentTo = row && policy.phone !== undefined ? lookup(row, [policy.phone]) : undefined
    return { sentTo: typeof sentTo === 'string' ? sentTo : null, expiresAt }
  } catch (error) {
    await hub.database('filing_codes').where({ id }).update({ state: 'void' })
    throw error
  }
}

/** Has the agency compare a code with the one it sent. → its proof, which the filing carries. Throws HUB_CODE_WRONG. */
export async function verifyCode(hub: Hub, service: CompiledService, asker: Asker, code: string): Promise<Carried> {
  const policy = policyOf(service)
  const row = await takeTry(hub, service, asker)
  const answer = await callAgency(hub, service, asker, policy.verifySid, { [policy.code]: code }).catch((error: unknown) => {
    if (!(error instanceof UpstreamError && error.delivery === 'refused')) throw error
    return null
  })
  const proof = answer?.[0] && lookup(answer[0], [policy.proof])
  if (typeof proof !== 'string' || proof === '') {
    const left = TRIES - row.tries
    throw wrong(left > 0 ? `验证码不对，还可以再试 ${left} 次。` : '验证码连续输错，已经作废，请重新获取。')
  }
  const used = await hub.database('filing_codes').where({ id: row.id, state: 'open' }).update({ state: 'used' })
  if (used === 0) throw wrong('这个验证码已经用过，请重新获取。')
  return { [policy.proof]: proof }
}

/**
 * The agency knows one code of a person's under a service id: of services that share one, the next code ends that of another,
 * and they are counted together.
 */
function codesOf(service: CompiledService, { userId }: Asker) {
  return { user_id: userId, sent_for: `${service.system}/${policyOf(service).sid}` }
}

/** The user's open code, with this try counted before anybody is asked. */
async function takeTry({ database }: Hub, service: CompiledService, asker: Asker): Promise<CodeRow> {
  const of = codesOf(service, asker)
  const row = (await database('filing_codes').where(of).orderBy('sent_at', 'desc').first()) as (CodeRow & { state: string }) | undefined
  if (!row || row.state === 'void' || row.service !== service.key) throw wrong('请先获取验证码。')
  if (row.state === 'used') throw wrong('这个验证码已经用过，请重新获取。')
  if (Number(row.expires_at) <= Date.now()) throw wrong('验证码已过期，请重新获取。')
  const open = { id: row.id, state: 'open' }
  const taken = await database('filing_codes').where(open).where('tries', '<', TRIES).increment('tries', 1)
  if (taken === 0) throw wrong('验证码连续输错，已经作废，请重新获取。')
  return { ...row, tries: row.tries + 1 }
}

async function callAgency(
  { upstreams }: Pick<Hub, 'upstreams'>,
  service: CompiledService,
  asker: Asker,
  sid: string,
  more: Readonly<Record<string, unknown>>,
): Promise<readonly SourceRow[]> {
  const upstream = upstreams.get(service.system)
  if (!upstream) throw new Error(`no upstream for ${service.system}`)
  const own = service.outgoing({}, asker)
  const options = { deadline: performance.now() + service.contract.timeoutMs, retries: 0, cacheSeconds: 0 }
  const answer = await upstream.call({ ...own, sid, method: 'POST', params: { ...own.params, ...more } }, service.open, options)
  return answer.rows
}

function policyOf({ contract, key }: CompiledService): OtpPolicy {
  const policy = contract.submission?.otp
  if (!policy) throw new Error(`${key} takes no code`)
  return policy
}

function wrong(detail: string): HubError {
  return new HubError('HUB_CODE_WRONG', { detail })
}

export function checkOtp({ contract, report }: KindSubject): void {
  const { otp, statusSid, cancel, change } = contract.submission ?? {}
  if (!otp) return
  const at = '.submission.otp'
  const sids = [otp.sid, otp.verifySid, statusSid, cancel?.sid, change?.sid].filter((sid) => sid !== undefined)
  if (new Set(sids).size < sids.length) report('a service id stands for two things', at)
  if (otp.pauseSeconds !== undefined && !(otp.pauseSeconds >= 0 && otp.pauseSeconds <= 600))
    report('pauseSeconds must lie between 0 and 600', at)
  if (otp.validSeconds < 30 || otp.validSeconds > 1800) report('validSeconds must lie between 30 and 1800', at)
  if (contract.inputs[CODE]) report('the input name belongs to the hub', `.${CODE}`)
  if (['none', 'login'].includes(contract.identity)) report('a code is sent to somebody who is known by name', at)
}
