import { createHash } from 'node:crypto'
import { basicAuthorization } from '../core/dialects/basic.ts'
import { bgForm } from '../core/dialects/bg-hmac.ts'
import { sealSecret, signature } from '../core/dialects/exchange-crypto.ts'
import { hmacNonceForm } from '../core/dialects/hmac-nonce.ts'
import { clientAuthorization } from '../core/dialects/oauth2-client-credentials.ts'
import type { SigningForm } from '../core/dialects/signing-form.ts'
import { createDigest, hashBody, type SignedWire, stringToSign } from '../core/dialects/signing-string.ts'
import { fillTemplates, writeTime } from '../core/dialects/signing-values.ts'
import { tifForm } from '../core/dialects/tif.ts'
import { twoSecretSign } from '../core/dialects/two-secret.ts'

/** One worked example of a dialect, for the other side to reproduce; every value is invented. */
export interface Vector {
  readonly dialect: string
  readonly title: string
  /** How the signature comes about, in words. */
  readonly how: string
  readonly inputs: Readonly<Record<string, string>>
  readonly stringToSign: string
  readonly signature: string
  /** What travels: headers, parameters or a message. */
  readonly travels: Readonly<Record<string, string>>
}

/** 2023-11-14 22:13:20 UTC. */
const AT = 1_700_000_000_000
const NONCE = '00112233445566778899aabbccddeeff'
const BODY = '{"xm":"贾明","zjhm":"41100219900101000X"}'
const SECRET = 'demoSecret'

/** The form that docs/dialects.md declares as its example. */
const DECLARED: SigningForm = {
  parts: ['method', 'path', 'time', 'nonce', 'bodyHash'],
  digest: { hmac: 'sha256' },
  encoding: 'hex',
  time: { format: 's', skewSeconds: 300 },
  nonce: { hexBytes: 16 },
  bodyHash: { hash: 'sha256', encoding: 'hex' },
  place: {
    headers: { 'X-Time': '{time}', 'X-Nonce': '{nonce}', Authorization: 'HMAC-SHA256 appId={keyId}, signature={signature}' },
  },
}

export function agencyVectors(): Vector[] {
  return [...exchangeVectors(), twoSecretVector(), ...formVectors(), sealedVector(), ticketVector(), ...bearerVectors()]
}

function exchangeVectors(): Vector[] {
  const parts = { sid: 's_1700000000000_0001', rid: 'demoRequester', rtime: String(AT) }
  const [appKey, secret] = ['demoAppKey', 'demoDailySecret']
  const common = { 'service id (sid)': parts.sid, 'requester id (rid)': parts.rid, 'time (rtime, ms)': parts.rtime, secret }
  const text = parts.sid + parts.rid + parts.rtime
  const travels = (sign: string) => ({ gjgxjhpt_rid: parts.rid, gjgxjhpt_sid: parts.sid, gjgxjhpt_rtime: parts.rtime, gjgxjhpt_sign: sign })
  const [plain, sm3] = (['sha256', 'sm3'] as const).map((algorithm) =>
    signature(parts, secret, { order: ['sid', 'rid', 'rtime'], digest: 'base64', algorithm }),
  ) as [string, string]
  return [
    {
      dialect: 'exchange',
      title: 'exchange：用当日密钥签名的调用',
      how: 'Base64(HMAC-SHA256(secret, sid + rid + rtime))，没有分隔符，都按 UTF-8',
      ...{ inputs: common, stringToSign: text, signature: plain, travels: travels(plain) },
    },
    {
      dialect: 'exchange',
      title: 'exchange：国密（SM3）',
      how: 'Base64(HMAC-SM3(secret, sid + rid + rtime))',
      ...{ inputs: common, stringToSign: text, signature: sm3, travels: travels(sm3) },
    },
    {
      dialect: 'exchange',
      title: 'exchange：下发的当日密钥怎样加密',
      how: 'Base64(AES-128-ECB-PKCS5(key, secret))，key = SHA1(SHA1(appKey)) 的前 16 字节（即 Java 以 appKey 为种子的 SHA1PRNG）',
      inputs: { appKey, secret },
      stringToSign: secret,
      signature: sealSecret(secret, appKey),
      travels: { 'data.secret': sealSecret(secret, appKey) },
    },
  ]
}

