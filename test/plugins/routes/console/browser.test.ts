import t, { type Test } from 'tap'
import { sections } from '../../../../plugins/routes/console/sections/index.ts'
import { inspect, type Look, looks, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { addCalls, administrator, signedOn } from '../../../helper/console.ts'
import { listen } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { enterpriseId, userId } from '../../../helper/identity.ts'

t.test('the console in a browser, without a script', { skip: withoutBrowser }, async (t) => {
  const hub = await build(t, { env: { ADMIN_SECOND_FACTOR: 'on' } })
  const origin = await listen(hub)
  const admin = await administrator(hub, 1, 'admin')
  const called = [...hub.app.services.values()].filter((_, index) => index % 25 === 0)
  for (const { connector, contract } of called) await addCalls(hub, { connector: connector.id, service: contract.id })
  const browser = await openChromium(t)

  const walk = (look: Look) => async (t: Test) => {
    const page = await openPage(t, browser, look)
    const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 }).waitFor()

    await page.goto(`${origin}/console`)
    await heading('管理控制台')
    await inspect(t, page, look, 'console-1-stranger')
    const value = (await signedOn(hub, origin, 1)).cookie('hub_session') ?? ''
    await page.context().addCookies([{ name: 'hub_session', value, url: origin }])
    await page.goto(`${origin}/console`)
    await heading('进入管理控制台')
    await page.getByLabel('身份验证器显示的六位数字').fill('0')
    await page.getByRole('button', { name: '进入' }).click()
    await page.getByRole('alert').waitFor()
    await inspect(t, page, look, 'console-2-door')
    await page.getByLabel('身份验证器显示的六位数字').fill(await admin.code())
    await page.getByRole('button', { name: '进入' }).click()
    await heading('连接器墙')
    await inspect(t, page, look, 'console-3-wall')
    await page.getByRole('link', { name: '公积金', exact: true }).click()
    await heading('公积金')
    await inspect(t, page, look, 'console-4-connector')
    for (const { path, title } of sections.slice(1)) {
      await page.goto(`${origin}${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await inspect(t, page, look, `console-5-${title}`)
    }
    for (const [path, name, shot] of [
      ['/alerts/silences', '静默', 'console-silences'],
      ['/reconciliations', '对账', 'console-reconciliations'],
      ['/partner-reviews', '接入审核', 'console-partner-reviews'],
      ['/partner-applications', '接入的应用', 'console-partner-applications'],
      ['/board', '许昌市政务服务集成中枢', 'console-board'],
      [`/users/${userId(4)}`, /赵/, 'console-user'],
      [`/users/${userId(4)}/services`, '能使用的服务和原因', 'console-user-services'],
      [`/enterprises/${enterpriseId(2)}`, /公司|厂|店/, 'console-enterprise'],
    ] as const) {
      await page.goto(`${origin}/console${path}`)
      await heading(name)
      await inspect(t, page, look, shot)
    }
  }
  for (const look of looks) await t.test(look.name, walk(look))
})
