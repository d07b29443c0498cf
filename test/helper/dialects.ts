import { generateKeyPairSync } from 'node:crypto'
import {
  apiKey,
  basic,
  bgHmac,
  type ConnectorDeclaration,
  exchange,
  hmacNonce,
  oauth2ClientCredentials,
  signedTicket,
  sm2Sm4Envelope,
  tif,
  twoSecret,
} from '../../core/connector.ts'
import type { DialectDeclaration } from '../../core/upstream/dialect.ts'
import { librarySignature } from './library-signature.ts'
import { minimalConnector } from './minimal-connector.ts'
import { signingForms } from './signing-forms.ts'

/** A way of authenticating and what it promises, to be tried through the whole hub. */
export interface DialectCase {
  /** Also the id of its connector. */
  id: string
  dialect: DialectDeclaration
  /** Credential that is spoilt to see the agency refuse it, and how. */
  wrong: Readonly<Record<string, string>>
  /** What becomes of a request that is sent a second time: at once, or once the agency's clock has moved on. */
  replay: 'refused' | 'refused when old' | 'accepted'
  /** Whether the agency hands out something that ends early. */
  renews: boolean
  /** Path of the service, where it isn't its sid. */
  path?: string
}

/** A valid SM2 key, the standard's published example, that is nobody's here. */
const otherSm2Key = '3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8'

/** Keys are read when the hub starts, so a wrong one is somebody else's rather than none. */
function otherKey(dialect: string): string {
  if (dialect === 'sm2-sm4-envelope' || dialect.startsWith('signed-string')) return otherSm2Key
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const one = (id: string, dialect: DialectDeclaration, wrong: string, replay: DialectCase['replay'], renews = false): DialectCase => ({
  id,
  dialect,
  wrong: { [wrong]: wrong === 'privateKey' ? otherKey(dialect.name) : `wrong-and-marked-for-${id}` },
  replay,
  renews,
})

/** Every dialect, in its default form and bent as far as its options go. */
export const dialectCases: readonly DialectCase[] = [
  one('exchange', exchange(), 'appKey', 'refused when old', true),
  {
    ...one(
      'exchange-direct',
      exchange({ headerPrefix: 'gjzwfwpt', proxyPath: '/sysapi/{path}', timeUnit: 's', signature: { digest: 'HEX' } }),
      'appKey',
      'refused when old',
      true,
    ),
    path: 'resource/apply-list',
  },
  one('exchange-static', exchange({ secret: 'static', carriers: ['query'], proxyPath: '/share' }), 'appKey', 'refused when old'),
  one('two-secret', twoSecret({ path: '/gateway/api/001/dataSharing/{path}.htm' }), 'appSecret', 'refused when old', true),
  one(
    'two-secret-json',
    twoSecret({ carriers: ['header'], bodyFormat: 'json', refreshMethod: 'GET' }),
    'appSecret',
    'refused when old',
    true,
  ),
  one('bg-hmac', bgHmac({ path: '/restapi/prod/{path}' }), 'secretKey', 'refused when old'),
  one('bg-hmac-encoded', bgHmac({ query: 'encoded', bodyFormat: 'form' }), 'secretKey', 'refused when old'),
  one('tif', tif(), 'token', 'refused'),
  one('tif-prefixed', tif({ headerPrefix: 'X-Own', path: '/ebus/{path}?v=2' }), 'token', 'refused'),
  one('hmac-nonce', hmacNonce(), 'clientSecret', 'refused'),
  one(
    'hmac-nonce-bent',
    hmacNonce({
      order: ['nonce', 'timestamp', 'clientId'],
      digest: 'HEX',
      algorithm: 'sm3',
      timeUnit: 's',
      carriers: ['body'],
      names: { clientId: 'app', nonce: 'random' },
    }),
    'clientSecret',
    'refused',
  ),
  one('sm2-sm4-envelope', sm2Sm4Envelope(), 'privateKey', 'refused'),
  one(
    'sm2-sm4-envelope-bent',
    sm2Sm4Envelope({
      path: '/gateway',
      layout: 'C1C2C3',
      prefix: true,
      encoding: 'hex',
      signature: 'der',
      iv: 'before',
      signs: 'plaintext',
      userId: '',
      timeUnit: 's',
      names: { data: 'biz_content', signature: 'signature' },
    }),
    'privateKey',
    'refused',
  ),
  one('sm2-sm4-envelope-plain', sm2Sm4Envelope({ layout: 'DER', iv: 'zero', replies: 'plain' }), 'privateKey', 'refused'),
  one('signed-ticket', signedTicket(), 'privateKey', 'refused'),
  one(
    'signed-ticket-bearer',
    signedTicket({ name: 'Authorization', scheme: 'Bearer', lifeSeconds: 300, path: '/gateway' }),
    'privateKey',
    'refused',
  ),
  one('signed-ticket-query', signedTicket({ carrier: 'query' }), 'privateKey', 'refused'),
  one('signed-ticket-shared', signedTicket({ key: 'shared', carrier: 'body', name: 'piao' }), 'secret', 'refused'),
  one('signed-string', librarySignature, 'appSecret', 'refused'),
  one('signed-string-query', signingForms.query, 'partnerSecret', 'refused when old'),
  one('signed-string-body', signingForms.body, 'appSecret', 'refused'),
  one('signed-string-sm2', signingForms.sm2, 'privateKey', 'refused'),
  one('oauth2', oauth2ClientCredentials(), 'clientSecret', 'accepted', true),
  one(
    'oauth2-bent',
    oauth2ClientCredentials({ carrier: 'query', clientAuthentication: 'body', scope: 'query read', tokenPath: '/auth/token' }),
    'clientSecret',
    'accepted',
    true,
  ),
  one('api-key', apiKey(), 'apiKey', 'accepted'),
  one('api-key-query', apiKey({ carrier: 'query' }), 'apiKey', 'accepted'),
  one('api-key-scheme', apiKey({ name: 'authorization', scheme: 'APPCODE' }), 'apiKey', 'accepted'),
  one('basic', basic(), 'password', 'accepted'),
]

/** The minimal connector on a dialect, with its query by POST (`balance`) and by GET (`look-up`). */
export function connectorOf({ dialect, path }: DialectCase, id: string): ConnectorDeclaration {
  const connector = minimalConnector()
  const services = connector.services.flatMap(({ contract, handler }) =>
    (['POST', 'GET'] as const).map((method) => ({
      contract: {
        ...contract,
        id: method === 'GET' ? 'look-up' : contract.id,
        upstream: { method, ...(path === undefined ? {} : { path }) },
      },
      handler,
    })),
  )
  return { ...connector, id, services, upstream: { ...connector.upstream, dialect } }
}
