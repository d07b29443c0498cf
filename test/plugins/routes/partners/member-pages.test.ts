import t from 'tap'
import civilAffairs from '../../../../connectors/civil-affairs/index.ts'
import { NO_CALL } from '../../../../plugins/audit/chain.ts'
import type { Page } from '../../../helper/browser.ts'
import { inspect, looks, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { send, words } from '../../../helper/hall.ts'
import { NEVER } from '../../../helper/message-gateway.ts'
import { applied, CITIZEN, DEVELOPER, OWNER, partnered, steps } from '../../../helper/partner.ts'
import { site } from '../../../helper/sign-on.ts'

t.test('the people of a partner have pages, without a script', async (t) => {
  const hub = await site(t, { declarations: [civilAffairs], messagesPace: { sweepMs: NEVER } })
  await steps(hub).inOffice()
  const id = await partnered(hub)
  const app = await applied(hub, id, { rights: [{ scope: 'civil-affairs.marriage-registration', why: '核对婚姻登记' }] })
  const at = `/partners/${id}`
  const detail = `${at}/applications/${app.id}`
  const signedOn = async (person: number) => (await hub.signOn({ person })).browser
  const [owner, stranger, developer] = [await signedOn(OWNER), await signedOn(CITIZEN), await signedOn(DEVELOPER)]
  const codeIn = (page: Page) => /<code>([^<]+)<\/code>/.exec(page.text)?.[1] ?? ''

  await t.test('to everybody else a partner is not there', async (t) => {
    const asked = await hub.browser().open(at)
    t.equal(asked.status, 401)
    t.match(asked.text, `/sign-on/start?return=${encodeURIComponent(at)}`)
    for (const path of [at, detail, `${detail}/calls`, `${detail}/calls?format=csv`]) t.equal((await stranger.open(path)).status, 404, path)
    for (const path of ['/partners/x', `${at}/applications/..%2F..`]) t.equal((await owner.open(path)).status, 400, path)
    t.match(words(await stranger.open('/partners')), '还不是任何接入方的成员')
    const list = await owner.open('/partners')
    t.match(list.text, at)
    t.match(list.headers.get('content-security-policy') ?? '', "default-src 'none'")
    t.notMatch(list.text, '<script')
  })

  await t.test('members are invited and removed, and a form of another page or person does nothing', async (t) => {
    const page = await owner.open(at)
    t.match(words(page), '安居租房')
    const invited = await send(owner, page, { role: 'developer' }, {})
    const code = codeIn(invited)
    t.match(code, /^[\w-]{24,}$/)
    t.notMatch((await owner.open(at)).text, code, 'shown once')
    const forged = await send(stranger, page, { role: 'owner' }, {})
    t.equal(forged.status, 400, 'the seal is of whoever was shown the form')
    const joined = await send(developer, await developer.open('/partners'), { code })
    t.equal(joined.status, 303)
    t.equal((await developer.open(detail)).status, 200)
    t.notMatch((await developer.open(at)).text, '生成邀请码')
    const mine = await developer.open(at)
    t.equal((await send(developer, mine, { do: 'invite', role: 'owner' }, {})).status, 403, 'who may is for the API to say')
    const members = await owner.open(at)
    const [, member = ''] = [...members.text.matchAll(/name="member" value="([\w-]{36})"/g)].at(-1) ?? []
    t.equal((await send(owner, members, { do: 'remove', member }, {})).status, 303)
    t.equal((await developer.open(detail)).status, 404)
  })

  await t.test('an invitation that nobody used is withdrawn', async (t) => {
    const spare = codeIn(await send(owner, await owner.open(at), { do: 'invite', role: 'owner' }, {}))
    const page = await owner.open(at)
    t.match(words(page), /还没有用的邀请.*负责人.*可用到.*撤回邀请/)
    t.notMatch(page.text, spare)
    const [, invitation = ''] = /name="invitation" value="([\w-]{36})"/.exec(page.text) ?? []
    t.equal((await send(stranger, page, { do: 'uninvite', invitation }, {})).status, 400)
    t.equal((await send(owner, page, { do: 'uninvite', invitation: '../members' }, {})).status, 400)
    t.equal((await send(owner, page, { do: 'uninvite', invitation }, {})).status, 303)
    t.match(words(await owner.open(at)), /还没有用的邀请 ?没有/)
    const late = await send(developer, await developer.open('/partners'), { code: spare })
    t.equal(late.status, 404)
    t.match(words(late), '这个邀请已经由接入方的负责人撤回')
    t.equal((await send(owner, page, { do: 'uninvite', invitation }, {})).status, 404)
    await send(owner, page, { do: 'invite', role: 'developer' }, {})
  })

  await t.test('a key is shown once, rotated and revoked', async (t) => {
    const page = await owner.open(detail)
    t.match(words(page), '密钥')
    t.notMatch(page.text, app.secret)
    const wrong = await send(owner, page, { do: 'key', overlapDays: '91', validDays: '' })
    t.equal(wrong.status, 400)
    const made = await send(owner, page, { do: 'key', overlapDays: '7', validDays: '30' })
    t.match(words(made), /密钥只显示这一次/)
    const after = await owner.open(detail)
    t.match(words(after), '即将失效')
    const [, key = ''] = /name="key" value="([\w-]{36})"/.exec(after.text) ?? []
    t.equal((await send(owner, after, { do: 'revoke', key })).status, 303)
    t.match(words(await owner.open(detail)), '已撤销')
    t.equal((await send(owner, after, { do: 'revoke', key: '../../members' })).status, 400)
  })

  await t.test('calls as a page and as CSV; an application is asked for by a form', async (t) => {
    t.match(words(await owner.open(`${detail}/calls?from=2026-01-01&outcome=ok`)), /没有调用|结果/)
    const csv = await owner.open(`${detail}/calls?format=csv`)
    t.match(csv.headers.get('content-type') ?? '', 'text/csv')
    t.match(csv.text, '请求方 IP')
    t.notMatch(csv.text, '以上不是全部')
    const { client_id: client } = await hub.app.database('partner_applications').where({ id: app.id }).first('client_id')
    const call = {
      ...NO_CALL,
      action: 'call',
      at: Date.now() - 1000,
      app: client,
      connector: 'civil-affairs',
      service: 'x',
      outcome: 'ok',
      status: 200,
    }
    const row = {
      chain: '0'.repeat(36),
      at: call.at,
      trace_id: '0'.repeat(32),
      ...{ connector: call.connector, service: 'x', outcome: 'ok' },
    }
    const rows = Array.from({ length: 2001 }, (_, seq) => ({ ...row, seq, record: JSON.stringify(call), hash: '' }))
    await hub.app.database.batchInsert('audit_rows', rows, 50)
    const part = await owner.open(`${detail}/calls?format=csv`)
    t.equal(part.text.trim().split('\r\n').length, 2002)
    t.match(part.text, /以上不是全部/)
    const form = await owner.open(at)
    const draft = {
      ...{
        do: 'apply',
        name: '第二个应用',
        home: 'https://two.example/',
        purpose: '核对婚姻登记',
        redirects: 'https://two.example/callback\r\n',
      },
      ...{ safety: '数据只存于境内自建机房，专人访问留痕，办结三十日后删除。', rights: 'civil-affairs.marriage-registration 核对婚姻登记' },
    }
    t.equal((await send(owner, form, draft)).status, 303)
    const asked = await owner.open(at)
    t.match(words(asked), '待业务审核')
    const [, review = ''] = /name="review" value="([\w-]{36})"/.exec(asked.text) ?? []
    t.equal((await send(owner, asked, { do: 'withdraw', review })).status, 303)
  })

  await t.test('a change is asked for by a form that knows what is; the registration is taken to a sandbox of one’s own', async (t) => {
    const page = await owner.open(detail)
    t.match(page.text, /<textarea name="rights"[^>]*>\ncivil-affairs.marriage-registration 与已批准的用途相同</)
    const safety = '数据只存于境内自建机房，专人访问留痕，办结三十日后删除。'
    const draft = {
      ...{ do: 'change', name: '新的名字', home: 'https://rent.example/', purpose: '核对婚姻登记', safety },
      ...{ redirects: 'https://rent.example/callback', rights: 'civil-affairs.marriage-registration 与已批准的用途相同' },
    }
    const done = await send(owner, page, draft)
    t.match(words(done), '已提交变更申请')
    t.match(words(await owner.open(at)), /变更.*新的名字.*待业务审核/)
    t.notMatch(words(await owner.open(detail)), '新的名字', 'until two have agreed all is as before')
    t.equal((await send(stranger, page, draft)).status, 400)

    const file = await owner.open(`${detail}/sandbox`)
    t.match(file.headers.get('content-disposition') ?? '', 'application.json')
    const registration = JSON.parse(file.text)
    t.match(registration, { id: app.clientId, scopes: ['openid', 'offline_access', 'civil-affairs.marriage-registration'] })
    t.notMatch(file.text, app.secret)
    t.equal((await stranger.open(`${detail}/sandbox`)).status, 404)
  })

  await t.test('in a browser', { skip: withoutBrowser }, async (t) => {
    const chromium = await openChromium(t)
    const address = hub.app.server.address()
    const origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
    for (const look of looks) {
      const page = await openPage(t, chromium, look)
      await page.context().addCookies([{ name: 'hub_session', value: owner.cookie('hub_session') ?? '', url: origin }])
      for (const [path, name] of [
        ['/partners', 'list'],
        [at, 'one'],
        [detail, 'application'],
        [`${detail}/calls`, 'calls'],
      ]) {
        await page.goto(`${origin}${path}`)
        await inspect(t, page, look, `partners-pages-${name}`)
      }
    }
  })
})
