/** Ways of authenticating that a connector can begin with, since they ask for no form of the agency's own: name, function, what it is. */
const DIALECTS = [
  ['exchange', 'exchange', '共享交换平台：每日密钥，HMAC 签名'],
  ['api-key', 'apiKey', '接口密钥，放在请求头里'],
  ['basic', 'basic', '用户名和密码（HTTP Basic）'],
  ['hmac-nonce', 'hmacNonce', '时间、随机数和 HMAC 签名'],
  ['bg-hmac', 'bgHmac', '访问编号和访问密钥（AK/SK），签名含路径'],
  ['tif', 'tif', 'TIF 网关（paasid、token）'],
  ['two-secret', 'twoSecret', '两级密钥（appKey、appSecret）'],
  ['oauth2-client-credentials', 'oauth2ClientCredentials', 'OAuth 2.0 客户端凭证'],
  ['sm2-sm4-envelope', 'sm2Sm4Envelope', '国密数字信封（SM2、SM4）'],
] as const

export type DialectName = (typeof DIALECTS)[number][0]

export const dialects: readonly { name: DialectName; call: string; describe: string }[] = DIALECTS.map(([name, call, describe]) => ({
  name,
  call,
  describe,
}))

/** Behind an exchange platform answers are wrapped in its own way; any other is asked over HTTP. */
export const envelopeOf = (name: DialectName) => (name === 'exchange' ? 'exchange' : 'rest')

/** What is taken where nobody is asked. */
export const USUAL: DialectName = 'exchange'
