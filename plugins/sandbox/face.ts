import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { normalIdNumber } from '../../core/base/checksums.ts'
import { escapeHtml, page } from '../web/page.ts'
import type { Active } from './faults.ts'
import { people } from './people.ts'
import { type Platform, type PlatformAnswer, type PlatformCall, readObject, refusal } from './platform.ts'

export const FACE_APP_ID = 'sandbox-hub'
export const FACE_ISSUER = 'urn:xuchang-hub:sandbox-face'

export interface FaceSimulator extends Platform {
  readonly appSecret: string
}

interface Verification {
  state: 'pending' | 'passed' | 'failed'
  subject: string
  nonce: string
  /** Masked, for the page. */
  name: string
  expiresAt: number
  assertion: string | null
}

const PREFIX = '/face'
const LIFE_MS = 10 * 60_000
const ASSERTION_LIFE_SECONDS = 1800
const KEY_ID = 'sandbox-face'

/** A face verification provider whose camera is a button. */
export function createFaceSimulator(origin: () => string): FaceSimulator {
  const appSecret = randomBytes(24).toString('base64url')
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const verifications = new Map<string, Verification>()

  function start({ body }: PlatformCall): PlatformAnswer {
    const { name, idNumber, subject, nonce } = readObject(body)
    if (!people.some((person) => person.name === name && person.number === normalIdNumber(String(idNumber))))
      return failure('没有这个人的相片')
    const id = randomUUID()
    const expiresAt = Date.now() + LIFE_MS
    const shown = `${String(name).slice(0, 1)}**`
    const state = 'pending' as const
    verifications.set(id, { state, subject: String(subject), nonce: String(nonce), name: shown, expiresAt, assertion: null })
    return success({ verificationId: id, url: `${origin()}${PREFIX}/verify?id=${id}`, expiresAt })
  }

  function result({ body }: PlatformCall): PlatformAnswer {
    const found = verifications.get(String(readObject(body)['verificationId']))
    if (!found) return failure('没有这次核验')
    const state = found.state === 'pending' && found.expiresAt < Date.now() ? 'failed' : found.state
    return success({ state, ...(found.assertion === null ? {} : { assertion: found.assertion }) })
  }

  function show({ query }: PlatformCall): PlatformAnswer {
    const id = query.get('id') ?? ''
    const found = verifications.get(id)
    if (!found) return notice('没有这次核验。')
    if (found.state !== 'pending') return notice('这次核验已经完成，请回到应用。')
    const button = (decision: string, text: string, style: string) => `<button name="decision" value="${decision}"${style}>${text}</button>`
    const choices = button('yes', '确认是本人', '') + button('no', '不是本人', ' class="second"')
    const form = `<form method="post"><input type="hidden" name="id" value="${escapeHtml(id)}">${choices}</form>`
    return { status: 200, html: page('沙箱人脸核验', `<p>正在核验：${escapeHtml(found.name)}。沙箱没有摄像头，请直接确认。</p>${form}`) }
  }

  async function decide({ body }: PlatformCall): Promise<PlatformAnswer> {
    const form = new URLSearchParams(body)
    const id = form.get('id') ?? ''
    const found = verifications.get(id)
    if (found?.state !== 'pending' || found.expiresAt < Date.now()) return notice('这次核验已经完成或已超时，请回到应用。')
    found.state = form.get('decision') === 'yes' ? 'passed' : 'failed'
    if (found.state === 'passed') found.assertion = await assertion(id, found)
    return notice(found.state === 'passed' ? '核验通过，请回到应用。' : '核验没有通过，请回到应用。')
  }

  function assertion(id: string, { subject, nonce }: Verification): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: FACE_ISSUER, aud: FACE_APP_ID, sub: subject, jti: id, nonce, iat: now, exp: now + ASSERTION_LIFE_SECONDS }
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: KEY_ID, typ: 'face-assertion+jwt' }).sign(privateKey)
  }

  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' }] }
  const signed = (work: (call: PlatformCall) => PlatformAnswer) => (call: PlatformCall, faults: Active) =>
    refusal(call, { appId: FACE_APP_ID, appSecret }, faults) ?? work(call)
  const routes: Readonly<Record<string, (call: PlatformCall, faults: Active) => PlatformAnswer | Promise<PlatformAnswer>>> = {
    [`POST ${PREFIX}/start`]: signed(start),
    [`POST ${PREFIX}/result`]: signed(result),
    [`GET ${PREFIX}/jwks.json`]: () => ({ status: 200, json: keys }),
    [`GET ${PREFIX}/verify`]: show,
    [`POST ${PREFIX}/verify`]: decide,
  }

  return {
    name: 'face',
    prefix: PREFIX,
    api: new Set([`${PREFIX}/start`, `${PREFIX}/result`, `${PREFIX}/jwks.json`]),
    appSecret,
    answer: (call, faults) => routes[`${call.method} ${call.path}`]?.(call, faults) ?? notice('没有这个页面。'),
  }
}

const success = (data: object): PlatformAnswer => ({ status: 200, json: { success: true, data } })
const failure = (errorMsg: string): PlatformAnswer => ({ status: 200, json: { success: false, errorCode: '-1', errorMsg } })
const notice = (text: string): PlatformAnswer => ({ status: 200, html: page('沙箱人脸核验', `<p>${escapeHtml(text)}</p>`) })
