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

  const untouched = await hub.get(paper?.href ?? '')
  t.notMatch(textOfPdf(untouched.rawPayload), /仅供本人办理业务使用/, 'a PDF may be signed')
})