function twoSecretVector(): Vector {
  const [appKey, time] = ['demoKey', String(AT)]
  const sign = twoSecretSign(appKey, SECRET, time)
  return {
    dialect: 'two-secret',
    title: 'two-secret：用请求密钥签名的调用',
    how: 'hex(MD5(appKey + 请求密钥 + requestTime))，小写',
    inputs: { appKey, requestSecret: SECRET, requestTime: time },
    stringToSign: appKey + SECRET + time,
    signature: sign,
    travels: { appKey, sign, requestTime: time },
  }
}

function formVectors(): Vector[] {
  const get = { method: 'GET', path: '/restapi/prod/demo.account', query: 'zjhm=41100219900101000X&xm=%E8%B4%BE%E6%98%8E', body: '' }
  const post = { method: 'POST', path: '/demo.account', query: '', body: BODY }
  return [
    formVector('bg-hmac', 'bg-hmac：查询串排序后签名', bgForm(), 'demoAK', get),
    formVector('tif', 'tif', tifForm(), 'demoPaas', post),
    formVector('hmac-nonce', 'hmac-nonce', hmacNonceForm(), 'demoClient', post),
    formVector('hmac-nonce', 'hmac-nonce：国密（SM3），十六进制', hmacNonceForm({ algorithm: 'sm3', digest: 'hex' }), 'demoClient', post),
    formVector(
      'signed-string',
      'signed-string：[dialects.md](dialects.md#a-signature-of-an-agencys-own) 里声明的一种',
      DECLARED,
      'demoApp',
      post,
    ),
  ]
}

type Call = Pick<SignedWire, 'method' | 'path' | 'query' | 'body'>

/** As the hub signs, with a time and a nonce that stand still. */
function formVector(dialect: string, title: string, form: SigningForm, keyId: string, call: Call): Vector {
  const time = writeTime(AT, form.time?.format ?? 'ms')
  const values: Record<string, string> = { keyId, key: SECRET, time, nonce: NONCE, bodyHash: hashBody(form, call.body) }
  const text = stringToSign(form, { ...call, host: 'agency.example', headers: {} }, values)
  const signed = createDigest(form, SECRET).of(text)
  const name =
    'hmac' in form.digest ? `HMAC-${form.digest.hmac.toUpperCase()}` : 'hash' in form.digest ? form.digest.hash.toUpperCase() : 'SM2'
  const { method, path, query, body } = call
  return {
    dialect,
    title,
    how: `${name}，写成 ${form.encoding ?? 'base64'}；待签字符串依次是 ${form.parts.map(partName).join('、')}${separatorOf(form)}`,
    inputs: { 'key id': keyId, key: SECRET, request: `${method} ${path}${query ? `?${query}` : ''}`, body, time, nonce: NONCE },
    stringToSign: text,
    signature: signed,
    travels: fillTemplates(form.place.headers, { ...values, signature: signed }),
  }
}

const partName = (part: SigningForm['parts'][number]) =>
  typeof part === 'string' ? part : 'query' in part ? '排序后的查询串' : JSON.stringify(part)

function separatorOf({ separator = '\n', trailing = false }: SigningForm): string {
  if (separator === '') return '，没有分隔符'
  return `，每段之间一个${separator === '\n' ? '换行（\\n）' : `“${separator}”`}${trailing ? '，最后一段之后也有一个' : ''}`
}

