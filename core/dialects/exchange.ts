import { prefixOf } from '../upstream/address.ts'
import type { DialectDeclaration, Outgoing, Signer, SignerContext } from '../upstream/dialect.ts'
import { createSecretStore, type FreshSecret } from '../upstream/secret-store.ts'
import { ask, reach } from './ask.ts'
import { defaultForm, type SignatureForm, signature } from './exchange-crypto.ts'
import { readRefresh } from './exchange-refresh.ts'
import { defaultRefusal, isRefusal, type RefusalForm } from './exchange-reply.ts'
import { type Carrier, layOut, servicePath } from './exchange-request.ts'
import { createHeldSecret } from './held-secret.ts'

export interface ExchangeOptions {
  /** Replaces the prefix of the settings: `gjgxjhpt`, `gjzwfwpt` … */
  headerPrefix?: string
  /** `daily`: short-lived secrets, obtained with the app key; `static`: the app key itself signs. Default `daily`. */
  secret?: 'daily' | 'static'
  /** What the signature covers and how it is written. Default: Base64(HMAC-SHA256(sid + rid + rtime)). */
  signature?: Partial<SignatureForm>
  /** Unit of the request time. Default `ms`. */
  timeUnit?: 'ms' | 's'
  /** Where the four values travel; several at once where the service wants them repeated. Default headers only. */
  carriers?: readonly Carrier[]
  /** How the parameters of a POST are written. Default `json`. */
  bodyFormat?: 'json' | 'form'
  /**
   * Path behind the base address under which all services answer; `''` for the base address itself. Default
   * `/httpproxy`. With `{path}` each service answers at its own (`upstream.path`): 数据直达 (standards §1.2)
   * is `/sysapi/{path}`.
   */
  proxyPath?: string
  /** Default `/sysapi/auth/refreshappsecret`. */
  refreshPath?: string
  /** Result codes of a refresh that mean success, as text. Default `0`, `200`. */
  refreshSuccess?: readonly string[]
  /** How the platform refuses a signature, a secret or a time. */
  refusal?: Partial<RefusalForm>
}

/**
 * 政务数据共享交换平台 and its relatives: a request is signed with an HMAC over service id, requester
 * id and time, with a secret that the platform renews daily and wraps in AES (standards §1.1, §1.5).
 *
 * @example
 * upstream: { dialect: exchange({ headerPrefix: 'gjzwfwpt', timeUnit: 's' }), … }
 */
export function exchange(options: ExchangeOptions = {}): DialectDeclaration {
  return {
    name: 'exchange',
    options,
    placesPath: options.proxyPath?.includes('{path}') ?? false,
    credentials: {
      requesterId: { title: '请求方编号（rid）', secret: false, setting: 'EXCHANGE_REQUESTER_ID' },
      appKey: { title: '应用密钥（appkey）', secret: true, setting: 'EXCHANGE_APP_KEY' },
      headerPrefix: { title: '请求头前缀', secret: false, setting: 'EXCHANGE_HEADER_PREFIX' },
    },
    baseUrlSetting: 'EXCHANGE_BASE_URL',
    createSigner: (context) => createSigner(options, context),
  }
}

function createSigner(options: ExchangeOptions, context: SignerContext): Signer {
  const { requesterId: rid = '', appKey = '', headerPrefix = 'gjgxjhpt' } = context.credentials
  const { secret = 'daily', timeUnit = 'ms', refreshSuccess = ['0', '200'] } = options
  const base = prefixOf(context.baseUrl)
  const pathOf = servicePath(base, options.proxyPath ?? '/httpproxy')
  const refreshPath = `${base}${options.refreshPath ?? '/sysapi/auth/refreshappsecret'}`
  const signatureForm = { ...defaultForm, ...options.signature }
  const refusal = { ...defaultRefusal, ...options.refusal }
  const { carriers = ['header'], bodyFormat = 'json' } = options
  const prefix = options.headerPrefix ?? headerPrefix
  const names = { rid: `${prefix}_rid`, sid: `${prefix}_sid`, rtime: `${prefix}_rtime`, sign: `${prefix}_sign` }

  function fourValues(sid: string, key: string, now: number): Record<string, string> {
    const rtime = String(timeUnit === 's' ? Math.floor(now / 1000) : now)
    const sign = signature({ sid, rid, rtime }, key, signatureForm)
    return { [names.rid]: rid, [names.sid]: sid, [names.rtime]: rtime, [names.sign]: sign }
  }

  const { now = () => Date.now() } = context
  const signWith = (key: string, outgoing: Outgoing) =>
    layOut({ path: pathOf(outgoing), carriers, bodyFormat }, outgoing, fourValues(outgoing.sid, key, now()))

  if (secret === 'static') {
    return {
      sign: (outgoing) => signWith(appKey, outgoing),
      // A fresh time may help; a 401 goes on as the answer that it is.
      refused: (reply) => reply.status < 300 && isRefusal(reply, refusal),
      renew: async () => {},
      probe: (sid) => reach(context, pathOf({ sid })),
    }
  }

  const store = createSecretStore(context)
  const ids = new Map<string, string>()

  function idOf(sid: string): string {
    let id = ids.get(sid)
    if (id === undefined) {
      id = store.idOf(context.baseUrl, rid, sid, appKey)
      ids.set(sid, id)
    }
    return id
  }

  async function fetchFresh(sid: string): Promise<FreshSecret> {
    const body = JSON.stringify(fourValues(sid, appKey, Date.now()))
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const reply = await ask(context, { method: 'POST', path: refreshPath, headers, body })
    return readRefresh(reply, appKey, refreshSuccess, Date.now())
  }

  return {
    refused: (reply) => isRefusal(reply, refusal),
    ...createHeldSecret({ store, idOf, fetchFresh, signWith, reach: () => reach(context, refreshPath) }),
  }
}
