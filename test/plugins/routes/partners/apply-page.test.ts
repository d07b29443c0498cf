import t from 'tap'
import { createBrowser, type Page } from '../../../helper/browser.ts'
import { inspect, looks, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { png } from '../../../helper/file-bytes.ts'
import { listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { organisation, steps } from '../../../helper/partner.ts'

t.test('an organisation applies on a page, without a script', async (t) => {
  const hub = await build(t)
  const origin = await listen(hub)
  const { code, inOffice, openReview } = steps(hub)
  await inOffice()
  const { contact, ...about } = organisation()
  const typed = { ...about, contactName: contact.name, phone: contact.phone, email: contact.email }
  const form = '/partners/apply'

  await t.test('what is wrong stands beside its field, and what was typed stays', async (t) => {
    const browser = createBrowser({ [origin]: origin })
    const wrong = await send(browser, await browser.open(form), { ...typed, uscc: '91411000MA0000000X', introduction: '<b>"太短' })
    t.equal(wrong.status, 400)
    t.match(wrong.text, /id="uscc-wrong"/)
    t.match(wrong.text, /id="introduction-wrong"/)
    t.notMatch(wrong.text, '<b>')
    t.match(wrong.text, `value="${contact.email}"`)
    t.equal(wrong.headers.get('cache-control'), 'no-store')
  })

  await t.test('a form that this browser was not shown changes nothing', async (t) => {
    const mine = createBrowser({ [origin]: origin })
    const other = createBrowser({ [origin]: origin })
    const page = await mine.open(form)
    t.equal((await send(other, page, typed)).status, 400, 'no cookie')
    await other.open(form)
    t.equal((await send(other, page, typed)).status, 400, 'the seal of another browser')
    t.equal(await openReview(), undefined)
  })

  let standing: Page
  let shown = ''
  await t.test('sent, confirmed by the code of the letter, and waiting for two people', async (t) => {
    const browser = createBrowser({ [origin]: origin })
    const sent = await send(browser, await browser.open(form), typed)
    t.equal(sent.status, 303)
    const draft = await browser.open(sent.location ?? '')
    const right = code(contact.email)
    const refused = await send(browser, draft, { code: right === '000000' ? '000001' : '000000' })
    t.equal(refused.status, 403)
    t.match(refused.text, /role="alert"/)
    t.equal((await send(browser, draft, { code: ` ${right} ` })).status, 303)
    standing = await browser.open(sent.location ?? '')
    t.match(words(standing), '通过')
    t.notMatch(standing.text, /name="code"/, 'a code is asked for once')
    t.type(await openReview(), 'string')
    t.match(words(standing), '还需提交：营业执照、办理人授权书')
    const paper = (name: string, content = png) => ({ files: { paper: { name, type: 'image/png', content } }, action: '/papers' })
    t.equal((await send(browser, standing, { kind: 'business-licence' }, paper('执照.png'))).status, 303)
    const wrong = await send(browser, standing, { kind: 'other' }, paper('字.png', Buffer.from('no picture')))
    t.equal(wrong.status, 422)
    t.match(wrong.text, /role="alert"/)
    const stranger = createBrowser({ [origin]: origin })
    t.equal((await send(stranger, standing, { kind: 'authorisation' }, paper('书.png'))).status, 400, 'a form of another browser')
    const one = await browser.open(sent.location ?? '')
    t.match(words(one), '营业执照：执照.png')
    t.notMatch(words(one), '还需提交：营业执照')
    const [, id = ''] = /papers\/([\w-]{36})/.exec(one.text) ?? []
    t.equal((await send(browser, one, {}, { action: id })).status, 303)
    standing = await browser.open(sent.location ?? '')
    t.notMatch(words(standing), '执照.png')
    await send(browser, standing, { kind: 'authorisation' }, paper('书.png'))
    shown = sent.location ?? ''
    for (const receipt of ['x', 'A'.repeat(32), '..%2F..%2Fadmin%2Fusers'])
      t.equal((await browser.open(`${form}/${receipt}`)).status, 404, receipt)
  })

  await t.test('in a browser', { skip: withoutBrowser }, async (t) => {
    const chromium = await openChromium(t)
    for (const look of looks) {
      const page = await openPage(t, chromium, look)
      await page.goto(`${origin}${form}`)
      await page.getByRole('heading', { name: '申请成为接入方', level: 1 }).waitFor()
      await inspect(t, page, look, 'partners-1-form')
      await page.getByLabel('单位名称').fill(typed.name)
      await page.getByLabel('统一社会信用代码').fill('1')
      await page.getByLabel('联系人').fill(typed.contactName)
      await page.getByLabel('联系手机').fill(typed.phone)
      await page.getByLabel('联系邮箱').fill(typed.email)
      await page.getByLabel('服务领域').selectOption(typed.domain)
      await page.getByLabel('要提供的服务').fill(typed.introduction)
      await page.getByRole('button', { name: '提交申请' }).click()
      await page.locator('.wrong').first().waitFor()
      await inspect(t, page, look, 'partners-2-refused')
      await page.goto(shown)
      await page.getByRole('button', { name: '提交材料' }).waitFor()
      await inspect(t, page, look, 'partners-3-papers')
    }
  })
})
