import type { X509Certificate } from 'node:crypto'
import * as asn1 from 'asn1js'
import * as pki from 'pkijs'
import { ID, octets } from './cms.ts'

/** What somebody else says of when something was there (RFC 3161). */
export interface TimeStamp {
  /** TimeStampToken, DER. */
  token: Buffer
  /** Epoch milliseconds. */
  at: number
}

const SHA256 = '2.16.840.1.101.3.4.2.1'
const PURPOSE = '1.3.6.1.5.5.7.3.8'
/** Further from the hub's clock than that, one of both is wrong. */
const SKEW_MS = 10 * 60_000
/** What the file has room for, beside the signature. */
const MOST_BYTES = 12 * 1024
const GRANTED: ReadonlySet<number> = new Set([0, 1])

/** A TimeStampReq (RFC 3161 §2.4.1). → DER. */
export function queryOf(digest: Buffer, nonce: Buffer): Buffer {
  const messageImprint = new pki.MessageImprint({
    hashAlgorithm: new pki.AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new asn1.Null() }),
    hashedMessage: octets(digest),
  })
  const query = new pki.TimeStampReq({ version: 1, messageImprint, nonce: whole(nonce), certReq: true })
  return Buffer.from(query.toSchema().toBER())
}

/** A positive number of these digits. */
function whole(digits: Buffer): asn1.Integer {
  return new asn1.Integer({ valueHex: Uint8Array.from([0x01, ...digits]).buffer })
}

interface Expected {
  bytes: Buffer
  digest: Buffer
  nonce: Buffer
  trusted: readonly X509Certificate[]
  now: number
}

/** Throws on what is no stamp of this authority's, of these bytes, in answer to this question. */
export async function readReply(reply: Buffer, { bytes, digest, nonce, trusted, now }: Expected): Promise<TimeStamp> {
  const { status, timeStampToken } = pki.TimeStampResp.fromBER(Uint8Array.from(reply))
  if (!GRANTED.has(status.status) || timeStampToken?.contentType !== ID.signedData) throw new Error(`not granted: ${status.status}`)
  const signed = new pki.SignedData({ schema: timeStampToken.content })
  const { eContentType, eContent } = signed.encapContentInfo
  if (eContentType !== pki.id_eContentType_TSTInfo || !eContent) throw new Error('no time stamp in it')
  const told = pki.TSTInfo.fromBER(eContent.getValue())
  const { hashAlgorithm, hashedMessage } = told.messageImprint
  if (hashAlgorithm.algorithmId !== SHA256 || !digest.equals(Buffer.from(hashedMessage.valueBlock.valueHexView)))
    throw new Error('of something else')
  if (!told.nonce?.isEqual(whole(nonce))) throw new Error('in answer to another question')
  if (Math.abs(told.genTime.getTime() - now) > SKEW_MS) throw new Error('at another time')
  const signer = await signerOf(signed, bytes, trusted)
  if (!isForThat(signer)) throw new Error('its certificate is not for that')
  const token = Buffer.from(timeStampToken.toSchema().toBER())
  if (token.length > MOST_BYTES) throw new Error('longer than the room for it')
  return { token, at: told.genTime.getTime() }
}

async function signerOf(signed: pki.SignedData, bytes: Buffer, trusted: readonly X509Certificate[]): Promise<pki.Certificate> {
  const { signatureVerified, signerCertificate, message } = await signed.verify({
    signer: 0,
    data: Uint8Array.from(bytes).buffer,
    extendedMode: true,
    checkChain: trusted.length > 0,
    trustedCerts: trusted.map(({ raw }) => pki.Certificate.fromBER(raw)),
  })
  if (signatureVerified !== true || !signerCertificate) throw new Error(message ?? 'not signed by whoever it names')
  return signerCertificate
}

/** RFC 3161 §2.3: for time stamping, and for nothing else. */
function isForThat({ extensions = [] }: pki.Certificate): boolean {
  const usage = extensions.find(({ extnID }) => extnID === '2.5.29.37')?.parsedValue as { keyPurposes?: string[] } | undefined
  return usage?.keyPurposes?.length === 1 && usage.keyPurposes[0] === PURPOSE
}
