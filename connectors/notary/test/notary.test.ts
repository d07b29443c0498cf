import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { pdfOf } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import notary from '../index.ts'

const BASE = '/v1/notary'

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('notary').length, 12)
})

t.test('天平公证', async (t) => {
  const hub = await build(t, { declarations: [unhurried(notary, 0.1)], jobs: { sweepMs: 20 }, sandboxTiming: { progressStepMs: 1 } })
  const sandbox = hub.app.sandbox as Sandbox
  const get = async (service: string, as: object = {}) => (await hub.get(`${BASE}/${service}`, as)).json()
  const post = async (path: string, body: object, as: object = {}) =>
    (await hub.post(path, { ...as, headers: { 'idempotency-key': randomUUID() }, body })).json()
  const until = async (url: string, isThere: (data: Record<string, unknown>) => boolean, as: object = {}) => {
    for (const end = Date.now() + 20_000; ; await pause(30)) {
      const { data } = (await hub.get(url, as)).json()
      if (isThere(data)) return data
      if (Date.now() > end) throw new Error(`not reached: ${JSON.stringify(data)}`)
    }
  }
  /** Pays what is open of a case. */
  const pay = async (applicationNumber: string, as: object = {}) => {
    const { data: order } = await post(`${BASE}/fee-payment`, { applicationNumber }, as)
    t.match(await post(`${order.statusUrl}/pay`, { channel: 'wechat', way: 'h5' }, as), { data: { kind: 'redirect' } })
    t.ok(sandbox.payments.pay('wechat', order.orderNumber))
    return until(order.statusUrl, ({ state }) => state === 'written-off', as)
  }
  const paper = (as: object = {}) => bringFile(hub, pdfOf(600), as)

  await t.test('68 matters in eight categories, each with its conditions, fee and materials', async (t) => {
    const { data } = (await hub.app.inject({ url: `${BASE}/notarization-items` })).json()
    t.equal(data.length, 8)
    t.equal(
      data.reduce((sum: number, { itemCount }: { itemCount: number }) => sum + itemCount, 0),
      68,
    )
    t.same(
      data.slice(0, 4).map(({ notarizationCategory }: { notarizationCategory: { name: string } }) => notarizationCategory.name),
      ['个人身份', '学历', '婚姻', '财产'],
    )
    const items = data.flatMap(
      ({ notarizationItems }: { notarizationItems: { itemName: string; fee: number; condition: string }[] }) => notarizationItems,
    )
    t.equal(new Set(items.map(({ itemName }: { itemName: string }) => itemName)).size, 68)
    t.ok(items.every(({ fee, condition }: { fee: number; condition: string }) => fee > 0 && condition !== ''))
    const { data: lists } = (await hub.app.inject({ url: `${BASE}/material-checklist?pageSize=100` })).json()
    t.equal(lists.length, 68)
    t.ok(lists.every(({ materialChecklist }: { materialChecklist: unknown[] }) => materialChecklist.length > 0))
    const [one] = (await hub.app.inject({ url: `${BASE}/notarization-items?notarizationCategory=03` })).json().data
    t.match(one, { notarizationCategory: { name: '婚姻' }, itemCount: 8 })
  })

  await t.test('from the application to the fee and the certificate', async (t) => {
    const as = { person: 5 }
    const body = async (more = {}) => ({
      itemCode: '0203',
      statement: '出国工作使用，须译成德文。',
      purpose: '3',
      placeOfUse: '276',
      language: 'de',
      copies: 2,
      mainPaper: await paper(as),
      papers: [await paper(as)],
      contactPhone: '13900000000',
      truthDeclaration: '2026-1',
      ...more,
    })
    const file = async (more = {}) => post(`${BASE}/application-submit`, await body(more), as)
    t.match(await file({ itemCode: '9999' }), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/itemCode' }] })
    t.match(await file({ mainPaper: undefined }), { errors: [{ pointer: '/body/mainPaper' }] })
    t.match(await file({ copies: 0 }), { errors: [{ pointer: '/body/copies' }] })
    t.match(await get('notarial-certificate', as), { code: 'HUB_NO_RECORD' })
    const { data: filed } = await file()
    const done = await until(`${BASE}/application-submit/${filed.id}`, ({ final }) => final === true, as)
    t.match(done, { state: 'approved', itemName: '毕业证书公证' })
    t.match(await get('notarial-certificate', as), { code: 'HUB_NO_RECORD', detail: /缴费/ })
    const bill = (await get('notarization-charges', as)).data
    t.match(bill, { certificationFee: 80, copyFee: 20, translationFee: 100, totalAmount: 200, chargeStatus: { name: '未缴费' } })
    t.match(
      await post(`${BASE}/fee-payment`, { applicationNumber: bill.applicationNumber }),
      { code: 'HUB_NO_RECORD' },
      'another pays nothing of it',
    )
    t.match(await pay(bill.applicationNumber, as), { notarizationFee: 200, orderStatus: { name: '已缴费' } })
    t.match(await post(`${BASE}/fee-payment`, { applicationNumber: bill.applicationNumber }, as), { code: 'HUB_ORDER_BILL' })
    const { data: certificate } = await get('notarial-certificate', as)
    t.match(certificate, { itemName: '毕业证书公证', applicantName: '钱*怀', copies: 2, placeOfUse: { name: '德国' } })
    t.equal((await hub.get(certificate.certificateFile[0].href, as)).headers['content-type'], 'application/pdf')
    t.equal((await hub.get(certificate.certificateFile[0].href, { person: 1 })).statusCode >= 400, true)
  })

  await t.test('a marriage certificate is certified for the married alone', async (t) => {
    const body = async (as: object) => ({
      marriageCertificateNumber: 'J411002-2018-000520',
      registrationDate: '2018-05-20',
      spouseName: '甄晓禾',
      purpose: '2',
      placeOfUse: '036',
      language: 'en',
      copies: 1,
      mainPaper: await paper(as),
      contactPhone: '13900000000',
      truthDeclaration: '2026-1',
    })
    for (const [as, state] of [
      [{ person: 1 }, 'approved'],
      [{ person: 3 }, 'refused'],
    ] as const) {
      const { data } = await post(`${BASE}/marriage-certificate-notarization`, await body(as), as)
      const end = await until(`${BASE}/marriage-certificate-notarization/${data.id}`, ({ final }) => final === true, as)
      t.equal(end.state, state)
    }
  })

  await t.test('what is missing is told, and comes to one’s own open case alone', async (t) => {
    const as = { person: 2 }
    const [open] = (await get('review-feedback', as)).data
    t.match(open, { applicationStatus: { name: '待补充材料' }, missingItems: [{ name: '不动产权证书' }], takesMaterials: true })
    const upload = async (applicationNumber: string, by: object) =>
      post(`${BASE}/material-upload`, { materials: [await paper(by), await paper(by)], applicationNumber }, by)
    t.match(await upload(open.applicationNumber, as), { data: { state: 'done', receivedCount: 2 } })
    t.match(await upload(open.applicationNumber, { person: 1 }), {
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/body/applicationNumber' }],
    })
    const [closed] = (await get('review-feedback', { person: 3 })).data
    t.match(await upload(closed.applicationNumber, { person: 3 }), { errors: [{ detail: /现在不能选/ }] })
  })

  await t.test('an agent sees and pays the enterprise’s, not his own, and the other way round', async (t) => {
    const agent = { person: 1, enterprise: 1 }
    const { data: bill } = await get('notarization-charges', agent)
    t.match(bill, { itemName: '招标投标公证', certificationFee: 3000 })
    t.match(await post(`${BASE}/fee-payment`, { applicationNumber: bill.applicationNumber }), { code: 'HUB_NO_RECORD' })
    t.match(await pay(bill.applicationNumber, agent), { orderStatus: { name: '已缴费' } })
    t.match((await get('notarial-certificate', agent)).data, { itemName: '营业执照公证', applicantName: '许昌示例制造有限公司' })
    t.match((await get('notarization-info', { person: 7 })).code, 'HUB_NO_RECORD')
  })
})
