import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import t from 'tap'
import { textOfPdf } from '../../../../conformance/pdf-text.ts'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import { enterprises, people } from '../../../../plugins/sandbox/people.ts'
import { groupCode, newCode, readCode } from '../../../../plugins/users/typed-code.ts'
import { drawPdf, type PrintedDocument, QR_BOX } from '../../../../plugins/workshop/layout.ts'
import { qrOf } from '../../../../plugins/workshop/qr.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { call } from '../../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const PERSONAL = '/v1/medical-insurance/personal-insurance-certificate-printing'
const EMPLOYER = '/v1/medical-insurance/employer-insurance-certificate-printing'
const PUBLIC_URL = 'https://hub.example.invalid'
const DAY = 24 * 3_600_000

const poppler = spawnSync('pdftotext', ['-v']).error === undefined
const skip = poppler || process.env['CI'] === 'true' ? false : 'poppler-utils is not installed'

function poppled(command: string, args: string[], pdf: Buffer): Buffer {
  const { stdout, status, error } = spawnSync(command, args, { input: pdf, timeout: 20_000, maxBuffer: 1 << 26 })
  if (error || status !== 0) throw error ?? new Error(`${command} ended with ${status}`)
  return stdout
}

/** Without white space: a reader breaks lines where the page does. */
const textOf = (pdf: Buffer) => poppled('pdftotext', ['-layout', '-', '-'], pdf).toString().replace(/\s+/g, '')
const pagesOf = (pdf: Buffer) => Number(/^Pages:\s+(\d+)/m.exec(poppled('pdfinfo', ['-'], pdf).toString())?.[1])

/** One page as grey values, two pixels a point. */
function pixelsOf(pdf: Buffer, page = 1) {
  const args = ['-gray', '-r', '144', '-f', String(page), '-l', String(page), '-']
  const image = poppled('pdftoppm', args, pdf)
  const [head = '', width, height] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(image.subarray(0, 40).toString('latin1')) ?? []
  const grey = image.subarray(head.length)
  return {
    width: Number(width),
    height: Number(height),
    at: (x: number, y: number) => grey[Math.round(y * 2) * Number(width) + Math.round(x * 2)] ?? 255,
    grey,
  }
}

/** The QR code as it stands on the first page, its modules read from the middle of each. */
function readQr(pdf: Buffer, size: number): string {
  const { at } = pixelsOf(pdf)
  const step = QR_BOX.size / size
  const module = (index: number) => at(QR_BOX.x + ((index % size) + 0.5) * step, QR_BOX.y + (Math.floor(index / size) + 0.5) * step)
  return Array.from({ length: size * size }, (_, index) => (module(index) < 128 ? '1' : '0')).join('')
}

const share = (grey: Buffer) => grey.reduce((dark, value) => dark + (value < 200 ? 1 : 0), 0) / grey.length

function printed(more: Partial<PrintedDocument> = {}): PrintedDocument {
  const code = newCode()
  const verifyUrl = `${PUBLIC_URL}/v1/verify/${code}`
  return {
    title: '参保证明',
    agency: '许昌市示例局',
    source: '许昌市示例局',
    holder: [['姓名', '贾明']],
    conditions: [],
    records: [],
    code: groupCode(code),
    verifyUrl,
    qr: qrOf(verifyUrl),
    issuedAt: 1_790_000_000_000,
    issued: '2026-09-21 22:13:20',
    expires: '2026-12-20 22:13:20',
    ...more,
  }
}

t.test('a code can be typed as it is read', async (t) => {
  t.equal(new Set(Array.from({ length: 500 }, newCode)).size, 500)
  t.match(groupCode(newCode()), /^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/)
  fc.assert(
    fc.property(fc.string(), (text) => {
      const code = readCode(text)
      return code === null || (/^[0-9A-HJKMNP-TV-Z]{20}$/.test(code) && readCode(groupCode(code).toLowerCase()) === code)
    }),
  )
  const code = '01'.repeat(10)
  for (const typed of ['ol'.repeat(10), 'OI'.repeat(10), groupCode(code), ` ${groupCode(code).replaceAll('-', ' ')}`])
    t.equal(readCode(typed), code)
  for (const wrong of ['', '0'.repeat(19), '0'.repeat(21), 'U'.repeat(20), '零'.repeat(20)]) t.equal(readCode(wrong), null, wrong)
})

