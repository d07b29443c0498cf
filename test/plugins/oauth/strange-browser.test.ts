import t from 'tap'
import { application, authorise, browse, formBody, readForm, request, type Served, serve } from '../../helper/third-party.ts'

async function ruleOn({ app }: Served): Promise<void> {
  const { settings } = app.security.now
  const content = JSON.stringify({ ...settings, highRisk: { ...settings.highRisk, newDevice: 'face' } })
  await app
    .database('security_settings')
    .insert({ version: 1, content, changed_by: 'x'.repeat(36), reason: 'a test', changed_at: Date.now() })
  await app.security.load()
}

t.test('in a browser that its user never trusted nobody consents to an application, where the rules ask for a face', async (t) => {
  const hub = await serve(t, {})
  const parking = await application(hub, 'sandbox-public')
  const [own, strange] = [browse(hub), browse(hub)]
  await own.signOn(2)
  await strange.signOn(2)
  const flow = await request(parking, 'openid real-name')
  const before = await strange.follow(flow.url.href)
  t.equal(before.response.status, 200, 'as long as the rule is off')
  const form = readForm(await before.response.text())

  await ruleOn(hub)
  const pressed = await strange.go(
    before.url,
    formBody([
      ['seal', form.seal],
      ['decision', 'allow'],
      ['scope', 'real-name'],
    ]),
  )
  t.equal(pressed.status, 403, 'what was opened before')
  const after = await strange.follow((await request(parking, 'openid real-name')).url.href)
  t.equal(after.response.status, 403)
  t.match(await after.response.text(), /没有信任过的设备/)
  t.ok((await authorise(parking, own, 'openid real-name')).tokens.access_token, 'where he is known he may')
})
