import { createHash, type KeyObject, type webcrypto, type X509Certificate } from 'node:crypto'
import * as asn1 from 'asn1js'
import * as pki from 'pkijs'
import { CURVES } from './curves.ts'
import type { PadesIdentity } from './identity.ts'

export const ID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  /** RFC 5035; ETSI EN 319 142-1 demands it of a baseline signature. */
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  /** RFC 3161 appendix A, on a signature's value. */
  timeStampToken: '1.2.840.113549.1.9.16.2.14',
}
const HASH = 'SHA-256'

/** What is signed, and whether it stands in the signature or beside it. */
interface Content {
  type: string
  bytes: Buffer
  detached: boolean
}

/** A CMS signature (RFC 5652) with the attributes that a baseline one has. */
export async function signCms({ key, certificates }: PadesIdentity, { type, bytes, detached }: Content): Promise<pki.SignedData> {
  const chain = certificates.map(({ raw }) => pki.Certificate.fromBER(raw))
  const [own] = chain
  const [ownCertificate] = certificates
  if (!own || !ownCertificate) throw new Error('nobody signs')
  const digest = createHash('sha256').update(bytes).digest()
  const signed = new pki.SignedData({
    version: type === ID.data ? 1 : 3,
    encapContentInfo: new pki.EncapsulatedContentInfo({ eContentType: type, ...(detached ? {} : { eContent: octets(bytes) }) }),
    certificates: chain,
    signerInfos: [
      new pki.SignerInfo({
        version: 1,
        sid: new pki.IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
        // In the order of their encodings, as DER has a set.
        signedAttrs: new pki.SignedAndUnsignedAttributes({
          type: 0,
          attributes: [
            attribute(ID.contentType, new asn1.ObjectIdentifier({ value: type })),
            attribute(ID.messageDigest, octets(digest)),
            attribute(ID.signingCertificateV2, certificateNote(ownCertificate)),
          ],
        }),
      }),
    ],
  })
  await signed.sign(await webKey(key), 0, HASH, detached ? bytes : undefined)
  return signed
}

/** → DER of the whole. */
export function encode(signed: pki.SignedData): Buffer {
  const content = new pki.ContentInfo({ contentType: ID.signedData, content: signed.toSchema(true) })
  return Buffer.from(content.toSchema().toBER(false))
}

/** The bytes of the one signature. */
export function signatureOf(signed: pki.SignedData): Buffer {
  return Buffer.from(signed.signerInfos[0]?.signature.valueBlock.valueHexView ?? [])
}

/** Puts a time stamp of the signature's value beside it. */
export function addTimeStamp(signed: pki.SignedData, token: Buffer): void {
  const [signer] = signed.signerInfos
  if (!signer) throw new Error('nobody signed')
  const attributes = [attribute(ID.timeStampToken, asn1.fromBER(token).result)]
  signer.unsignedAttrs = new pki.SignedAndUnsignedAttributes({ type: 1, attributes })
}

function attribute(type: string, value: object): pki.Attribute {
  return new pki.Attribute({ type, values: [value] })
}

export function octets(bytes: Buffer): asn1.OctetString {
  return new asn1.OctetString({ valueHex: Uint8Array.from(bytes).buffer })
}

/** SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 }; SHA-256 is what it means where it names no hash. */
function certificateNote({ raw }: X509Certificate): asn1.Sequence {
  const hash = octets(createHash('sha256').update(raw).digest())
  const wrap = (value: asn1.BaseBlock) => new asn1.Sequence({ value: [value] })
  return wrap(wrap(wrap(hash as unknown as asn1.BaseBlock)))
}

export function webKey(key: KeyObject): webcrypto.CryptoKey {
  const algorithm =
    key.asymmetricKeyType === 'ec'
      ? { name: 'ECDSA', namedCurve: CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: HASH }
  return key.toCryptoKey(algorithm, false, ['sign'])
}