t.test('what the page says is read without a reader of pages', async (t) => {
  const document = printed({ records: [{ facts: [['说明', '𠮷野家 ﬁ 12.50\n元']], tables: [] }] })
  const pdf = await drawPdf(document)
  const text = textOfPdf(pdf)
  for (const part of [document.title, document.agency, document.code, document.verifyUrl, '说明', '〓野家', '12.50 元', '第 1 页，共 1 页'])
    t.ok(text.includes(part), part)
  if (poppler) for (const line of text.split('\n')) t.ok(textOf(pdf).includes(line.replace(/\s+/g, '')), line)
  t.equal(textOfPdf(Buffer.from('%PDF-1.3 nothing to read')), '')
})

t.test('long values wrap, long tables and cells go over pages', { skip }, async (t) => {
  const long = Array.from({ length: 3000 }, (_, index) => String.fromCodePoint(0x4e00 + (index % 300))).join('')
  const rows = Array.from({ length: 120 }, (_, index) => [`甲${index}`, `9${'0'.repeat(60)}${index}`, '正常'])
  const pdf = await drawPdf(
    printed({ records: [{ facts: [['说明', long]], tables: [{ title: '缴费记录', head: ['姓名', '编号', '状态'], rows }] }] }),
  )
  const pages = pagesOf(pdf)
  t.ok(pages > 4, `${pages} pages`)
  const text = textOf(pdf)
  t.ok(text.includes('甲0') && text.includes('甲119'), 'first and last row')
  t.ok((text.match(/姓名编号状态/g)?.length ?? 0) > 2, 'the head of a table stands on each of its pages')
  for (let page = 1; page <= pages; page++) {
    t.ok(text.includes(`第${page}页，共${pages}页`), `foot of page ${page}`)
    const { width, height, grey, at } = pixelsOf(pdf, page)
    t.strictSame([width, height], [1191, 1684])
    t.ok(share(grey) > 0.002, `page ${page} is not blank`)
    // Nothing runs out of the page on the right or over its foot.
    let outside = 0
    for (let y = 1; y < 840; y++) if (at(595.28 - 40, y) < 200) outside++
    for (let x = 1; x < 595; x++) if (at(x, 841.89 - 62) < 200) outside++
    t.equal(outside, 0, `the margins of page ${page} are empty`)
  }
})

