import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { textOfPdf } from '../../../conformance/pdf-text.ts'
import housingFund from '../../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration, SandboxRows } from '../../../core/connector.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'

const ACCOUNT = '/v1/housing-fund/loan-account'
const POLICY = { words: '仅供本人办理业务使用' }

/** The housing fund with a watermark on its vouchers, of which one is a picture and one a PDF. */
const declaration: ConnectorDeclaration = {
  ...housingFund,
  services: housingFund.services.map((service) => {
    const { files } = service.contract
    return files ? { ...service, contract: { ...service.contract, files: { ...files, watermark: POLICY } } } : service
  }),
  sandbox: {
    ...housingFund.sandbox,
    'loan-account': ((subject, world) =>
      (housingFund.sandbox['loan-account']?.(subject, world) ?? []).map((row) => ({
        ...row,
        pzfj: [
          { wjbh: 'TP1', wjmc: '还款凭证.png', wjlx: 'image/png' },
          { wjbh: 'PD1', wjmc: '还款凭证.pdf', wjlx: 'application/pdf' },
        ],
      }))) satisfies SandboxRows,
  },
}

t.test('a picture leaves with whom it was handed to, for what and when', async (t) => {
  const hub = await build(t, { declarations: [declaration] })
  const { data } = (await hub.get(ACCOUNT)).json()
  const [picture, paper] = data.voucherAttachments as { href: string; name: string }[]
  const { traceId, headers } = trace()
  const stamped = await hub.get(`${picture?.href}?use=${encodeURIComponent('办理提取')}`, { headers })
  t.equal(stamped.statusCode, 200, stamped.body.slice(0, 200))
  t.match(stamped.headers, { 'content-type': 'application/pdf', 'content-disposition': /\.pdf"/ })
  const text = textOfPdf(stamped.rawPayload)
  t.match(text, /仅供本人办理业务使用/)
  t.match(text, /用途：办理提取/)
  t.match(text, /贾\* 20\d\d-\d\d-\d\d \d\d:\d\d/)
  const [row] = await auditOf(hub, traceId)
  t.match(row, { file: { size: stamped.rawPayload.length } }, 'what left is on record')
  t.equal((await hub.get(`${picture?.href}?preview=true`)).headers['content-disposition']?.toString().startsWith('inline'), true)
  t.strictSame(verdict(await hub.get(`${picture?.href}?use=x`)), [400, 'HUB_VALIDATION'])

  const marked = await hub.get(paper?.href ?? '')
  t.equal(marked.statusCode, 200, marked.body.slice(0, 200))
  t.match(textOfPdf(marked.rawPayload), /仅供本人办理业务使用\n贾\* 20\d\d/)
  t.equal(marked.headers['x-watermark'], undefined)
  t.match(marked.headers['content-disposition'], /\.pdf"/)
})

t.test('a PDF that cannot be marked is refused with the reason, or leaves as it is where that is declared', async (t) => {
  const { services } = housingFund
  const named = (body: string) => Buffer.from(`%PDF-1.7\n${body}`)
  const papers = {
    signed: named('1 0 obj<</Type/Sig/ByteRange[0 1 2 3]>>'),
    encrypted: named('trailer<</Encrypt 1 0 R>>'),
    unreadable: named('x'),
  }
  const server = createServer((request, response) => response.end(papers[request.url?.slice(1) as keyof typeof papers]))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const addresses = { hosts: [host], internal: true as const }
  for (const otherwise of ['refuse', 'plain'] as const) {
    const hub = await build(t, {
      declarations: [
        {
          ...declaration,
          services: services.map((service) => {
            const { files } = service.contract
            return files
              ? { ...service, contract: { ...service.contract, files: { ...files, addresses, watermark: { ...POLICY, otherwise } } } }
              : service
          }),
          sandbox: {
            ...housingFund.sandbox,
            'loan-account': ((subject, world) =>
              (housingFund.sandbox['loan-account']?.(subject, world) ?? []).map((row) => ({
                ...row,
                pzfj: Object.keys(papers).map((name) => ({ wjmc: name, wjdz: `http://${host}/${name}` })),
              }))) satisfies SandboxRows,
          },
        },
      ],
    })
    const { data } = (await hub.get(ACCOUNT)).json()
    for (const { href, name } of data.voucherAttachments as { href: string; name: keyof typeof papers }[]) {
      const response = await hub.get(href)
      if (otherwise === 'refuse') {
        t.strictSame(verdict(response), [406, 'HUB_NOT_ACCEPTABLE'], name)
        t.match(response.json().detail, /不能/)
      } else {
        t.equal(response.statusCode, 200, name)
        t.ok(response.rawPayload.equals(papers[name]), name)
        t.equal(response.headers['x-watermark'], `none; reason=${name}`)
      }
    }
  }
})
