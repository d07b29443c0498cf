import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { pdfOf } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import talentCode from '../index.ts'
import { codeAt } from '../sandbox/code.ts'

const BASE = '/v1/talent-code'

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('talent-code').length, 10)
})

t.test('人才码', async (t) => {
  const hub = await build(t, { declarations: [unhurried(talentCode, 0.1)], jobs: { sweepMs: 20 }, sandboxTiming: { progressStepMs: 1 } })
  const get = async (service: string, as: object = {}) => (await hub.get(`${BASE}/${service}`, as)).json()
  const post = async (service: string, body: object, as: object = {}, key: string = randomUUID()) =>
    (await hub.post(`${BASE}/${service}`, { ...as, headers: { 'idempotency-key': key }, body })).json()
  const check = (code: string, as: object = { person: 3 }) => get(`talent-code-verification?talentCode=${code}`, as)

  await t.test('a code is shown by whom it belongs to, and tells a scanner that it holds, a shortened name and a class', async (t) => {
    const { data } = await get('dynamic-talent-code')
    t.match(data, { personName: '贾*', talentCategory: { code: 'F' }, talentCode: [{ mediaType: 'image/png', href: /^\/v1\// }] })
    const life = Date.parse(data.expiresAt) - Date.now()
    t.ok(life > 0 && life <= 120_000, 'for two minutes at most')
    const seen = await check(data.codeContent)
    t.match(seen.data, { valid: true, personName: '贾*', talentCategory: { name: 'F类 基础人才' } })
    t.same(Object.keys(seen.data).sort(), ['personName', 'talentCategory', 'talentCode', 'valid', 'verifiedAt'])
    t.equal((await hub.get(data.talentCode[0].href, { person: 1 })).headers['content-type'], 'image/png')
    t.equal((await hub.get(data.talentCode[0].href, { person: 2 })).statusCode >= 400, true, 'no picture for another')
  })

  await t.test('a code that has run out, was made up, or is of somebody struck off is none', async (t) => {
    const { idNumber } = { idNumber: '41100219900101000X' }
    t.match(await check(codeAt(idNumber, Date.now())), { data: { valid: true } }, 'the one of this minute')
    for (const code of [codeAt(idNumber, Date.now() - 180_000), codeAt('411024200108150006', Date.now()), `RCM${'0'.repeat(24)}`])
      t.match(await check(code), { code: 'HUB_NO_RECORD', detail: /无效或者已经过期/ })
    t.match(await check('RCM0'), { code: 'HUB_VALIDATION' })
    t.equal((await hub.app.inject({ url: `${BASE}/talent-code-verification?talentCode=RCM${'0'.repeat(24)}` })).statusCode, 401)
    t.match(await get('dynamic-talent-code', { person: 4 }), { code: 'HUB_NO_RECORD' })
    t.match((await get('talent-info', { person: 4 })).data, { holding: { name: '已注销' } })
    t.match(await get('dynamic-talent-code', { person: 2 }), { code: 'HUB_NO_RECORD', detail: /认证/ })
  })

  await t.test('a benefit of one’s own is used once under a key, counted, and gone when it is used up', async (t) => {
    const own = async (as: object) =>
      (await get('own-benefits', as)).data as { benefitNumber: string; remaining: number; usable: boolean }[]
    const rare = (await own({ person: 5 })).find(({ remaining }) => remaining === 1)
    const { benefitNumber = '' } = rare ?? {}
    t.match(await post('benefit-use', { benefitNumber }), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/benefitNumber' }] })
    const key = randomUUID()
    const first = await post('benefit-use', { benefitNumber }, { person: 5 }, key)
    t.match(first, { data: { state: 'done', useCode: /^\d{6}$/, useStatus: { name: '已核销' }, remaining: 0 } })
    t.equal((await post('benefit-use', { benefitNumber }, { person: 5 }, key)).data.id, first.data.id, 'the same use')
    t.match(await post('benefit-use', { benefitNumber }, { person: 5 }), { code: 'HUB_VALIDATION', errors: [{ detail: /现在不能选/ }] })
    t.match(
      (await own({ person: 5 })).find((each) => each.benefitNumber === benefitNumber),
      { remaining: 0, usable: false },
    )
    t.match((await get('personal-center', { person: 5 })).data, {
      usesThisYear: 1,
      benefitUses: [{ benefitName: '拟定钧瓷艺术馆烧制体验' }],
    })
    t.match((await get('personal-center')).data, { usesThisYear: 0 }, 'and nobody else’s')
  })

  await t.test('who is certified in the app has a code afterwards; who can’t be is told so', async (t) => {
    const as = { person: 2 }
    const body = async (more = {}) => ({
      talentCategory: 'F',
      ground: '2',
      educationLevel: '21',
      employer: '许昌虚拟商贸有限公司',
      position: '物流师',
      mainPaper: await bringFile(hub, pdfOf(800), as),
      contactPhone: '13900000000',
      truthDeclaration: '2026-1',
      ...more,
    })
    t.match(await post('talent-certification', await body({ talentCategory: 'G' }), as), { code: 'HUB_VALIDATION' })
    t.match(await post('talent-certification', await body({ mainPaper: undefined }), as), { errors: [{ pointer: '/body/mainPaper' }] })
    const { data } = await post('talent-certification', await body(), as)
    for (const end = Date.now() + 20_000; Date.now() < end; await pause(30)) {
      const { data: now } = await get(`talent-certification/${data.id}`, as)
      if (now.final) break
    }
    t.match((await get('certification-status', as)).data, [{ certificationStatus: { name: '已认定' }, talentCategory: { code: 'F' } }])
    const code = (await get('dynamic-talent-code', as)).data
    t.match(await check(code.codeContent), { data: { valid: true, personName: '甄*禾' } })
    t.match((await get('certification-status', { person: 6 })).data, [
      { missingItems: [{ name: '劳动合同' }], supplementDeadline: /^\d{4}-/ },
    ])
  })
})
