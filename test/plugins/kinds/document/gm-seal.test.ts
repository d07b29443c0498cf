import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as asn1 from 'asn1js'
import t from 'tap'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import { signGm } from '../../../../plugins/kinds/document/signing/gm.ts'
import { readIdentity } from '../../../../plugins/kinds/document/signing/identity.ts'
import { sandboxIdentity } from '../../../../plugins/kinds/document/signing/sandbox-authority.ts'
import { build } from '../../../helper/hub.ts'
import { bytesOf, octetsOf, oidOf, openSignedData, partsOf, readPdfSignature } from '../../../helper/pdf-signature.ts'
import { openssl, sealKey } from '../../../helper/seal-key.ts'

const CERTIFICATE = '/v1/medical-insurance/personal-insurance-certificate-printing?format=pdf'
const USER_ID = 'distid:1234567812345678'
const folder = mkdtempSync(join(tmpdir(), 'hub-gm-seal-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string, content: Buffer | string) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** A key, a root and a certificate of SM2 as OpenSSL makes them. */
function sm2Key() {
  const [root, key] = ['root', 'sm2'].map((name) => join(folder, `${name}.key`)) as [string, string]
  for (const file of [root, key]) openssl(['genpkey', '-algorithm', 'SM2', '-out', file])
  const [rootCertificate, request, own] = ['root.pem', 'sm2.csr', 'sm2.pem'].map((name) => join(folder, name)) as [string, string, string]
  const signing = ['-sm3', '-sigopt', USER_ID]
  openssl([
    'req',
    '-x509',
    '-new',
    '-key',
    root,
    ...signing,
    '-subj',
    '/C=CN/CN=示例国密根',
    '-utf8',
    '-days',
    '60',
    '-out',
    rootCertificate,
  ])
  openssl(['req', '-new', '-key', key, ...signing, '-subj', '/C=CN/CN=示例国密签章', '-utf8', '-out', request])
  const by = ['-CA', rootCertificate, '-CAkey', root, '-CAcreateserial', '-vfyopt', USER_ID]
  openssl(['x509', '-req', '-in', request, ...by, ...signing, '-days', '30', '-out', own])
  return { key, own, rootCertificate, chain: at('chain.pem', readFileSync(own, 'utf8') + readFileSync(rootCertificate, 'utf8')) }
}

t.test('with a key of SM2 a certificate is signed as GM/T 0010 has it, and OpenSSL verifies each part', async (t) => {
  const { key, own, rootCertificate, chain } = sm2Key()
  const env = { SEAL_KEY_FILE: key, SEAL_CERTIFICATES_FILE: chain }
  const hub = await build(t, { declarations: [medicalInsurance], env })
  const response = await hub.get(CERTIFICATE)
  t.equal(response.statusCode, 200)
  const { covered, der, subFilter } = readPdfSignature(response.rawPayload)
  t.equal(subFilter, 'adbe.pkcs7.detached', 'it does not say of itself that it is PAdES')
  const [row] = await hub.app.database('issued_documents')
  t.equal(row.signature, 'gm')
  t.ok(Math.abs(Number(row.stamped_at) - Date.now()) < 60_000, 'somebody else says when')

  const { type, content, signer } = openSignedData(der)
  t.equal(type, '1.2.156.10197.6.1.4.2.2')
  const [version, digests, inner, certificates, signers, ...more] = content
  t.match([bytesOf(version).toString('hex'), partsOf(signers).length, more.length], ['020101', 1, 0])
  t.equal(oidOf(partsOf(partsOf(digests)[0])[0]), '1.2.156.10197.1.401')
  t.same(partsOf(inner).map(oidOf), ['1.2.156.10197.6.1.4.2.1'], 'beside it, not in it')
  t.same(
    partsOf(certificates).map((each) => new X509Certificate(bytesOf(each)).subject),
    [own, rootCertificate].map((file) => new X509Certificate(readFileSync(file)).subject),
  )
  const [signerVersion, issuer, digest, attributes, algorithm, value, unsigned, ...rest] = signer
  t.match([bytesOf(signerVersion).toString('hex'), rest.length], ['020101', 0])
  const [stampType, stamps] = partsOf(partsOf(unsigned)[0])
  t.equal(oidOf(stampType), '1.2.840.113549.1.9.16.2.14')
  const token = at('token.der', bytesOf(partsOf(stamps)[0]))
  const [, stampRoot] = (await sandboxIdentity(hub.app.settings.DATA_DIR, 'time-stamper')).certificates
  const roots = at('stamp-root.pem', stampRoot?.toString() ?? '')
  const verifyStamp = (data: Buffer) =>
    String(openssl(['ts', '-verify', '-data', at('stamped.bin', data), '-in', token, '-token_in', '-CAfile', roots]))
  t.match(verifyStamp(octetsOf(value)), /Verification: OK/, 'of the signature’s value')
  t.throws(() => verifyStamp(Buffer.from('another')), /ts/)
  t.equal(oidOf(partsOf(digest)[0]), '1.2.156.10197.1.401')
  t.equal(oidOf(partsOf(algorithm)[0]), '1.2.156.10197.1.301.1')
  const [, serial] = partsOf(issuer)
  t.equal(octetsOf(serial).toString('hex').toUpperCase(), new X509Certificate(readFileSync(own)).serialNumber)

  const known = new Map(partsOf(attributes).map((each) => [oidOf(partsOf(each)[0]), partsOf(partsOf(each)[1])[0]]))
  t.equal(oidOf(known.get('1.2.840.113549.1.9.3')), '1.2.156.10197.6.1.4.2.1')
  const sm3 = openssl(['dgst', '-sm3', '-binary', at('covered.bin', covered)])
  t.same(octetsOf(known.get('1.2.840.113549.1.9.4')), sm3, 'every byte of the file but the signature')

  const signed = Buffer.from(bytesOf(attributes))
  signed[0] = 0x31
  const open = at('sm2.pub', openssl(['x509', '-in', own, '-noout', '-pubkey']))
  const verify = (text: Buffer) =>
    openssl([
      'pkeyutl',
      '-verify',
      '-pubin',
      '-inkey',
      open,
      '-rawin',
      '-digest',
      'sm3',
      '-pkeyopt',
      USER_ID,
      '-in',
      at('signed.bin', text),
      '-sigfile',
      at('value.der', octetsOf(value)),
    ])
  t.match(String(verify(signed)), /Verified Successfully/)
  signed[signed.length - 1] = (signed.at(-1) ?? 0) ^ 1
  t.throws(() => verify(signed), /pkeyutl/, 'of nothing else')
  const identity = readIdentity(readFileSync(key, 'utf8'), readFileSync(chain, 'utf8'))
  if (identity.scheme !== 'gm') throw new Error('no SM2')
  await t.rejects(
    signGm(covered, identity, () => Promise.reject(new Error('no stamp'))),
    /no stamp/,
    'where one has to be had nothing is signed without',
  )
  t.equal(openSignedData(await signGm(covered, identity, async () => null)).signer.length, 6, 'else there is nothing in its place')
  t.equal(asn1.fromBER(der).offset, der.length, 'strict DER, whole')
  openssl(['asn1parse', '-inform', 'DER', '-in', at('signature.der', der)])
})

t.test('the published example key is read as the standard has it', async (t) => {
  // GB/T 32918.5 annex A; nobody's here.
  const scalar = '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8'
  const point =
    '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13'
  const pkcs8 = Buffer.from(`308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420${scalar}a14403420004${point}`, 'hex')
  const key = at('example.key', `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`)
  const own = join(folder, 'example.pem')
  openssl(['req', '-x509', '-new', '-key', key, '-sm3', '-sigopt', USER_ID, '-subj', '/CN=example', '-days', '30', '-out', own])
  const identity = readIdentity(readFileSync(key, 'utf8'), readFileSync(own, 'utf8'))
  t.match(identity, { scheme: 'gm' })
  if (identity.scheme === 'gm') t.equal(identity.key.publicKey.bytes.toString('hex'), point)
})

t.test('keys and certificates that do not go together are told apart', async (t) => {
  const { key, chain } = sm2Key()
  const { keyFile, certificatesFile } = sealKey(folder)
  const read = (keyPath: string, certificatesPath: string) => () =>
    readIdentity(readFileSync(keyPath, 'utf8'), readFileSync(certificatesPath, 'utf8'))
  t.throws(read(key, certificatesFile), /not of this key/)
  t.throws(read(keyFile, chain), /not of this key/)
  t.throws(read(key, key), /no certificate/)
  const edKey = join(folder, 'ed.key')
  const edCertificate = join(folder, 'ed.pem')
  openssl(['genpkey', '-algorithm', 'ed25519', '-out', edKey])
  openssl(['req', '-x509', '-new', '-key', edKey, '-subj', '/CN=ed', '-days', '30', '-out', edCertificate])
  t.throws(read(edKey, edCertificate), /only RSA, EC and SM2/)
})
