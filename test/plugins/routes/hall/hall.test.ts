import t from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import water from '../../../../connectors/water/index.ts'
import { people } from '../../../../plugins/sandbox/people.ts'
import { createBrowser } from '../../../helper/browser.ts'
import { pdfOf } from '../../../helper/file-bytes.ts'
import { enter, handOver, listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { auditOf, trace } from '../../../helper/queries.ts'
import { unhurried } from '../../../helper/unhurried.ts'

/** The contract's own bound for pages that phones read. */
const LIGHT = 60_000

t.test('the hall: every service as a page', async (t) => {
  const hub = await build(t, {
    declarations: [unhurried(credit, 0.1), housingFund, water],
    jobs: { sweepMs: 20 },
    sandboxTiming: { progressStepMs: 60_000 },
  })
  const origin = await listen(hub)
  const stranger = () => createBrowser({ [origin]: origin })
  const mine = await enter(hub, origin)
  const person2 = await enter(hub, origin, { person: 2 })

  await t.test('whoever is not known sees what is public, and is told how to come in elsewhere', async (t) => {
    const browser = stranger()
    t.match(words(await browser.open('/hall')), /热门推荐.*信用服务 12 项服务.*公积金/)
    t.match(words(await browser.open('/hall/zones/credit')), /行政处罚公示.*信用报告下载/)
    const register = await browser.open('/hall/credit/administrative-penalty-disclosure?keyword=%E8%99%9A%E5%81%87%E5%B9%BF%E5%91%8A')
    t.match(words(register), /许昌样本科技有限公司.*20,000\.00 元/)
    const report = await browser.open('/hall/credit/credit-report-download')
    t.equal(report.status, 401)
    t.match(words(report), /请在“我的许昌”里打开本页，或者先登录/)
    t.equal((await browser.open('/hall/credit/nothing')).status, 404)
    t.equal((await browser.open('/hall/credit/credit-repair/00000000-0000-4000-8000-000000000000')).status, 401)
    t.equal((await browser.open('/hall/zones/none')).status, 404)
  })

  await t.test('the app hands its user over once; without having seen in whose name, nobody is anybody', async (t) => {
    const browser = stranger()
    const url = await handOver(hub, '/hall/credit/credit-report-download')
    const opened = await browser.open(url)
    t.equal(opened.status, 303)
    t.notMatch(opened.location, /code=/, 'the code is gone from the address')
    t.equal((await stranger().open(url)).status, 410, 'and is good once')
    const report = () => browser.open('/hall/credit/credit-report-download')
    t.equal((await report()).status, 401, 'whose link it was is nobody yet')
    const asked = await browser.open(opened.location ?? '')
    t.match(words(asked), /您将以 贾\* 的身份/)
    t.equal((await send(browser, asked, { seal: 'a'.repeat(64) })).status, 400)
    t.equal((await report()).status, 401)
    const entered = await send(browser, asked, {})
    t.equal(entered.location, `${origin}/hall/credit/credit-report-download`)
    const shown = await report()
    t.equal(shown.status, 200)
    t.match(words(shown), /贾\*.*信用报告下载/)
    for (const path of ['https://elsewhere.example/hall', '//elsewhere.example', '/v1/me', '/hallway'])
      t.equal((await hub.post('/v1/me/pages', { body: { path } })).json().code, 'HUB_RETURN_INVALID', path)
    t.equal((await hub.app.inject({ url: '/v1/me', headers: { authorization: 'Inside guessed' } })).statusCode, 401)
    t.equal((await hub.app.inject({ method: 'POST', url: '/v1/me/pages', payload: {} })).statusCode, 401)
  })

  await t.test('an answer is shown with all of its fields, turned page by page and had as a file', async (t) => {
    const page = await mine.open('/hall/credit/administrative-licence-disclosure')
    const service = hub.app.services.get('credit.administrative-licence-disclosure')
    for (const { notes } of Object.values(service?.contract.fields ?? {})) t.match(words(page), notes.title)
    const sheet = await mine.open('/hall/credit/administrative-licence-disclosure?format=csv')
    t.match(sheet.headers.get('content-type'), /text\/csv/)
    t.match(sheet.headers.get('content-disposition'), /attachment/)
    const { traceId, headers } = trace()
    await mine.open('/hall/credit/administrative-licence-disclosure', { headers })
    const calls = await auditOf(hub, traceId)
    t.strictSame(
      calls.map(({ service, rows }) => [service, (rows ?? 0) > 0]),
      [
        ['administrative-licence-disclosure', true],
        ['administrative-licence-disclosure', false],
      ],
      'the page and its call of the API are each on record, under one trace',
    )
    t.equal(calls[0]?.user, null, 'who reads what is public is nobody’s business')
  })

  await t.test('a report and its file are the asker’s own', async (t) => {
    const page = await mine.open('/hall/credit/credit-report-download')
    const [, href = ''] = /href="(\/hall\/file\?[^"]*)"/.exec(page.text) ?? []
    const file = await mine.open(href.replaceAll('&#38;', '&'))
    t.match(file.headers.get('content-type'), /pdf/)
    t.not((await person2.open(href.replaceAll('&#38;', '&'))).status, 200, 'not for another')
    for (const wrong of ['/v1/me', '/hall', '/v1/credit/credit-report-download', '/v1/credit/x/files/../../me'])
      t.equal((await mine.open(`/hall/file?href=${encodeURIComponent(wrong)}`)).status, 404, wrong)
  })

  await t.test('what needs a face asks for one, and goes on once it was verified', async (t) => {
    const refused = await mine.open('/hall/housing-fund/personal-account')
    t.equal(refused.status, 403)
    t.match(words(refused), /需要人脸核验.*开始人脸核验/)
    const begun = await send(mine, refused, { do: 'face' })
    const [, url = ''] = /href="([^"]*)" target="_blank"/.exec(begun.text) ?? []
    const provider = await (await fetch(url.replaceAll('&#38;', '&'))).text()
    const [, id = ''] = /name="id" value="([^"]+)"/.exec(provider) ?? []
    await fetch(url.replaceAll('&#38;', '&'), { method: 'POST', body: new URLSearchParams({ id, decision: 'yes' }) })
    const [, face = ''] = /name="face" value="([^"]*)"/.exec(begun.text) ?? []
    const answered = await mine.open(`/hall/housing-fund/personal-account?face=${face}&do=ask`)
    t.equal(answered.status, 200)
    t.match(words(answered), /账户余额/)
    t.equal((await person2.open(`/hall/housing-fund/personal-account?face=${face}&do=ask`)).status, 403, 'a face is its owner’s')
  })

  await t.test('a filing with a file is sent, followed and withdrawn', async (t) => {
    const path = '/hall/credit/objection-appeal'
    const form = await mine.open(path)
    const given = {
      recordKind: '2',
      recordNumber: '许示罚决字（2026）第0021号',
      objectionReason: '1',
      statement: '<script>alert(1)</script> 处罚事由写错了',
      contactPhone: '13900000000',
      truthDeclaration: '2026-1',
    }
    const evidence = { name: '证据.pdf', type: 'application/pdf', content: pdfOf(900) }
    const lies = await send(mine, form, given, { files: { evidence: { ...evidence, content: Buffer.from('MZ not a pdf') } } })
    t.equal(lies.status, 422)
    t.match(lies.text, /class="wrong" id="in-evidence-wrong"/, 'said where the file is chosen')
    t.notMatch(lies.text, '<script>', 'what was typed is text')
    const lacking = await send(mine, form, { ...given, contactPhone: '1', recordKind: '' }, { files: { evidence } })
    t.equal(lacking.status, 400)
    t.match(lacking.text, /id="in-contactPhone-wrong"/)
    t.match(lacking.text, /已上传，重新选择则替换/)

    t.equal((await send(mine, form, { ...given, seal: 'b'.repeat(64) }, { files: { evidence } })).status, 400, 'another page’s form')
    t.equal((await send(person2, form, given, { files: { evidence } })).status, 400, 'another’s form')
    const filed = await send(mine, lacking, given)
    t.equal(filed.status, 303, words(filed))
    const again = await send(mine, lacking, given)
    t.equal(again.location, filed.location, 'pressed twice, filed once')

    // The agency has it in a moment; until then there is nothing to withdraw.
    let kept = await mine.open(filed.location ?? '')
    for (const end = Date.now() + 20_000; !kept.text.includes('deed=cancel') && Date.now() < end; )
      kept = await mine.open(filed.location ?? '')
    t.match(words(kept), /办理经过 已提交/)
    t.match(words(await mine.open(path)), /我的记录 (已提交|待审核|审核中)/)
    t.equal((await person2.open(filed.location ?? '')).status, 404, 'not another’s')
    t.equal((await send(person2, kept, {}, { action: 'deed=cancel' })).status, 400)
    t.equal((await send(mine, kept, {}, { action: 'deed=cancel' })).status, 303)
    t.match(words(await mine.open(filed.location ?? '')), /撤回/)
  })

  await t.test('an account is bound, its bill becomes an order, and the order leads to where it is paid', async (t) => {
    const unbound = await mine.open('/hall/water/bill-query')
    t.match(words(unbound), /去绑定账户/)
    const bind = await mine.open('/hall/accounts/water')
    t.equal((await send(mine, bind, { accountNumber: '3109999999' })).status, 403)
    t.match(words(await send(mine, bind, { accountNumber: '31' })), /格式不对/, 'what is wrong with a number is said')
    const bound = await send(mine, bind, { accountNumber: '3100010001' })
    t.match(words(bound), /账户已绑定/)
    const bills = await mine.open('/hall/water/bill-query')
    t.match(words(bills), /账单编号|账单/)
    const form = await mine.open('/hall/water/order-create')
    const number = (await hub.get('/v1/water/bill-query')).json().data
    const { billNumber } = [number].flat()[0].bills?.[0] ?? [number].flat()[0]
    const ordered = await send(mine, form, { billNumber })
    t.equal(ordered.status, 303, words(ordered))
    const order = await mine.open(ordered.location ?? '')
    t.match(words(order), /待支付.*去支付/)
    const paying = await send(mine, order, {}, { action: 'deed=pay' })
    t.match(paying.location, /\/pay\/open\?code=/)
    t.equal((await send(mine, order, {}, { action: 'deed=close' })).status, 303)
    t.match(words(await mine.open(ordered.location ?? '')), /已关闭/)
  })

  await t.test('whoever has several accounts says which, and the form goes on with it', async (t) => {
    await hub.app.accounts.store.bind({
      userId: people[0]?.id ?? '',
      connector: 'water',
      externalId: '3100010002',
      unionId: null,
      level: 'real-name',
      by: 'account-number',
    })
    const { data } = (await hub.get('/v1/me/accounts')).json()
    const { id } = data.find(({ account }: { account: string }) => account.endsWith('0001'))
    const bill = (await hub.get(`/v1/water/bill-query?binding=${id}`)).json().data
    const { billNumber } = [bill].flat()[0].bills?.[0] ?? [bill].flat()[0]
    const asked = await send(mine, await mine.open('/hall/water/order-create'), { billNumber })
    t.equal(asked.status, 409)
    t.match(asked.text, `/hall/water/order-create?binding=${id}`)
    const form = await mine.open(`/hall/water/order-create?binding=${id}`)
    const ordered = await send(mine, form, { billNumber })
    t.equal(ordered.status, 303, words(ordered))
  })

  await t.test('a jump leads on to its own question', async (t) => {
    const form = await mine.open('/hall/credit/xinyi-loan')
    const gone = await send(mine, form, {})
    t.match(gone.location, /\/go\/credit\/xinyi-loan\/open\?code=/)
  })

  await t.test('every page is light, and words in an address stay words', async (t) => {
    for (const { path } of hub.app.hall.cards.values()) {
      const { text, status } = await mine.open(path)
      t.ok(text.length < LIGHT, `${path}: ${text.length}`)
      t.ok(status < 500, `${path}: ${status}`)
    }
    const odd = await mine.open(`/hall/search?q=${encodeURIComponent('<script>alert(1)</script>')}`)
    t.notMatch(odd.text, '<script>')
    t.match(odd.headers.get('content-security-policy'), /default-src 'none'/)
    const inputs = await mine.open(`/hall/credit/typical-cases?keyword=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`)
    t.notMatch(inputs.text, '<img')
  })

  await t.test('an agent acts for the enterprise that the app’s token named, and for no other', async (t) => {
    const agent = await enter(hub, origin, { person: 1, enterprise: 3 })
    t.match(words(await agent.open('/hall/credit/credit-report-download')), /罚款/)
    t.match(words(await mine.open('/hall/housing-fund/employer-account')), /没有授权/)
  })
})
