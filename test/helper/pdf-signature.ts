import type { AsnType } from 'asn1js'
import * as asn1 from 'asn1js'

/** A signature as it stands in a PDF: what it covers, and its DER without the room that was left over. */
export function readPdfSignature(pdf: Buffer): { covered: Buffer; der: Buffer; subFilter: string } {
  const text = pdf.toString('latin1')
  const [from = 0, length = 0, after = 0, rest = 0] = (/\/ByteRange \[([\d ]+)\]/.exec(text)?.[1] ?? '').trim().split(/ +/).map(Number)
  const hex = text.slice(from + length + 1, after - 1)
  const whole = Buffer.from(hex, 'hex')
  const der = whole.subarray(0, asn1.fromBER(whole).result.blockLength)
  const subFilter = /\/SubFilter \/([\w.]+)/.exec(text)?.[1] ?? ''
  return { covered: Buffer.concat([pdf.subarray(from, from + length), pdf.subarray(after, after + rest)]), der, subFilter }
}

/** What stands in a constructed value. */
export function partsOf(block: AsnType | undefined): AsnType[] {
  return (block as asn1.Sequence | undefined)?.valueBlock.value ?? []
}

export function bytesOf(block: AsnType | undefined): Buffer {
  return Buffer.from(block?.valueBeforeDecodeView ?? [])
}

export const oidOf = (block: AsnType | undefined) => (block as asn1.ObjectIdentifier | undefined)?.valueBlock.toString()

/** The octets of an OCTET STRING. */
export const octetsOf = (block: AsnType | undefined) => Buffer.from((block as asn1.OctetString | undefined)?.valueBlock.valueHexView ?? [])

/** The parts of a ContentInfo with SignedData, and those of its one signer. */
export function openSignedData(der: Buffer) {
  const [type, wrapped] = partsOf(asn1.fromBER(der).result)
  const content = partsOf(partsOf(wrapped)[0])
  const signer = partsOf(partsOf(content.at(-1))[0])
  return { type: oidOf(type), content, signer }
}
