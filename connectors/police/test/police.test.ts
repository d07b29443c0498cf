import t from 'tap'
import { bindAccounts } from '../../../test/helper/accounts.ts'
import { createBrowser } from '../../../test/helper/browser.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import { formBody, readForm } from '../../../test/helper/third-party.ts'
import police from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('police').length, 9)
})

t.test('微警务', async (t) => {
  const hub = await build(t, { declarations: [police] })
  await hub.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = hub.app.server.address() as { port: number }
  const origin = `http://127.0.0.1:${port}`
  const start = async (service: string, body: object = {}, as: object = {}) =>
    (await hub.post(`/v1/police/${service}`, { ...as, body })).json()

  await t.test('the list needs a login and no account there', async (t) => {
    t.equal((await hub.app.inject('/v1/police/high-frequency-items')).statusCode, 401)
    const { data } = (await hub.get('/v1/police/high-frequency-items?itemKind=1', { person: 7 })).json()
    t.same(
      data.map(({ itemName }: { itemName: string }) => itemName),
      ['交通违法处理', '事故视频快处', '驾驶证补换'],
    )
  })

  await t.test('a page needs one’s own account there, and in person where much hangs on it', async (t) => {
    t.match(await start('traffic-violation-handling'), { code: 'HUB_ACCOUNT_UNBOUND', stepUp: { url: '/v1/me/accounts/police/authorise' } })
    await bindAccounts(hub, [police])
    t.match(await start('no-criminal-record-certificate', {}, { face: false }), { code: 'HUB_FACE_REQUIRED' })
    t.match(await start('authorized-entry', { itemNumber: 'XCGA-XX-999' }), {
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/body/itemNumber' }],
    })
    t.match((await start('no-criminal-record-certificate')).data, { asks: true, facts: [{ id: 'account.externalId' }] })
  })

  await t.test('the platform knows who comes; the address holds no token', async (t) => {
    const { data } = await start('traffic-violation-handling')
    const browser = createBrowser({ [origin]: origin })
    const path = (await browser.open(data.url)).location ?? ''
    const { seal } = readForm((await browser.open(path)).text)
    const leaving = await browser.open(
      path,
      formBody([
        ['seal', seal],
        ['decision', 'allow'],
      ]),
    )
    const [, action = '', ticket = ''] =
      /<form method="post" action="([^"]+)"><input type="hidden" name="ticket" value="([^"]+)"/.exec(leaving.text) ?? []
    t.match(action, /\/pages\/police\/h5\/traffic\/violations$/)
    t.match(await (await fetch(action, formBody([['ticket', ticket]]))).text(), /登录人[\s\S]*贾明/)
    for (const token of hub.app.sandbox?.agencyOAuth.issued() ?? []) t.notOk(leaving.text.includes(token))
    t.match((await start('police-public-interaction')).data, { asks: false }, 'asked once for all pages of the platform')
  })
})
