import { spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readSettings } from '../../../../config/settings.ts'
import { textOfPdf } from '../../../../conformance/pdf-text.ts'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import { readIdentity } from '../../../../plugins/kinds/document/signing/identity.ts'
import { openPaper } from '../../../../plugins/kinds/document/signing/paper.ts'
import { sandboxIdentity } from '../../../../plugins/kinds/document/signing/sandbox-authority.ts'
import { signPdf } from '../../../../plugins/kinds/document/signing/sign.ts'
import { drawPdf, type PrintedDocument } from '../../../../plugins/workshop/layout.ts'
import { qrOf } from '../../../../plugins/workshop/qr.ts'
import { png, sha256 } from '../../../helper/file-bytes.ts'
import { build } from '../../../helper/hub.ts'
import { objectionsToPdfA } from '../../../helper/pdf-a.ts'
import { sealKey } from '../../../helper/seal-key.ts'

const CERTIFICATE = '/v1/medical-insurance/personal-insurance-certificate-printing?format=pdf'
const has = (command: string) => spawnSync(command, ['-v']).error === undefined
const skip = has('pdfsig') || process.env['CI'] === 'true' ? false : 'poppler-utils is not installed'

const folder = mkdtempSync(join(tmpdir(), 'hub-seal-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

function run(command: string, args: string[], input?: Buffer): string {
  const { stdout, stderr, error } = spawnSync(command, args, { timeout: 30_000, maxBuffer: 1 << 26, ...(input ? { input } : {}) })
  if (error) throw error
  return `${stdout}${stderr}`
}

/** What pdfsig says of a file. */
function judge(pdf: Buffer): string {
  const path = join(folder, 'judged.pdf')
  writeFileSync(path, pdf)
  return run('pdfsig', [path])
}

function printed(more: Partial<PrintedDocument> = {}): PrintedDocument {
  const verifyUrl = 'https://hub.example.invalid/v1/verify/ABCDEFGHJKMNPQRSTVWX'
  return {
    title: '参保证明',
    agency: '许昌市示例局',
    source: '许昌市示例局',
    holder: [
      ['姓名', '贾𠮷'],
      ['证件号码', '411***********000X'],
    ],
    conditions: [],
    records: [{ facts: [['单位', '许昌市虚构公司']], tables: [] }],
    code: 'ABCD-EFGH-JKMN-PQRS-TVWX',
    verifyUrl,
    qr: qrOf(verifyUrl),
    issuedAt: 1_790_000_000_000,
    issued: '2026-09-21 22:13:20',
    expires: '2026-12-20 22:13:20',
    signature: { name: '示例', reason: '出具参保证明', at: 1_790_000_000_000, subFilter: 'ETSI.CAdES.detached' },
    ...more,
  }
}

t.test('what a hub issues is signed, and any change shows', { skip }, async (t) => {
  const hub = await build(t, { declarations: [medicalInsurance] })
  const pdf = (await hub.get(CERTIFICATE)).rawPayload
  const told = judge(pdf)
  t.match(told, /Signature is Valid/)
  t.match(told, /ETSI\.CAdES\.detached/)
  t.match(told, /Total document signed/)
  t.match(told, /沙箱电子证明（没有任何效力）/, 'a sandbox’s certificate says what it is')
  const altered = Buffer.from(pdf)
  const at = altered.indexOf('endstream') - 20
  altered[at] = (altered[at] ?? 0) ^ 1
  t.match(judge(altered), /Digest Mismatch/)
  t.match(textOfPdf(pdf), /沙箱样章/)
  const { contentHash } = (await hub.app.inject({ url: /http\S+(\/v1\/verify\/\w+)/.exec(textOfPdf(pdf))?.[1] ?? '' })).json().data
  t.equal(contentHash, sha256(pdf), 'the hash is of the signed file')
  const again = (await hub.get(CERTIFICATE)).rawPayload
  const chain = (file: Buffer) => /Signer full Distinguished Name: .*/.exec(judge(file))?.[0]
  t.equal(chain(again), chain(pdf))
})

t.test('with the operator’s own key, RSA or EC; one that does not fit stops the start', { skip }, async (t) => {
  const [one, other] = [sealKey(folder, 'rsa'), sealKey(folder)]
  const drawn = await drawPdf(printed())
  for (const { kind, keyFile, certificatesFile } of [one, other]) {
    const settings = readSettings({ DATA_DIR: folder, SEAL_KEY_FILE: keyFile, SEAL_CERTIFICATES_FILE: certificatesFile })
    const identity = await openPaper(settings, false, { warn: () => undefined }).identity()
    if (!identity) throw new Error('no identity')
    const told = judge((await signPdf(drawn, identity)).pdf)
    t.match(told, /Signature is Valid/, kind)
    t.match(told, `CN=own-${kind}`)
  }
  const open = (more: Record<string, string>) => () =>
    openPaper(readSettings({ DATA_DIR: folder, ...more }), true, { warn: () => undefined })
  t.throws(open({ SEAL_KEY_FILE: one.keyFile, SEAL_CERTIFICATES_FILE: other.certificatesFile }), /not of this key/)
  t.throws(open({ SEAL_KEY_FILE: one.keyFile }), /go together/)
  t.throws(open({ SEAL_KEY_FILE: join(folder, 'none'), SEAL_CERTIFICATES_FILE: one.certificatesFile }), /ENOENT/)
  const strange = sealKey(folder, 'koblitz')
  const { keyFile: SEAL_KEY_FILE, certificatesFile: SEAL_CERTIFICATES_FILE } = strange
  t.throws(open({ SEAL_KEY_FILE, SEAL_CERTIFICATES_FILE }), /on the curve secp256k1/, 'at the start, not at the first certificate')
  const none = openPaper(readSettings({ DATA_DIR: folder }), false, { warn: () => undefined })
  t.strictSame([await none.identity(), none.sealOf('water')], [null, null], 'production signs and seals nothing of its own accord')
})

t.test('an agency’s seal is its own image', async (t) => {
  writeFileSync(join(folder, 'water.png'), png)
  const paper = openPaper(readSettings({ DATA_DIR: folder, SEAL_IMAGES: folder }), true, { warn: () => undefined })
  t.ok('image' in (paper.sealOf('water') ?? {}))
  t.match(paper.sealOf('other'), { sample: '沙箱样章' })
  const pdf = await drawPdf(printed({ seal: paper.sealOf('water') }))
  t.match(pdf.toString('latin1'), /\/Subtype \/Image/)
  t.notMatch(textOfPdf(pdf), '沙箱样章')
})

t.test('the sandbox’s authority vouches for its signer, and outlives the process', async (t) => {
  const first = await sandboxIdentity(folder)
  const [leaf, root] = first.certificates
  if (!leaf || !root) throw new Error('no chain')
  t.ok(leaf.verify(root.publicKey) && root.verify(root.publicKey) && root.ca && !leaf.ca)
  t.ok(leaf.checkPrivateKey(first.key))
  const second = await sandboxIdentity(folder)
  t.equal(second.certificates[0]?.fingerprint256, leaf.fingerprint256)
  t.ok(createPrivateKey(readFileSync(join(folder, 'sandbox-seal-signer.pem'))))
})

t.test('as PDF/A-2b has it: tagged, fonts embedded, colours and metadata said', { skip }, async (t) => {
  const pdf = await drawPdf(printed())
  const text = pdf.toString('latin1')
  for (const part of [
    '/OutputIntents',
    '/GTS_PDFA1',
    '<pdfaid:part>2</pdfaid:part>',
    '<pdfaid:conformance>B',
    '/MarkInfo',
    '/StructTreeRoot',
  ])
    t.ok(text.includes(part), part)
  t.notMatch(text, /NeedAppearances/)
  t.match(run('pdfinfo', ['-'], pdf), /Tagged:\s+yes/)
  const [, , ...fonts] = run('pdffonts', ['-'], pdf).trim().split('\n')
  t.ok(fonts.length > 0)
  for (const font of fonts) t.match(font, /Identity-H +yes yes yes/, font)
  const structure = run('pdfinfo', ['-struct-text', '-'], pdf)
  for (const part of ['H1', 'TH', 'TD', '兹证明：经查许昌市示例局的业务记录，截至 2026年9月21日']) t.ok(structure.includes(part), part)
})

t.test('an archive has nothing against it, whatever it holds (ISO 19005-2, by its clauses)', async (t) => {
  const { DOCUMENT_FONTS } = readSettings({ DATA_DIR: folder })
  const fonts = DOCUMENT_FONTS.split(',').filter(existsSync)
  const { keyFile, certificatesFile } = sealKey(folder)
  const identity = readIdentity(readFileSync(keyFile, 'utf8'), readFileSync(certificatesFile, 'utf8'))
  const rows = Array.from({ length: 60 }, (_, index) => [`2026年第${index}期`, '1,234.56'])
  const papers: Readonly<Record<string, Partial<PrintedDocument>>> = {
    'with a sample of a seal': { seal: { sample: '沙箱样章' } },
    'with the image of one that shines through': { seal: { image: png } },
    'with names of other fonts': { fonts, holder: [['姓名', '贾𠮷𠀀㐂']] },
    'of several pages': { records: [{ facts: [], tables: [{ title: '明细', head: ['期', '金额'], rows }] }] },
    'with a name that is no XML': { title: '<参保>证明&凭证', agency: 'A&B' },
  }
  for (const [title, more] of Object.entries(papers))
    t.same(await objectionsToPdfA((await signPdf(await drawPdf(printed(more)), identity)).pdf), [], title)
  t.same(await objectionsToPdfA(await drawPdf(printed({ signature: null }))), [], 'unsigned')

  // The judge sees what it is there to see.
  const pdf = await drawPdf(printed({ seal: { image: png } }))
  const broken: readonly [RegExp, string, string][] = [
    [/6\.1\.3/, '/ID [', '/IX ['],
    [/6\.2\.3/, '/OutputIntents', '/OutputXntents'],
    [/6\.2\.11\.4/, '/FontFile3', '/FontFileX'],
    [/6\.2\.11\.7/, '/ToUnicode', '/ToUnicodX'],
    [/6\.3\.2/, '/F 132', '/F 130'],
    [/6\.3\.3/, '/AP <<', '/AX <<'],
    [/6\.6\.3 Author/, '/Author', '/Authox'],
    [/6\.6\.4/, '<pdfaid:part>2', '<pdfaid:part>1'],
    [/14\.7\.1/, '/Marked true', '/Marked null'],
    [/14\.7\.2/, '/StructTreeRoot', '/StructTreeRooX'],
    [/14\.9\.2/, '/Lang (', '/Lanx ('],
    [/UA 7\.3/, '/Alt (', '/Alx ('],
  ]
  for (const [clause, from, to] of broken) {
    const text = pdf.toString('latin1')
    t.ok(text.includes(from), from)
    t.match((await objectionsToPdfA(Buffer.from(text.replaceAll(from, to), 'latin1'))).join('; '), clause)
  }
})

t.test('no name is printed as a blank or, with the fonts for it, as 〓', async (t) => {
  const { DOCUMENT_FONTS } = readSettings({ DATA_DIR: folder })
  const fonts = DOCUMENT_FONTS.split(',').filter(existsSync)
  t.match(textOfPdf(await drawPdf(printed())), '贾〓')
  if (fonts.length === 0 && process.env['CI'] !== 'true') return t.comment('fonts-hanazono is not installed')
  const names = '𠮷𠀀𪛖㐂䶮堃'
  const pdf = await drawPdf(printed({ fonts, holder: [['姓名', `贾${names}`]] }))
  t.ok(textOfPdf(pdf).replaceAll('\n', '').includes(`贾${names}`))
  t.notMatch(textOfPdf(pdf), '〓')
})
