import type { Page } from 'playwright-core'
import t from 'tap'
import { textOfPdf } from '../../../../conformance/pdf-text.ts'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import { inspect, looks, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { application, request, serve } from '../../../helper/third-party.ts'

t.test('the pages that people see, in a browser', { skip: withoutBrowser }, async (t) => {
  const hub = await serve(t, { declarations: [medicalInsurance] })
  const pdf = await hub.get('/v1/medical-insurance/personal-insurance-certificate-printing?format=pdf&insuranceType=310')
  const [code = ''] = /([0-9A-Z]{4}-){4}[0-9A-Z]{4}/.exec(textOfPdf(pdf.rawPayload)) ?? []
  const config = await application(hub, 'sandbox-web')
  const browser = await openChromium(t)
  const pages = {
    home: '/',
    verify: '/verify',
    genuine: `/v1/verify/${code}`,
    unknown: '/v1/verify/0000-0000-0000-0000-0000',
    receipts: '/receipts',
    'no-receipt': '/v1/receipts/1234',
    capabilities: '/docs/capabilities',
    capability: '/docs/capabilities/medical-insurance.resident-enrolment',
    problem: '/problems/HUB_ORDER_BILL',
    'pay-used': '/pay/open?code=nothing',
    'hall-used': '/hall/open?code=nothing',
    'signed-off': '/sign-on',
    'sign-on-failed': '/sign-on/callback?state=nothing&code=nothing',
    'oauth-error': '/oauth/authorize?client_id=nobody',
  }

  for (const look of looks)
    t.test(look.name, async (t) => {
      const page = await openPage(t, browser, look)
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(`${hub.origin}${path}`)
        await inspect(t, page, look, name)
      }
      for (const [name, path] of [
        ['docs', '/docs'],
        ['docs-admin', '/docs/admin'],
      ] as const) {
        await page.goto(`${hub.origin}${path}`)
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await inspect(t, page, look, name)
      }
      await signOn(page)
      await page.waitForURL(/\/oauth\/interaction\//)
      await inspect(t, page, look, 'consent')
      await page.goto(`${hub.origin}/sign-on/end`)
      await inspect(t, page, look, 'sign-off')
      await page.getByRole('button', { name: '退出登录' }).click()
      await page.getByRole('heading', { name: '已退出登录' }).waitFor()
      await inspect(t, page, look, 'signed-off-now')
    })

  /** Sets out at an application, and signs on at the sandbox as its first person. */
  async function signOn(page: Page): Promise<void> {
    const { url } = await request(config, 'openid profile')
    await page.goto(url.href)
    await page.getByRole('link').filter({ hasNotText: '跳到正文' }).first().click()
  }
})
