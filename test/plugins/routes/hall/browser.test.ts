import t, { type Test } from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import gas from '../../../../connectors/gas/index.ts'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import { inspect, type Look, looks, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { pdfOf } from '../../../helper/file-bytes.ts'
import { handOver, listen } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'

t.test('the hall in a browser, without a script', { skip: withoutBrowser }, async (t) => {
  const hub = await build(t, { declarations: [credit, gas, housingFund] })
  await listen(hub)
  const browser = await openChromium(t)

  const walk = (look: Look, index: number) => async (t: Test) => {
    const page = await openPage(t, browser, look, { javaScriptEnabled: true })
    const go = (path: string) => page.goto(new URL(path, page.url()).href)
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
    const heading = (name: string | RegExp) => page.getByRole('heading', { name }).first().waitFor()

    await page.goto(await handOver(hub))
    await heading('请确认是您本人')
    await inspect(t, page, look, 'hall-1-comer')
    await press('是我本人，继续')
    await heading('办事大厅')
    await inspect(t, page, look, 'hall-2-front')
    await page.getByRole('link', { name: /生活缴费/ }).click()
    await heading('生活缴费')
    await inspect(t, page, look, 'hall-3-zone')
    await go('/hall/search?q=xybg')
    await inspect(t, page, look, 'hall-4-found')
    await page.getByRole('link', { name: /信用报告下载/ }).click()
    await heading('查询结果')
    await inspect(t, page, look, 'hall-5-record')
    await go('/hall/credit/administrative-penalty-disclosure')
    await inspect(t, page, look, 'hall-6-list')

    await go('/hall/housing-fund/personal-account')
    await inspect(t, page, look, 'hall-7-face')
    await press('开始人脸核验')
    const popup = page.waitForEvent('popup')
    await page.getByRole('link', { name: '打开人脸核验页面' }).click()
    const provider = await popup
    await provider.getByRole('button').first().click()
    // A window that is closed while its page is on the way may never be gone; it stays open, behind this one.
    await provider.getByText('核验通过，请回到应用。').waitFor()
    await page.bringToFront()
    await press('已完成核验，继续')
    await heading('查询结果')
    await inspect(t, page, look, 'hall-8-verified')

    await go('/hall/ledger')
    await heading('谁用了我的数据')
    await inspect(t, page, look, 'hall-ledger')
    await page.getByRole('link', { name: '对这条记录有疑问' }).first().click()
    await heading('询问或投诉')
    await inspect(t, page, look, 'hall-ledger-entry')
    await go('/hall/sessions')
    await heading('登录记录')
    await inspect(t, page, look, 'hall-sessions')

    await go('/hall/credit/objection-appeal')
    await page.getByLabel('信息类别').selectOption({ label: '行政处罚' })
    await page.getByLabel('文书号或者名单编号').fill(`许示罚决字（2026）第00${index}1号`)
    await page.getByLabel('异议事由').selectOption({ label: '信息错误' })
    await page.getByLabel('异议说明').fill('处罚事由写错了')
    await page.getByLabel('联系电话').fill('1')
    await page.getByLabel('证据材料').setInputFiles({ name: '证据.pdf', mimeType: 'application/pdf', buffer: pdfOf(900) })
    await page.getByLabel('真实性承诺').selectOption({ index: 1 })
    await inspect(t, page, look, 'hall-9-form')
    await press('提交')
    await page.getByRole('alert').waitFor()
    await inspect(t, page, look, 'hall-10-refused')
    await page.getByLabel('联系电话').fill('13900000000')
    await press('提交')
    await page.getByRole('status').waitFor()
    await inspect(t, page, look, 'hall-11-kept')

    await go('/hall/gas/bill-query')
    await inspect(t, page, look, 'hall-12-unbound')
    await go('/hall/gas/nothing')
    await inspect(t, page, look, 'hall-13-unknown')
  }
  for (const [index, look] of looks.entries()) await t.test(look.name, walk(look, index))
})
