import { createHash } from 'node:crypto'
import { HubError } from '../base/errors.ts'
import { prefixOf } from '../upstream/address.ts'
import type { DialectDeclaration, Outgoing, Signer, SignerContext } from '../upstream/dialect.ts'
import { createSecretStore, type FreshSecret } from '../upstream/secret-store.ts'
import { ask, assertHandedOut, reach } from './ask.ts'
import { type DirectOptions, directLayout } from './direct.ts'
import { parseEndTime } from './exchange-refresh.ts'
import { decodeText, defaultRefusal, isRefusal, parseObject, readKey } from './exchange-reply.ts'
import { type Carrier, layOut } from './exchange-request.ts'
import { createHeldSecret } from './held-secret.ts'

export interface TwoSecretOptions extends DirectOptions {
  /** Where the three values travel; with GET, `body` means the query string. Default `body`. */
  carriers?: readonly Carrier[]
  /** Path of the refresh with the app secret. Default `/gateway/app/refreshTokenByKey.htm`. */
  byKeyPath?: string
  /** Path of the refresh with the refresh secret. Default `/gateway/app/refreshTokenBySec.htm`. */
  bySecretPath?: string
  /** Method of both. Default POST. */
  refreshMethod?: 'GET' | 'POST'
  /** Result codes of a refresh that mean success, as text. Default `00`. */
  refreshSuccess?: readonly string[]
}

export const twoSecretPaths = { byKeyPath: '/gateway/app/refreshTokenByKey.htm', bySecretPath: '/gateway/app/refreshTokenBySec.htm' }

/**
 * The two-stage secrets of Zhejiang's public data platform (standards §1.4): the app secret buys a refresh
 * secret (48 h), that one a request secret (15 min), and the request secret signs calls. Both are shared by
 * all processes of the hub.
 *
 * @example
 * upstream: { dialect: twoSecret({ path: '/gateway/api/001003/dataSharing/{path}.htm' }), … }
 */
export function twoSecret(options: TwoSecretOptions = {}): DialectDeclaration {
  return {
    name: 'two-secret',
    options,
    credentials: { appKey: { title: '应用编号（appKey）', secret: true }, appSecret: { title: '应用密钥（appSecret）', secret: true } },
    createSigner: (context) => createSigner(options, context),
  }
}

/** → MD5 over app key, secret and request time (epoch milliseconds), lower-case hexadecimal (vector: standards §1.9). */
export function twoSecretSign(appKey: string, secret: string, requestTime: string): string {
  return createHash('md5')
    .update(appKey + secret + requestTime)
    .digest('hex')
}

interface Pair {
  refresh: FreshSecret
  request: FreshSecret
}

function createSigner(options: TwoSecretOptions, context: SignerContext): Signer {
  const { appKey = '', appSecret = '' } = context.credentials
  const { now = () => Date.now() } = context
  const { carriers = ['body'], refreshMethod = 'POST', refreshSuccess = ['00'] } = options
  const refusal = { ...defaultRefusal, ...options.refusal }
  const base = prefixOf(context.baseUrl)
  const byKeyPath = base + (options.byKeyPath ?? twoSecretPaths.byKeyPath)
  const bySecretPath = base + (options.bySecretPath ?? twoSecretPaths.bySecretPath)
  const lay = directLayout(context, { bodyFormat: 'form', ...options }, carriers)
  const store = createSecretStore(context)
  const refreshId = store.idOf(context.baseUrl, 'two-secret/refresh', appKey, appSecret)
  const requestId = store.idOf(context.baseUrl, 'two-secret/request', appKey, appSecret)

  function threeValues(secret: string, now: number): Record<string, string> {
    const requestTime = String(now)
    return { appKey, sign: twoSecretSign(appKey, secret, requestTime), requestTime }
  }

  async function fetchPair(path: string, secret: string): Promise<Pair> {
    const outgoing: Outgoing = { sid: '', method: refreshMethod, params: {} }
    const request = layOut({ path, carriers: ['body'], bodyFormat: 'form' }, outgoing, threeValues(secret, Date.now()))
    const reply = await ask(context, request)
    assertHandedOut(reply)
    return readPair(parseObject(decodeText(reply)), refreshSuccess, Date.now())
  }

  /** A request secret, bought with the refresh secret or, where there is none that serves, with the app secret. */
  async function fetchRequestSecret(): Promise<FreshSecret> {
    const bought: { first?: Pair } = {}
    const held = await store.obtain(refreshId, async () => {
      bought.first = await fetchPair(byKeyPath, appSecret)
      return bought.first.refresh
    })
    if (bought.first) return bought.first.request
    const next = await fetchPair(bySecretPath, held.value).catch((error: unknown) => {
      // A refresh secret that ended early is no failure while the app secret is good.
      if ((error as { code?: unknown }).code !== 'HUB_UPSTREAM_CREDENTIAL') throw error
      return fetchPair(byKeyPath, appSecret)
    })
    if (next.refresh.secret !== held.value) {
      store.forget(refreshId, held.version)
      await store.obtain(refreshId, async () => next.refresh)
    }
    return next.request
  }

  return {
    refused: (reply) => isRefusal(reply, refusal),
    ...createHeldSecret({
      store,
      idOf: () => requestId,
      fetchFresh: fetchRequestSecret,
      signWith: (secret, outgoing) => lay(outgoing, threeValues(secret, now())),
      reach: () => reach(context, byKeyPath),
    }),
  }
}

/** Reads `{ code, msg, datas: { refreshSecret, refreshSecretEndTime, requestSecret, requestSecretEndTime } }`; nothing of it gets into an error. */
function readPair(answer: Record<string, unknown> | null, success: readonly string[], now: number): Pair {
  if (answer === null) throw new HubError('HUB_UPSTREAM_INVALID')
  const given = readKey(answer, ['datas'])
  const holder = typeof given === 'string' ? parseObject(given) : given
  if (!success.includes(String(readKey(answer, ['code']))) || typeof holder !== 'object' || holder === null) {
    throw new HubError('HUB_UPSTREAM_CREDENTIAL')
  }
  const read = (name: string): FreshSecret => {
    const secret = readKey(holder as Record<string, unknown>, [`${name}secret`])
    if (typeof secret !== 'string' || secret === '') throw new HubError('HUB_UPSTREAM_CREDENTIAL')
    return { secret, expiresAt: parseEndTime(readKey(holder as Record<string, unknown>, [`${name}secretendtime`]), now) }
  }
  return { refresh: read('refresh'), request: read('request') }
}
