import { createHash, type KeyObject, type webcrypto, type X509Certificate } from 'node:crypto'
import { SignPdf } from '@signpdf/signpdf'
import { Signer } from '@signpdf/utils'
import * as asn1 from 'asn1js'
import * as pki from 'pkijs'
import { CURVES } from './curves.ts'

/** By whom documents are signed: a key, its certificate and those above it. */
export interface Identity {
  key: KeyObject
  /** The signer's own first. */
  certificates: readonly X509Certificate[]
}

const ID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  /** RFC 5035; ETSI EN 319 142-1 demands it of a baseline signature. */
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
}
const HASH = 'SHA-256'

/** Fills the room for a signature that the drawing left (PAdES baseline B-B). */
export function signPdf(pdf: Buffer, identity: Identity): Promise<Buffer> {
  return new SignPdf().sign(pdf, new CmsSigner(identity))
}

/** A detached CMS signature (RFC 5652). */
class CmsSigner extends Signer {
  readonly #identity: Identity

  constructor(identity: Identity) {
    super()
    this.#identity = identity
  }

  override async sign(bytes: Buffer): Promise<Buffer> {
    const { key, certificates } = this.#identity
    const chain = certificates.map(({ raw }) => pki.Certificate.fromBER(raw))
    const [own] = chain
    const [ownCertificate] = certificates
    if (!own || !ownCertificate) throw new Error('nobody signs')
    const digest = createHash('sha256').update(bytes).digest()
    const signed = new pki.SignedData({
      version: 1,
      encapContentInfo: new pki.EncapsulatedContentInfo({ eContentType: ID.data }),
      certificates: chain,
      signerInfos: [
        new pki.SignerInfo({
          version: 1,
          sid: new pki.IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
          // In the order of their encodings, as DER has a set.
          signedAttrs: new pki.SignedAndUnsignedAttributes({
            type: 0,
            attributes: [
              attribute(ID.contentType, new asn1.ObjectIdentifier({ value: ID.data })),
              attribute(ID.messageDigest, octets(digest)),
              attribute(ID.signingCertificateV2, certificateNote(ownCertificate)),
            ],
          }),
        }),
      ],
    })
    await signed.sign(await webKey(key), 0, HASH, bytes)
    const content = new pki.ContentInfo({ contentType: ID.signedData, content: signed.toSchema(true) })
    return Buffer.from(content.toSchema().toBER(false))
  }
}

function attribute(type: string, value: object): pki.Attribute {
  return new pki.Attribute({ type, values: [value] })
}

function octets(bytes: Buffer): asn1.OctetString {
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
