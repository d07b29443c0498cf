import { signedString } from '../../core/connector.ts'

// docs/dialects.md quotes what follows; a test compares.
export const librarySignature = signedString({
  parts: ['method', 'path', 'time', 'nonce', 'bodyHash'],
  digest: { hmac: 'sha256' },
  encoding: 'hex',
  time: { format: 's', skewSeconds: 300 },
  nonce: { hexBytes: 16 },
  bodyHash: { hash: 'sha256', encoding: 'hex' },
  place: {
    headers: {
      'X-Time': '{time}',
      'X-Nonce': '{nonce}',
      Authorization: 'HMAC-SHA256 appId={keyId}, signature={signature}',
    },
  },
})
