import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { inspect, LOOKS, openChromium, openPage, withoutBrowser } from '../../../test/helper/chromium.ts'
import { serve } from '../../../test/helper/third-party.ts'
import museum from '../index.ts'

const AT = '/v1/science-museum'
const PAGES = '/v1/me/authorizations/pages'

t.test(
  'the whole way: account, booking, code, another time, cancelled; the museum’s page, and no more',
  { skip: withoutBrowser },
  async (t) => {
    const hub = await serve(t, { declarations: [museum], env: { ACCOUNT_RETURN_URLS: 'https://app.example/back' } })
    const browser = await openChromium(t)
    let keys = 0
    for (const [index, look] of LOOKS.entries())
      await t.test(look.name, async (t) => {
        const person = index + 3
        const { name = '' } = people[person - 1] ?? {}
        const post = (service: string, body: object) =>
          hub.post(`${AT}/${service}`, { person, body, headers: { 'idempotency-key': `walk-key-${++keys}` } })
        const page = await openPage(t, browser, look)

        // 授权: the museum asks, and the hub says what came of it.
        const begun = await hub.post('/v1/me/accounts/science-museum/authorise', { person })
        const [cookieName = '', value = ''] = (String(begun.headers['set-cookie']).split(';', 1)[0] ?? '').split(/=(.*)/)
        await page.context().addCookies([{ name: cookieName, value, url: hub.origin }])
        await page.goto(begun.json().data.url)
        await page.getByRole('button', { name: `${name} 登录并同意` }).click()
        await page.getByRole('heading', { level: 1, name: '绑定成功' }).waitFor()
        await inspect(t, page, look, 'museum-1-bound')

        // 预约、展码、改签、取消, as the app does it.
        const { data: slots } = (await hub.get(`${AT}/visit-slots?pageSize=100`, { person })).json()
        const [first, second] = slots.slice(-2) as { visitDate: string; slotNumber: string }[]
        const [self] = (await hub.get(`${AT}/visitor-list`, { person })).json().data
        const made = await post('booking-create', {
          visitDate: first?.visitDate,
          timeSlot: first?.slotNumber,
          visitors: [self.visitorNumber],
        })
        t.match(made.json().data, { state: 'confirmed' })
        const { id } = made.json().data
        const { data: code } = (await post('booking-qr-code', { booking: id })).json()
        // In a page without a policy of its own, as the app's is.
        await page.goto('about:blank')
        await page.setContent(`<img alt="" src="${code.bookingQrCode}">`)
        const shown = await page.evaluate<number[]>(
          '(async (img) => (await img.decode(), [img.naturalWidth, img.naturalHeight]))(document.images[0])',
        )
        t.ok(shown[0] === shown[1] && Number(shown[0]) > 200, `a picture that a browser reads: ${shown}`)
        const moved = await post('booking-reschedule', { booking: id, visitDate: second?.visitDate, timeSlot: second?.slotNumber })
        t.match(moved.json().data, { state: 'confirmed', slotNumber: second?.slotNumber })
        t.match((await post('booking-cancel', { booking: id })).json().data, { state: 'cancelled' })

        // 一键授权登录: asked once, and again after it was taken back.
        const jump = async () => (await post('authorized-entry', {})).json().data as { url: string; asks: boolean }
        const there = () => page.getByText('登录人').waitFor()
        const asking = await jump()
        t.equal(asking.asks, true)
        await page.goto(asking.url)
        await page.getByRole('button', { name: '同意并前往' }).waitFor()
        await inspect(t, page, look, 'museum-2-consent')
        await page.getByRole('button', { name: '同意并前往' }).click()
        await there()
        t.match(await page.textContent('main'), name)
        t.notMatch(page.url(), /ticket|token/)
        const again = await jump()
        t.equal(again.asks, false)
        const [given] = (await hub.get(PAGES, { person })).json().data
        const headers = { authorization: `Bearer ${await hub.token({ person })}` }
        t.equal((await hub.app.inject({ method: 'DELETE', url: `${PAGES}/${given.id}`, headers })).statusCode, 204)
        const anew = await jump()
        t.equal(anew.asks, true)
        await page.goto(anew.url)
        await page.getByRole('button', { name: '同意并前往' }).waitFor()
      })
  },
)
