import { createHash, type X509Certificate } from 'node:crypto'
import * as asn1 from 'asn1js'
import * as pki from 'pkijs'
import { signSm2 } from '../../../../core/dialects/sm2.ts'
import { ID, octets } from './cms.ts'
import type { GmIdentity } from './identity.ts'

/** GM/T 0010 (GB/T 35275) has the structure of PKCS #7 and names of its own for what is in it; algorithms by GM/T 0006. */
export const GM = {
  data: '1.2.156.10197.6.1.4.2.1',
  signedData: '1.2.156.10197.6.1.4.2.2',
  sm3: '1.2.156.10197.1.401',
  /** SM2-1, the signature; over SM3 with the usual user id (GM/T 0009). */
  sm2Sign: '1.2.156.10197.1.301.1',
}

/** The signed attributes are a SET to whoever signs, and [0] IMPLICIT where they stand. */
const SET = 0x31

/** → TimeStampToken (DER) of a signature's value; null without one. */
type StampSignature = (signature: Buffer) => Promise<Buffer | null>

/** A detached SignedData of SM2 with SM3, with a time stamp beside its value where there is one. → DER. */
export async function signGm(bytes: Buffer, { key, certificates }: GmIdentity, stamp: StampSignature): Promise<Buffer> {
  const [own] = certificates
  if (!own) throw new Error('nobody signs')
  const digest = createHash('sm3').update(bytes).digest()
  const attributes = [attribute(ID.contentType, oid(GM.data)), attribute(ID.messageDigest, octets(digest))]
  const standing = tagged(0, attributes)
  const signed = Buffer.from(standing.toBER())
  signed[0] = SET
  const signature = signSm2(signed, key, 'der')
  const token = await stamp(signature)
  // RFC 3161 appendix A: the attribute, and its name, are those of CMS.
  const beside = token ? [tagged(1, [attribute(ID.timeStampToken, asn1.fromBER(token).result)])] : []
  const version = () => new asn1.Integer({ value: 1 })
  const signer = sequence(
    ...[version(), issuerAndSerial(own), sequence(oid(GM.sm3)), standing],
    ...[sequence(oid(GM.sm2Sign)), octets(signature), ...beside],
  )
  const content = sequence(
    version(),
    new asn1.Set({ value: [sequence(oid(GM.sm3))] }),
    sequence(oid(GM.data)),
    tagged(
      0,
      certificates.map(({ raw }) => asn1.fromBER(raw).result),
    ),
    new asn1.Set({ value: [signer] }),
  )
  return Buffer.from(sequence(oid(GM.signedData), tagged(0, [content])).toBER())
}

function issuerAndSerial({ raw }: X509Certificate): asn1.AsnType {
  const { issuer, serialNumber } = pki.Certificate.fromBER(raw)
  return sequence(issuer.toSchema(), serialNumber)
}

function attribute(type: string, value: asn1.AsnType): asn1.AsnType {
  return sequence(oid(type), new asn1.Set({ value: [value] }))
}

const oid = (value: string) => new asn1.ObjectIdentifier({ value })
const sequence = (...value: asn1.AsnType[]) => new asn1.Sequence({ value })
const tagged = (tagNumber: number, value: asn1.AsnType[]) => new asn1.Constructed({ idBlock: { tagClass: 3, tagNumber }, value })
