import t from 'tap'
import type { AdminRole } from '../../../../plugins/users/roles.ts'
import { administrator, atConsole } from '../../../helper/console.ts'
import { deskConnector } from '../../../helper/desk-connector.ts'
import { listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { call } from '../../../helper/identity.ts'
import { ADMIN, AUDITOR, application, applied, OPERATOR, OWNER, partnered, steps } from '../../../helper/partner.ts'

t.test('partners at the console', async (t) => {
  const hub = await build(t, { declarations: [deskConnector()] })
  const origin = await listen(hub)
  await steps(hub).inOffice()
  const partner = await partnered(hub)
  const first = await applied(hub, partner)
  const seated = async (person: number, role: AdminRole) => atConsole(hub, origin, await administrator(hub, person, role))
  const [admin, operator, auditor] = [await seated(ADMIN, 'admin'), await seated(OPERATOR, 'operator'), await seated(AUDITOR, 'auditor')]
  const purpose = '材料齐全'

  await t.test('what was asked for is reviewed by one and approved by another', async (t) => {
    const asked = await call(hub, 'POST', `/v1/partners/${partner}/applications`, {
      person: OWNER,
      body: application({ name: '安居租房二期', redirectUris: ['https://rent.example/two'] }),
    })
    const { id } = asked.json().data
    t.match(words(await operator.open('/console/partners')), /待审核 .*应用接入 安居租房有限公司 待业务审核/)
    const path = `/console/partner-reviews/${id}`
    const page = await operator.open(path)
    t.match(words(page), /real-name 核对承租人姓名.*自动检查.*通过/)
    t.notMatch((await auditor.open(path)).text, '<form method="post" action="/console/partner-reviews', 'who may not is not offered it')
    t.match(words(await send(operator, page, { purpose }, { action: '/review' })), '已通过业务审核')
    t.notMatch((await operator.open(path)).text, '/approve', 'an operator does not approve')
    t.match(words(await send(admin, await admin.open(path), { purpose }, { action: '/approve' })), '已批准。')
    t.match(words(await admin.open('/console/partner-reviews?state=approved')), '应用接入')
  })

  await t.test('what is refused says why', async (t) => {
    const asked = await call(hub, 'POST', `/v1/partners/${partner}/applications`, {
      person: OWNER,
      body: application({ name: '安居租房三期', redirectUris: ['https://rent.example/three'] }),
    })
    const path = `/console/partner-reviews/${asked.json().data.id}`
    const refused = await send(admin, await admin.open(path), { purpose: '用途不明' }, { action: '/refuse' })
    t.match(words(refused), /已退回。.*未通过.*理由 用途不明/)
  })

  await t.test('an application: its keys, limits and states', async (t) => {
    const path = `/console/partner-applications/${first.id}`
    const page = await admin.open(path)
    t.match(words(page), /状态 测试中 .*密钥 .*有效 .*不自动失效 .*全部合计 60 已用 0 1000 已用 0/)
    t.notMatch(page.text, first.secret)
    t.notMatch((await operator.open(path)).text, '/revoke', 'an operator changes nothing')
    const limit = { service: 'desk.permit', perMinute: '5', perDay: '', perMonth: '100', purpose }
    const limited = await send(admin, page, limit, { action: '/limit' })
    t.match(words(limited), /已设定.*全部合计 60 已用 0 1000 .*desk\.permit 5 已用 0 — 100 已用 0/)
    const none = { ...limit, perMinute: '', perMonth: '' }
    t.notMatch(words(await send(admin, await admin.open(path), none, { action: '/limit' })), /desk\.permit 5/)
    t.equal((await send(admin, await admin.open(path), { ...limit, perDay: '1.5' }, { action: '/limit' })).status, 400)
    t.match(words(await send(admin, await admin.open(path), { state: 'running', purpose }, { action: '/state' })), /已办理.*运行中/)
    const key = /<option value="([0-9a-f-]{36})">/.exec((await admin.open(path)).text.split('/revoke')[1] ?? '')?.[1] ?? ''
    t.match(words(await send(admin, await admin.open(path), { key, purpose }, { action: '/revoke' })), /已撤销：.*已撤销/)
    t.match(words(await auditor.open('/console/partner-applications?state=running')), '安居租房')
  })

  await t.test('a partner: its people and what came of it; suspended with all it has', async (t) => {
    const path = `/console/partners/${partner}`
    const page = await admin.open(path)
    t.match(words(page), /林某 .*负责人.*经过/)
    t.match(words(await send(admin, page, { purpose: '数据外泄，核查' }, { action: '/suspend' })), /已暂停：.*状态 已暂停/)
    t.match(words(await admin.open(`/console/partner-applications/${first.id}`)), '状态 已暂停')
    t.match(words(await send(admin, await admin.open(path), { purpose }, { action: '/resume' })), /已恢复；.*状态 正常/)
    t.equal((await admin.open('/console/partners/nobody')).status, 400)
  })
})