for (const target of targets) {
  t.test(target.name, { skip }, async (t) => {
    const hub = await build(t, { target, declarations: [medicalInsurance], env: { PUBLIC_URL } })
    const verify = (code: string) => hub.app.inject({ url: `/v1/verify/${code}` })
    const rowsIn = async () => Number((await hub.app.database('issued_documents').count({ n: '*' }))[0]?.['n'])

    t.test('a person’s certificate: text, page, QR code and verification', async (t) => {
      const [person] = people
      const { traceId, headers } = trace()
      const { data } = (await hub.get(PERSONAL)).json()
      const response = await hub.get(`${PERSONAL}?format=pdf`, { headers })
      t.equal(response.statusCode, 200, response.statusCode === 200 ? '' : response.body)
      t.equal(response.headers['content-type'], 'application/pdf')
      t.equal(response.headers['cache-control'], 'no-store')
      t.match(response.headers['content-disposition'], new RegExp(`UTF-8''${encodeURIComponent('个人参保证明')}-[\\d-]{10}\\.pdf$`))
      t.match(await auditOf(hub, traceId), [{ outcome: 'ok', rows: 1, service: 'personal-insurance-certificate-printing' }])

      const pdf = response.rawPayload
      t.equal(pdf.subarray(0, 5).toString(), '%PDF-')
      const text = textOf(pdf)
      const expected = ['个人参保证明', '参保类型', data.insuranceType.name, '参保时间', data.insuredEmployer, person?.name, '第1页，共1页']
      for (const part of [...expected, '411***********000X', `代${medicalInsurance.agency}出具`, '2012-03-01'])
        t.ok(text.includes(String(part)), String(part))
      t.notOk(text.includes(String(person?.number)), 'no id number in full')
      t.notOk(text.includes('打印'), 'the document is not called what the service is called')
      t.equal((await catalogue(hub))['personal-insurance-certificate-printing'], '个人参保证明打印')
      t.ok(share(pixelsOf(pdf).grey) > 0.005, 'the page is not blank')

      const code = codeIn(text)
      const qr = qrOf(`${PUBLIC_URL}/v1/verify/${code}`)
      t.equal(readQr(pdf, qr.size), qr.modules, 'the QR code on the page says where to verify')

      const verified = await verify(code)
      t.equal(verified.statusCode, 200)
      t.equal(verified.headers['cache-control'], 'no-store')
      const { issuedAt, expiresAt, ...shown } = verified.json().data
      t.strictSame(shown, {
        valid: true,
        service: '个人参保证明',
        agency: medicalInsurance.agency,
        holder: { name: '贾*', number: '411***********000X' },
        contentHash: sha256(pdf),
      })
      t.equal(Date.parse(expiresAt) - Date.parse(issuedAt), 90 * DAY)
      t.not(sha256(Buffer.concat([pdf, Buffer.from('\n')])), shown.contentHash, 'a file that was changed has another hash')
      t.strictSame((await verify(groupCode(code).toLowerCase())).json().data, verified.json().data, 'as typed by hand')
      t.notOk(hub.logged().includes(code), 'the code is in no log')

      const again = await hub.get(PERSONAL, { headers: { accept: 'application/pdf' } })
      t.equal(again.headers['content-type'], 'application/pdf')
      t.not(codeIn(textOf(again.rawPayload)), code, 'each document has a code of its own')
    })

    t.test('a unit’s certificate needs the mandate and shows its lists', async (t) => {
      const response = await hub.get(`${EMPLOYER}?format=pdf&timeRange=2026-01-01/2026-06-30`, { enterprise: 1 })
      t.equal(response.statusCode, 200, response.statusCode === 200 ? '' : response.body)
      const text = textOf(response.rawPayload)
      const [unit] = enterprises
      for (const part of [
        '单位参保证明',
        `代${medicalInsurance.agency}出具，数据由河南省卫健委平台提供`,
        unit?.name,
        unit?.number,
        '参保人员',
        '缴费记录',
        '查询条件：时间范围2026-01-01至2026-06-30',
        '元',
      ])
        t.ok(text.includes(String(part)), String(part))
      for (const { name, number } of people) {
        t.notOk(text.includes(number), 'no id number in full')
        t.notOk(text.includes(name), 'no name of another person in full')
      }
      t.strictSame((await verify(codeIn(text))).json().data.holder, { name: unit?.name, number: unit?.number })
      const before = await rowsIn()
      const refused = await hub.get(`${EMPLOYER}?format=pdf`)
      t.equal(refused.statusCode, 403)
      t.equal(await rowsIn(), before, 'nothing was issued')
    })

    t.test('what isn’t whole, there or public is refused, and nothing issued', async (t) => {
      const before = await rowsIn()
      const cases: [url: string, person: number, status: number, code: string][] = [
        [`${PERSONAL}?format=pdf&fields=insuranceType`, 1, 400, 'HUB_VALIDATION'],
        [`${PERSONAL}?format=pdf`, 7, 404, 'HUB_NO_RECORD'],
        ['/v1/medical-insurance/personal-basic-information?format=pdf', 1, 400, 'HUB_VALIDATION'],
      ]
      for (const [url, person, ...expected] of cases) t.strictSame(verdict(await hub.get(url, { person })), expected, url)
      const headers = { accept: 'application/pdf' }
      const other = await hub.get('/v1/medical-insurance/personal-basic-information', { headers })
      t.strictSame(verdict(other), [406, 'HUB_NOT_ACCEPTABLE'])
      t.match((await hub.get(PERSONAL, { headers: { accept: '*/*' } })).headers['content-type'], /^application\/json/)
      t.strictSame(verdict(await hub.app.inject({ url: `${PERSONAL}?format=pdf` })), [401, 'HUB_TOKEN_MISSING'])
      t.equal(await rowsIn(), before)
    })

    t.test('unknown, expired and revoked codes are one answer; asking is limited and audited', async (t) => {
      const issue = async () => codeIn(textOf((await hub.get(`${PERSONAL}?format=pdf`)).rawPayload))
      const newest = () => hub.app.database('issued_documents').orderBy('issued_at', 'desc').first()
      const expired = await issue()
      await hub.app
        .database('issued_documents')
        .where({ id: (await newest()).id })
        .update({ expires_at: Date.now() - 1 })
      const revoked = await issue()
      const { id } = await newest()
      t.equal((await call(hub, 'DELETE', `/v1/me/documents/${id}`)).statusCode, 204)
      const bodies = new Set<string>()
      for (const code of [expired, revoked, newCode(), 'no-code', encodeURIComponent("' or 1=1 --")]) {
        const response = await verify(code)
        t.strictSame(verdict(response), [404, 'HUB_NO_RECORD'], code)
        bodies.add(JSON.stringify({ ...response.json(), traceId: '' }))
      }
      t.equal(bodies.size, 1)

      const { traceId, headers } = trace()
      await hub.app.inject({ url: `/v1/verify/${newCode()}`, headers })
      t.match(await auditOf(hub, traceId), [{ connector: 'hub', service: 'verify', outcome: 'HUB_NO_RECORD', status: 404 }])
      const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await verify(newCode())).statusCode))
      t.ok(statuses.includes(429))
    })

    t.test('openapi.json says what can be had as PDF', async (t) => {
      const document = (await hub.app.inject('/openapi.json')).json()
      const { valid, errors } = await new Validator().validate(structuredClone(document))
      t.ok(valid, JSON.stringify(errors))
      const contentOf = (path: string) => document.paths[path].get.responses['200'].content
      t.ok(contentOf('/v1/{connector}/{service}')['application/pdf'])
      for (const { contract } of medicalInsurance.services.filter(({ contract }) => !contract.submission)) {
        const path = `/v1/medical-insurance/${contract.id}`
        const offered: string[] = document.paths[path].get['x-export-formats']
        t.equal(offered.includes('pdf'), contract.kind === 'document', contract.id)
        t.strictSame(Object.keys(contentOf(path)), ['application/json'])
      }
      const { $ref } = contentOf(PERSONAL)['application/json'].schema.properties.data
      t.ok(document.components.schemas[$ref.split('/').at(-1)].properties.insuranceType)
    })

    t.test('the store holds neither code nor personal data in clear', async (t) => {
      const text = JSON.stringify(await hub.app.database('issued_documents'))
      for (const { name, number } of people) t.notOk(text.includes(name) || text.includes(number))
      t.ok(await rowsIn())
    })

    t.test('a document that could not be written down does not leave', async (t) => {
      await hub.app.database.schema.dropTable('issued_documents')
      t.strictSame(verdict(await hub.get(`${PERSONAL}?format=pdf`)), [503, 'HUB_STORE_UNAVAILABLE'])
      const url = `/v1/verify/${newCode()}`
      t.strictSame(verdict(await hub.app.inject({ url, remoteAddress: '127.0.0.9' })), [503, 'HUB_STORE_UNAVAILABLE'])
    })
  })
}

function codeIn(text: string): string {
  const code = /验证码((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})/.exec(text)?.[1]
  if (!code) throw new Error('no code on the page')
  return code.replaceAll('-', '')
}

/** Names of the services as the catalogue tells them. */
async function catalogue(hub: Hub): Promise<Record<string, string>> {
  const [connector] = (await hub.app.inject({ url: '/v1/catalog' })).json().data
  return Object.fromEntries(connector.services.map(({ service, name }: { service: string; name: string }) => [service, name]))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
