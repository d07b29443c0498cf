import Type, { type Static } from 'typebox'

const text = (description: string) => Type.String({ minLength: 1, description })

/** A merchant at WeChat Pay (API v3): platform certificates, the 微信支付公钥, or both while changing from one to the other. */
const wechat = Type.Object(
  {
    baseUrl: Type.String({ pattern: '^https?://', default: 'https://api.mch.weixin.qq.com', description: 'Address of the interface' }),
    merchantId: text('商户号'),
    applicationId: text('AppID of the application in which is paid'),
    serial: text('Serial of the merchant’s API certificate'),
    privateKey: text('Its private key, PEM'),
    apiV3Key: Type.String({ minLength: 32, maxLength: 32, description: 'APIv3 key' }),
    certificates: Type.Optional(text('Platform certificates, PEM, one after the other')),
    publicKeyId: Type.Optional(Type.String({ pattern: '^PUB_KEY_ID_', description: 'Id of the 微信支付公钥' })),
    publicKey: Type.Optional(text('The 微信支付公钥, PEM')),
  },
  { additionalProperties: false },
)

/** A merchant at Alipay: RSA2 with keys, not with certificates. */
const alipay = Type.Object(
  {
    baseUrl: Type.String({ pattern: '^https?://', default: 'https://openapi.alipay.com', description: 'Address of the interface' }),
    applicationId: text('App id'),
    sellerId: text('The merchant’s own id (2088…)'),
    privateKey: text('The application’s private key'),
    publicKey: text('Alipay’s public key'),
  },
  { additionalProperties: false },
)

/** Whom the money of a connector's citizens goes to. */
export const merchants = Type.Object({ wechat: Type.Optional(wechat), alipay: Type.Optional(alipay) }, { additionalProperties: false })

export type WechatMerchant = Static<typeof wechat>
export type AlipayMerchant = Static<typeof alipay>
export type Merchants = Static<typeof merchants>
