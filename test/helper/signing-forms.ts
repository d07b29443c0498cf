import { signedString } from '../../core/connector.ts'

/** Signatures of every kind, between them with every part, format, digest, encoding and place. */
export const signingForms = {
  /** Everything in the query string, sorted and signed with it: SHA-1 over the secret on both sides, no nonce. */
  query: signedString({
    parts: ['key', { query: 'by-name', text: 'plain' }, 'key'],
    separator: '',
    digest: { hash: 'sha1' },
    encoding: 'HEX',
    time: { format: 'beijing', skewSeconds: 120 },
    keyId: { name: 'partner', title: '合作方编号' },
    key: { name: 'partnerSecret', title: '合作方密钥' },
    place: { query: { partner: '{keyId}', timestamp: '{time}', v: '1.0', sign: '{signature}' } },
    bodyFormat: 'form',
  }),
  /** Values travel among the parameters; the agency says no with a result code. */
  body: signedString({
    parts: [
      { name: 'appId', value: 'keyId' },
      { name: 'nonce', value: 'nonce' },
      { name: 'service', value: 'service' },
      { name: 'timestamp', value: 'time' },
      { name: 'unit', value: { credential: 'unit' } },
      { name: 'key', value: 'key' },
    ],
    separator: '&',
    digest: { hash: 'md5' },
    encoding: 'hex',
    credentials: { unit: { title: '单位编号', secret: false } },
    place: { body: { appId: '{keyId}', nonce: '{nonce}', service: '{service}', timestamp: '{time}', unit: '{unit}', sign: '{signature}' } },
    refusal: { codes: ['40101'] },
  }),
  /** Headers as in HTTP signatures, with an SM2 signature. */
  sm2: signedString({
    parts: [
      'method',
      'path',
      'query',
      { name: 'host', value: 'host', joiner: ': ' },
      { name: 'date', value: { header: 'Date' }, joiner: ': ' },
      { header: 'content-type' },
      { header: 'Content-SM3' },
      'nonce',
      { constant: 'v1' },
    ],
    trailing: true,
    empty: 'skip',
    digest: { sm2: 'rs' },
    encoding: 'base64url',
    time: { format: 'rfc1123', skewSeconds: 60 },
    bodyHash: { hash: 'sm3', encoding: 'base64', empty: 'blank' },
    place: {
      headers: {
        Date: '{time}',
        'Content-SM3': 'sm3={bodyHash}',
        Authorization: 'SM2 id="{keyId}",nonce="{nonce}",signature="{signature}"',
      },
    },
  }),
  /** The whole body, the query as it stands, and a hash of the body that the query string carries. */
  whole: signedString({
    parts: ['method', 'path', { query: 'as-sent' }, 'time', 'body'],
    digest: { hmac: 'sm3' },
    bodyHash: { hash: 'md5', encoding: 'base64url' },
    place: { headers: { 'X-Ts': '{time}', 'X-Sig': '{signature}' }, query: { digest: '{bodyHash}' } },
  }),
}