/** Sealed once, as key and signature are random: to be verified and opened. The keys are the two examples that GB/T 32918 and its draft publish. */
function sealedVector(): Vector {
  const message = {
    appId: 'demoApp',
    serviceId: 'demo.account',
    timestamp: String(AT),
    nonce: NONCE,
    encKey:
      'I0602XMfo/c9HDYg9hQDUSwobgk+/BWNj9jxj4Ri6CBjE7zsKmgUU5m5stpchTBJTDQKMQktfzkvKtFPfg1fxMsmt/o4VDNrUUYLWNu12/IFH14XsVwUVyPKyKCEtbLkrUWd7HgS1UEIjMCSIC18Bw==',
    iv: '61qMJvXRvk31rDqf2TOamQ==',
    encData: 'TtI9i1aAHui2m6xXz+b09MBgydvg/Jh8vZnCVJ5FrxCm58gWQ9TE1Aa47oo3YORN',
  }
  const sign = 'jBqQdoIJZEx0J8e63uiGtogdwmojGo1rxIDq8bzvS80EjxuF+ycOi4RR//mSftjwY2RmMuGF1xSxqEfg7JsV9A=='
  const pairs = Object.entries(message).sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    dialect: 'sm2-sm4-envelope',
    title: 'sm2-sm4-envelope：验签并解开这个信封',
    how: 'SM2 签名（r‖s，用户标识 1234567812345678）覆盖除 sign 外各项，按名称排序，name=value 用 & 连接；encKey 用部门的 SM2 私钥解开（C1C3C2，没有 04），得到 SM4-CBC 的密钥',
    inputs: {
      'SM2 public key of the hub':
        '09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13',
      'SM2 private key of the agency': '128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263',
      plaintext: BODY,
    },
    stringToSign: pairs.map(([name, value]) => `${name}=${value}`).join('&'),
    signature: sign,
    travels: { ...message, sign },
  }
}

function ticketVector(): Vector {
  const secret = 'demo-secret-of-at-least-32-bytes!'
  const at = AT / 1000
  const claims = {
    purpose: 'demo.account',
    iss: 'hub',
    aud: 'demo-agency',
    sub: 'a-pseudonym',
    jti: 'demo-ticket-1',
    iat: at,
    exp: at + 60,
  }
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  const signed = createDigest({ digest: { hmac: 'sha256' }, encoding: 'base64url' }, secret).of(text)
  return {
    dialect: 'signed-ticket',
    title: 'signed-ticket：共享密钥（HS256）；用私钥的 ES256、RS256 同样是 JWS（RFC 7515）',
    how: 'base64url(HMAC-SHA256(secret, base64url(头) + "." + base64url(声明)))',
    inputs: { secret, header: '{"alg":"HS256","typ":"JWT"}', claims: JSON.stringify(claims) },
    stringToSign: text,
    signature: signed,
    travels: { 'X-Ticket': `${text}.${signed}` },
  }
}

function bearerVectors(): Vector[] {
  const none = '（不签名）'
  const basic = basicAuthorization('demoUser', '密码:1')
  const client = clientAuthorization('demoClient', 'a b+c')
  return [
    {
      dialect: 'oauth2-client-credentials',
      title: 'oauth2-client-credentials：取令牌',
      how: 'POST 令牌地址，grant_type=client_credentials；编号和密钥各自按 application/x-www-form-urlencoded 编码后用冒号相连再 Base64（RFC 6749 §2.3.1）',
      inputs: { clientId: 'demoClient', clientSecret: 'a b+c' },
      stringToSign: 'demoClient:a+b%2Bc',
      signature: client,
      travels: { Authorization: client },
    },
    {
      dialect: 'basic',
      title: 'basic',
      how: 'Base64(用户名:密码)，按 UTF-8（RFC 7617）',
      inputs: { username: 'demoUser', password: '密码:1' },
      stringToSign: 'demoUser:密码:1',
      signature: basic,
      travels: { Authorization: basic },
    },
    {
      dialect: 'api-key',
      title: 'api-key',
      how: none,
      inputs: { apiKey: 'demoKey' },
      stringToSign: '',
      signature: 'demoKey',
      travels: { 'x-api-key': 'demoKey' },
    },
  ]
}

/** What tells one edition of the vectors from another. */
export const editionOf = (vectors: readonly Vector[]) => createHash('sha256').update(JSON.stringify(vectors)).digest('hex').slice(0, 12)
