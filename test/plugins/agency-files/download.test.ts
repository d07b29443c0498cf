import { createHash } from 'node:crypto'
import t from 'tap'
import { textOfPdf } from '../../../conformance/pdf-text.ts'
import { loadConnectors } from '../../../plugins/load-connectors.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { unmarked } from '../../helper/unmarked.ts'

const ACCOUNT = '/v1/housing-fund/loan-account'
const SID = 'housing-fund.vouchers'

interface Given {
  id: string
  name: string
  mediaType: string | null
  href: string
}

async function vouchers(hub: Hub, url: string, options: Parameters<Hub['get']>[1] = {}, name = 'voucherAttachments'): Promise<Given[]> {
  const response = await hub.get(url, options)
  const { data } = response.json() as { data: Record<string, Given[]> | Record<string, Given[]>[] }
  return [data].flat().flatMap((row) => row[name] ?? [])
}

t.test('files of agencies', async (t) => {
  const hub = await build(t, { declarations: (await loadConnectors()).map(unmarked) })
  const faults = hub.app.sandbox?.faults
  const link = async () => (await vouchers(hub, ACCOUNT))[0] as Given

  t.test('a voucher is downloaded, says what the record says, and is on record', async (t) => {
    const { href, name } = await link()
    const { traceId, headers } = trace()
    const response = await hub.get(href, { headers })
    t.equal(response.statusCode, 200)
    t.match(response.headers, { 'content-type': 'application/pdf', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    const [plain, real] = String(response.headers['content-disposition']).split("UTF-8''")
    t.equal(plain, 'attachment; filename="file.pdf"; filename*=')
    t.equal(decodeURIComponent(real ?? ''), name)
    const loan = (await hub.get(ACCOUNT)).json().data
    const text = textOfPdf(response.rawPayload)
    t.match(text, name.replace(/^还款凭证|\.pdf$/g, ''))
    t.match(text, String(loan.disbursementAmount))
    t.strictSame(
      (await auditOf(hub, traceId)).map((row) => [row.upstreamStatus, (row as { file?: unknown }).file]),
      [[200, { sha256: createHash('sha256').update(response.rawPayload).digest('hex'), size: response.rawPayload.length }]],
    )
  })

  t.test('it may be looked at, under a policy that lets it do nothing', async (t) => {
    const response = await hub.get(`${(await link()).href}?preview=true`)
    t.match(response.headers['content-disposition'], /^inline; /)
    t.match(response.headers['content-security-policy'], /^sandbox; default-src 'none'/)
  })

  t.test('every service with files hands them out', async (t) => {
    const places: [url: string, field: string, options?: Parameters<Hub['get']>[1]][] = [
      ['/v1/housing-fund/loan-transactions', 'voucherAttachments'],
      ['/v1/housing-fund/loan-overdue-events', 'voucherAttachments'],
      ['/v1/real-estate/purchase-invoices', 'voucherAttachments'],
      ['/v1/medical-insurance/personal-insurance-certificate-printing?insuranceType=310', 'personalInsuranceCertificate'],
      ['/v1/medical-insurance/employer-insurance-certificate-printing', 'employerInsuranceCertificate', { enterprise: 1 }],
    ]
    for (const [url, field, options] of places) {
      const [first] = await vouchers(hub, url, options, field)
      const response = await hub.get(first?.href ?? '/', options)
      t.strictSame([response.statusCode, response.rawPayload.subarray(0, 5).toString()], [200, '%PDF-'], url)
    }
  })

  t.test('another’s link, a changed one, one of another service and one without a face are refused', async (t) => {
    const { href } = await link()
    t.strictSame(verdict(await hub.get(href, { person: 2 })), [404, 'HUB_FILE_LINK_INVALID'])
    const at = href.length - 5
    const changed = href.slice(0, at) + (href[at] === 'A' ? 'B' : 'A') + href.slice(at + 1)
    t.strictSame(verdict(await hub.get(changed)), [404, 'HUB_FILE_LINK_INVALID'])
    t.strictSame(verdict(await hub.get(href.replace('loan-account', 'loan-transactions'))), [404, 'HUB_FILE_LINK_INVALID'])
    t.strictSame(verdict(await hub.get(`${ACCOUNT}/files/PZ1`)), [404, 'HUB_FILE_LINK_INVALID'])
    t.strictSame(verdict(await hub.get(href, { face: false })), [403, 'HUB_FACE_REQUIRED'])
    t.equal((await hub.app.inject(href)).statusCode, 401)
  })

  t.test('a firm’s file is not the agent’s own', async (t) => {
    const url = '/v1/medical-insurance/employer-insurance-certificate-printing'
    const [first] = await vouchers(hub, url, { enterprise: 1 }, 'employerInsuranceCertificate')
    t.strictSame(verdict(await hub.get(first?.href ?? '/')), [403, 'HUB_MANDATE_REQUIRED'])
  })

  t.test('what is no file, too large, or does not come is refused with nothing of it', async (t) => {
    const { href } = await link()
    const troubles: [kind: string, code: string][] = [
      ['html', 'HUB_UPSTREAM_INVALID'],
      ['login', 'HUB_UPSTREAM_CREDENTIAL'],
      ['packed-bomb', 'HUB_UPSTREAM_INVALID'],
      ['reset', 'HUB_UPSTREAM_UNREACHABLE'],
      ['http-503', 'HUB_UPSTREAM_UNAVAILABLE'],
    ]
    for (const [kind, code] of troubles) {
      faults?.set({ kind, sid: SID, times: 2 } as Parameters<NonNullable<typeof faults>['set']>[0])
      t.equal(verdict(await hub.get(href))[1], code, kind)
      faults?.clear()
    }
    t.equal((await hub.get(href)).statusCode, 200, 'and then it is there again')
  })
})

t.test('a link ends', async (t) => {
  const hub = await build(t, { env: { FILE_LINK_SECONDS: '10' } })
  const { href } = (await vouchers(hub, ACCOUNT))[0] as Given
  const now = Date.now()
  t.intercept(Date, 'now', { value: () => now + 11_000 })
  t.strictSame(verdict(await hub.get(href)), [404, 'HUB_FILE_LINK_INVALID'])
})
