import { randomBytes } from 'node:crypto'
import { prefixOf } from '../upstream/address.ts'
import type { DialectDeclaration, Outgoing, RawReply, SignedRequest, Signer, SignerContext } from '../upstream/dialect.ts'
import { UpstreamError } from '../upstream/error.ts'
import { createDirectSigner, type DirectOptions } from './direct.ts'
import { decodeText, parseObject } from './exchange-reply.ts'
import { servicePath } from './exchange-request.ts'
import { type MemberName, type MessageForm, openMessage, sealMessage } from './sealed-message.ts'
import { DEFAULT_USER_ID } from './sm2.ts'
import { readSm2PrivateKey, readSm2PublicKey } from './sm2-keys.ts'

export interface Sm2Sm4Options extends Omit<DirectOptions, 'bodyFormat'>, Partial<Omit<MessageForm, 'names'>> {
  names?: Partial<Record<MemberName, string>>
  /** Unit of the timestamp. Default `ms`. */
  timeUnit?: 'ms' | 's'
  /** Whether answers are sealed, too. Default `sealed`; an answer in clear is then refused. */
  replies?: 'sealed' | 'plain'
  /** Whether a sealed answer repeats the nonce of its request; only then no older answer can stand in for it. Default true. */
  echoesNonce?: boolean
  /** How far a sealed answer's time may be from the hub's. Default 300. */
  maxSkewSeconds?: number
}

const NAMES: Record<MemberName, string> = {
  appId: 'appId',
  service: 'serviceId',
  timestamp: 'timestamp',
  nonce: 'nonce',
  key: 'encKey',
  iv: 'iv',
  data: 'encData',
  signature: 'sign',
}

/** The form of the messages under these options, with the defaults of standards §4.4. */
export function messageForm(options: Sm2Sm4Options): MessageForm {
  const { layout = 'C1C3C2', prefix = false, encoding = 'base64', signature = 'rs', userId = DEFAULT_USER_ID } = options
  const { iv = 'member', signs = 'ciphertext', names } = options
  return { layout, prefix, encoding, signature, userId, iv, signs, names: { ...NAMES, ...names } }
}

/** What a request was sealed with, out of sight of JSON and of header loops. */
const NONCE = Symbol('nonce')
type SealedRequest = SignedRequest & { [NONCE]?: string }

/**
 * A digital envelope of SM2 and SM4 (standards §4.4; GB/T 32918, GB/T 32907): calls and answers are encrypted
 * and signed, service, time and nonce included. Every call travels as a POST, so an agency tells filings
 * from status queries by the service alone (`statusSid`).
 *
 * @example
 * upstream: { dialect: sm2Sm4Envelope({ encoding: 'hex', layout: 'C1C2C3', signature: 'der' }), … }
 */
export function sm2Sm4Envelope(options: Sm2Sm4Options = {}): DialectDeclaration {
  return {
    name: 'sm2-sm4-envelope',
    options,
    credentials: {
      appId: { title: '应用编号', secret: false },
      privateKey: { title: '本平台 SM2 私钥', secret: true },
      agencyPublicKey: { title: '对方 SM2 公钥', secret: true },
    },
    createSigner: (context) => createSigner(options, context),
  }
}

function createSigner(options: Sm2Sm4Options, context: SignerContext): Signer {
  const { appId = '', privateKey = '', agencyPublicKey = '' } = context.credentials
  const { now = () => Date.now() } = context
  const { timeUnit = 'ms', replies = 'sealed', echoesNonce = true, maxSkewSeconds = 300 } = options
  const form = messageForm(options)
  const pathOf = servicePath(prefixOf(context.baseUrl), options.path ?? '/{path}')
  const own = readSm2PrivateKey(privateKey)
  const agency = readSm2PublicKey(agencyPublicKey)
  const unitMs = timeUnit === 's' ? 1000 : 1

  function sign(outgoing: Outgoing): SealedRequest {
    const nonce = randomBytes(16).toString('hex')
    const head = { appId, service: outgoing.sid, timestamp: String(Math.floor(now() / unitMs)), nonce }
    const message = sealMessage(Buffer.from(JSON.stringify(outgoing.params)), head, own, agency, form)
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const request: SealedRequest = { method: 'POST', path: pathOf(outgoing), headers, body: JSON.stringify(message) }
    request[NONCE] = nonce
    return request
  }

  function open(reply: RawReply, request: SealedRequest): RawReply {
    // What exactly is wrong with it would help nobody but a forger.
    const invalid = () => new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: reply.status })
    const message = parseObject(decodeText(reply))
    if (message === null) throw invalid()
    try {
      const body = openMessage(message, own, agency, form)
      const skewMs = Math.abs(Date.now() - Number(message[form.names.timestamp]) * unitMs)
      if (!(skewMs <= maxSkewSeconds * 1000)) throw invalid()
      if (echoesNonce && message[form.names.nonce] !== request[NONCE]) throw invalid()
      return { ...reply, body }
    } catch {
      throw invalid()
    }
  }

  const signer = createDirectSigner(context, options, 'fresh', sign)
  return replies === 'plain' ? signer : { ...signer, open }
}
