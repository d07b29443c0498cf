import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readSm2PrivateKey, type Sm2PrivateKey } from '../../../../core/dialects/sm2-keys.ts'
import { CURVES } from './curves.ts'

/**
 * By whom documents are signed: a key, its certificate and those above it, the signer's own first. `pades`: RSA or EC, as readers
 * of PDF know it everywhere; `gm`: SM2, as GM/T 0010 has it.
 */
export type Identity = PadesIdentity | GmIdentity

export interface PadesIdentity {
  scheme: 'pades'
  key: KeyObject
  certificates: readonly X509Certificate[]
}

export interface GmIdentity {
  scheme: 'gm'
  key: Sm2PrivateKey
  certificates: readonly X509Certificate[]
}

/** A SubjectPublicKeyInfo of SM2 up to the point (GB/T 35276). */
const SM2_SPKI = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d03420004', 'hex')

/** Reads a key and its certificates, PEM. Throws where they do not belong together, or nothing is signed with such a key; the error holds nothing of it. */
export function readIdentity(keyPem: string, certificatesPem: string): Identity {
  const certificates = certificatesOf(certificatesPem)
  const [own] = certificates
  if (!own) throw new Error('there is no certificate')
  const key = createPrivateKey(keyPem)
  if (!own.checkPrivateKey(key)) throw new Error('the first certificate is not of this key')
  const { asymmetricKeyType: type, asymmetricKeyDetails } = key
  if (type === 'rsa') return { scheme: 'pades', key, certificates }
  if (type === 'ec') {
    const curve = asymmetricKeyDetails?.namedCurve ?? ''
    if (!Object.hasOwn(CURVES, curve)) throw new Error(`no documents are signed on the curve ${curve}`)
    return { scheme: 'pades', key, certificates }
  }
  // Node has no name for SM2; what the certificate is of says it.
  const open = own.publicKey.export({ type: 'spki', format: 'der' })
  if (!open.subarray(0, SM2_SPKI.length).equals(SM2_SPKI)) throw new Error('only RSA, EC and SM2 keys sign documents')
  return { scheme: 'gm', key: readSm2PrivateKey(keyPem), certificates }
}

export function certificatesOf(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((each) => new X509Certificate(each))
}
