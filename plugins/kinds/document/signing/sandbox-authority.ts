import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import * as asn1 from 'asn1js'
import * as pki from 'pkijs'
import { readOrCreate } from '../../../../config/key-file.ts'
import { webKey } from './cms.ts'
import type { PadesIdentity } from './identity.ts'

const YEARS = 10
const YEAR_MS = 365 * 24 * 3_600_000

/** Who signs documents, and who says when. */
const OFFICES = {
  signer: { name: '沙箱电子证明（没有任何效力）', stamps: false, file: 'sandbox-seal-certificates.json' },
  'time-stamper': { name: '沙箱时间戳（没有任何效力）', stamps: true, file: 'sandbox-seal-time-stamper.json' },
} as const

export type Office = keyof typeof OFFICES

/** An authority and a signer of the sandbox's own, made when they are first needed; the same for all processes of a folder. */
export async function sandboxIdentity(dataDir: string, office: Office = 'signer'): Promise<PadesIdentity> {
  const { name, stamps, file } = OFFICES[office]
  const [authority, signer] = ['authority', office].map((each) =>
    createPrivateKey(readOrCreate(join(dataDir, `sandbox-seal-${each}.pem`), newKey)),
  )
  if (!authority || !signer) throw new Error('no key')
  const upper = '沙箱根证书（没有任何效力）'
  const root = await certify({ name: upper, issuer: upper, of: authority, by: authority, isAuthority: true, stamps: false })
  const leaf = await certify({ name, issuer: upper, of: signer, by: authority, isAuthority: false, stamps })
  // Made anew by every process: whoever is first writes them down for all.
  const text = readOrCreate(join(dataDir, file), () => JSON.stringify([leaf, root].map((der) => der.toString('base64'))))
  const certificates = (JSON.parse(text) as string[]).map((der) => new X509Certificate(Buffer.from(der, 'base64')))
  return { scheme: 'pades', key: signer, certificates }
}

function newKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey
}

interface Wanted {
  name: string
  issuer: string
  of: ReturnType<typeof createPrivateKey>
  by: ReturnType<typeof createPrivateKey>
  isAuthority: boolean
  /** For time stamps alone (RFC 3161 §2.3). */
  stamps: boolean
}

const TIME_STAMPING = new pki.ExtKeyUsage({ keyPurposes: ['1.3.6.1.5.5.7.3.8'] })

/** X.509 (RFC 5280). → DER. */
async function certify({ name, issuer, of, by, isAuthority, stamps }: Wanted): Promise<Buffer> {
  const certificate = new pki.Certificate({ version: 2, serialNumber: new asn1.Integer({ valueHex: serial() }) })
  certificate.subject.typesAndValues.push(...named(name))
  certificate.issuer.typesAndValues.push(...named(issuer))
  certificate.notBefore.value = new Date(Date.now() - 24 * 3_600_000)
  certificate.notAfter.value = new Date(Date.now() + YEARS * YEAR_MS)
  const spki = createPublicKey(of.export({ type: 'pkcs8', format: 'pem' })).export({ type: 'spki', format: 'der' })
  certificate.subjectPublicKeyInfo = pki.PublicKeyInfo.fromBER(spki)
  const constraints = new pki.BasicConstraints({ cA: isAuthority })
  // digitalSignature and nonRepudiation, or keyCertSign and cRLSign.
  const usage = new asn1.BitString({ valueHex: Uint8Array.of(isAuthority ? 0x06 : 0xc0).buffer, unusedBits: isAuthority ? 1 : 6 })
  certificate.extensions = [
    new pki.Extension({ extnID: '2.5.29.19', critical: true, extnValue: constraints.toSchema().toBER(false) }),
    new pki.Extension({ extnID: '2.5.29.15', critical: true, extnValue: usage.toBER(false) }),
    ...(stamps ? [new pki.Extension({ extnID: '2.5.29.37', critical: true, extnValue: TIME_STAMPING.toSchema().toBER(false) })] : []),
  ]
  await certificate.sign(await webKey(by), 'SHA-256')
  return Buffer.from(certificate.toSchema(true).toBER(false))
}

function named(value: string): pki.AttributeTypeAndValue[] {
  return [
    new pki.AttributeTypeAndValue({ type: '2.5.4.6', value: new asn1.PrintableString({ value: 'CN' }) }),
    new pki.AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1.Utf8String({ value }) }),
  ]
}

/** Positive, as a serial number has to be. */
function serial(): ArrayBuffer {
  const bytes = Uint8Array.from(randomBytes(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.buffer
}
