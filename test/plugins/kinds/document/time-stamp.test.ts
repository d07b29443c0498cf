import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import { sandboxIdentity } from '../../../../plugins/kinds/document/signing/sandbox-authority.ts'
import { queryOf } from '../../../../plugins/kinds/document/signing/time-stamp.ts'
import { createTimeStamper, type TimeStamperOptions } from '../../../../plugins/kinds/document/signing/time-stamper.ts'
import { createTimeStampSimulator } from '../../../../plugins/sandbox/time-stamp.ts'
import { build } from '../../../helper/hub.ts'
import { startListening } from '../../../helper/listening.ts'
import { bytesOf, octetsOf, oidOf, openSignedData, partsOf, readPdfSignature } from '../../../helper/pdf-signature.ts'
import { openssl, sealKey } from '../../../helper/seal-key.ts'

const CERTIFICATE = '/v1/medical-insurance/personal-insurance-certificate-printing?format=pdf'
const REPLY = 'application/timestamp-reply'
const folder = mkdtempSync(join(tmpdir(), 'hub-tsa-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const skip = spawnSync('pdfsig', ['-v']).error === undefined || process.env['CI'] === 'true' ? false : 'poppler-utils is not installed'
const at = (name: string, content: Buffer | string) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

t.test('a certificate has a time stamp that OpenSSL and pdfsig verify (PAdES B-T)', { skip }, async (t) => {
  const hub = await build(t, { declarations: [medicalInsurance] })
  const pdf = (await hub.get(CERTIFICATE)).rawPayload
  const { stdout } = spawnSync('pdfsig', [at('stamped.pdf', pdf)])
  t.match(String(stdout), /Signature is Valid/)
  const { der, subFilter } = readPdfSignature(pdf)
  t.equal(subFilter, 'ETSI.CAdES.detached')
  const { signer } = openSignedData(der)
  const [unsigned] = partsOf(signer.at(-1))
  const [type, values] = partsOf(unsigned)
  t.equal(oidOf(type), '1.2.840.113549.1.9.16.2.14')
  const token = at('token.der', bytesOf(partsOf(values)[0]))
  const value = at('value.bin', octetsOf(signer.at(-2)))
  const [, root] = (await sandboxIdentity(hub.app.settings.DATA_DIR, 'time-stamper')).certificates
  const verify = (data: string) => [
    'ts',
    '-verify',
    '-data',
    data,
    '-in',
    token,
    '-token_in',
    '-CAfile',
    at('root.pem', root?.toString() ?? ''),
  ]
  t.match(String(openssl(verify(value))), /Verification: OK/)
  t.throws(() => openssl(verify(at('other.bin', 'another signature'))), /ts/, 'of no other')
  const [row] = await hub.app.database('issued_documents')
  t.equal(row.signature, 'pades-b-t')
  t.ok(Math.abs(Number(row.stamped_at) - Date.now()) < 60_000)
  t.match((await hub.get('/v1/me/documents')).json().data, [{ signature: 'pades-b-t', stampedAt: /\+08:00$/ }])
  t.match((await hub.get('/health')).json().checks['platform:time-stamp'], [{ name: '时间戳服务', status: 'pass' }])
})

t.test('where no time stamp is to be had it is signed without, and its record says so; or it is not signed', async (t) => {
  const url = await startListening(t, (_request, response) => response.writeHead(503).end())
  const off = await build(t, { declarations: [medicalInsurance], env: { SEAL_TSA_URL: url } })
  t.equal((await off.get(CERTIFICATE)).statusCode, 200)
  t.match(await off.app.database('issued_documents'), [{ signature: 'pades-b-b', stamped_at: null }])
  t.match((await off.get('/v1/me/documents')).json().data, [{ signature: 'pades-b-b', stampedAt: null }])
  t.match(off.logged(), /没有取得时间戳/)
  const on = await build(t, { declarations: [medicalInsurance], env: { SEAL_TSA_URL: url, SEAL_TSA_REQUIRED: 'on' } })
  t.match((await on.get(CERTIFICATE)).json(), { status: 503, code: 'HUB_UPSTREAM_UNAVAILABLE', agency: '时间戳服务' })
  t.equal((await on.app.database('issued_documents')).length, 0)
})

t.test('what is no stamp of this authority’s, of these bytes, now, is none', async (t) => {
  const simulator = createTimeStampSimulator(folder)
  const bytes = Buffer.from('a signature')
  const digest = createHash('sha256').update(bytes).digest()
  const [, root] = (await sandboxIdentity(folder, 'time-stamper')).certificates
  const [stranger] = (await sandboxIdentity(mkdtempSync(join(folder, 'other-')), 'signer')).certificates.slice(-1)
  if (!root || !stranger) throw new Error('no authority')
  const late = createTimeStampSimulator(folder, () => Date.now() + 3_600_000)
  const unfit = createTimeStampSimulator(folder, Date.now, 'signer')
  const altered = async (query: Buffer) => {
    const reply = await simulator.answer(query)
    reply[reply.length - 5] = (reply[reply.length - 5] ?? 0) ^ 1
    return reply
  }
  type Answer = (query: Buffer) => Promise<Buffer> | Buffer
  /** What is made of such an answer. */
  async function stamped(answer: Answer, more: Partial<TimeStamperOptions> = {}, head: object = { 'content-type': REPLY }) {
    const url = await startListening(t, async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      response.writeHead(200, { ...head }).end(await answer(Buffer.concat(parts)))
    })
    const stamper = createTimeStamper({
      url,
      required: true,
      trusted: [root as NonNullable<typeof root>],
      log: { warn: () => undefined },
      ...more,
    })
    t.teardown(() => stamper.close())
    return stamper.stamp(bytes)
  }
  t.match(await stamped(simulator.answer), { at: Number })
  t.match(await stamped(simulator.answer, { trusted: [] }), { at: Number }, 'whoever signs well, where nobody is named')
  const answers: Readonly<Record<string, Answer>> = {
    'no stamp': () => Buffer.from('not found'),
    nothing: () => Buffer.alloc(0),
    refused: () => simulator.answer(Buffer.from('no question')),
    'of something else': () => simulator.answer(queryOf(randomBytes(32), randomBytes(8))),
    'in answer to another question': () => simulator.answer(queryOf(digest, randomBytes(8))),
    'at another time': late.answer,
    altered: altered,
    'by a certificate that is for something else': unfit.answer,
  }
  for (const [title, answer] of Object.entries(answers)) {
    await t.rejects(stamped(answer), { code: 'HUB_UPSTREAM_INVALID', extras: { agency: '时间戳服务' } }, title)
    t.equal(await stamped(answer, { required: false }), null, title)
  }
  await t.rejects(stamped(simulator.answer, { trusted: [stranger] }), { code: 'HUB_UPSTREAM_INVALID' }, 'another’s')
  await t.rejects(stamped(simulator.answer, {}, { 'content-type': 'text/html' }), { code: 'HUB_UPSTREAM_INVALID' })
  const never = new Promise<Buffer>(() => undefined)
  await t.rejects(
    stamped(() => never, { timeoutMs: 50 }),
    { code: 'HUB_UPSTREAM_TIMEOUT' },
  )
})

t.test('an authority’s certificates that cannot be read stop the start', async (t) => {
  await t.rejects(
    build(t, { declarations: [medicalInsurance], env: { SEAL_TSA_CERTIFICATES_FILE: join(folder, 'none') } }),
    /SEAL_TSA_CERTIFICATES_FILE/,
  )
  const { certificatesFile } = sealKey(folder)
  await t.resolves(build(t, { declarations: [medicalInsurance], env: { SEAL_TSA_CERTIFICATES_FILE: certificatesFile } }))
})
