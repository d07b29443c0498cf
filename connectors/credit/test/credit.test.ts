import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { pdfOf } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import credit from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('credit').length, 12)
})

t.test('信用许昌', async (t) => {
  const hub = await build(t, { declarations: [unhurried(credit, 0.1)], jobs: { sweepMs: 20 }, sandboxTiming: { progressStepMs: 1 } })
  const { get, app } = hub
  const open = async (url: string) => (await app.inject({ url })).json()
  const until = async (url: string, token: object) => {
    for (const end = Date.now() + 30_000; ; await sleep(30)) {
      const { data } = (await get(url, token)).json()
      if (data.final) return data
      if (Date.now() > end) throw new Error(`not reached: ${JSON.stringify(data)}`)
    }
  }

  await t.test('a register names firms, shortens people, and is paged and searched at the platform', async (t) => {
    const { data, meta } = await open('/v1/credit/administrative-penalty-disclosure?pageSize=3')
    t.equal(data.length, 3)
    t.ok(meta.page.total > 3)
    const byName = async (name: string) =>
      (await open(`/v1/credit/administrative-penalty-disclosure?keyword=${encodeURIComponent(name)}`)).data
    t.match(await byName('虚假广告'), [{ partyName: '许昌样本科技有限公司', fineAmount: 20_000, legalRepresentative: '钱*真' }])
    const [person, ...more] = await byName('从业资格证')
    t.same(more, [])
    t.match(person, { partyName: '褚*例', partyKind: { code: '1', name: '自然人' }, unifiedSocialCreditCode: null })
    const { code } = await open('/v1/credit/dishonest-list?unifiedSocialCreditCode=91411000MA0000101X')
    t.equal(code, 'HUB_VALIDATION', 'a code with a wrong check digit is asked of nobody')
  })

  await t.test('a report is one’s own, or that of the enterprise whose mandate is held', async (t) => {
    const report = async (token: object) => (await get('/v1/credit/credit-report-download', token)).json()
    t.match((await report({ person: 1 })).data, { creditGrade: { code: 'B' }, penaltyCount: 0, creditReport: [{ href: /^\/v1\// }] })
    t.match((await report({ person: 1, enterprise: 3 })).data, {
      creditGrade: { code: 'C' },
      penaltyCount: 1,
      penalties: [{ penaltyKind: { name: '罚款' } }],
    })
    t.equal((await report({ person: 7 })).code, 'HUB_NO_RECORD')
    t.equal((await app.inject({ url: '/v1/credit/credit-report-download' })).statusCode, 401)
  })

  await t.test('a repair needs the enterprise’s agent and both papers; it is followed to its end', async (t) => {
    const asAgent = { person: 1, enterprise: 3 }
    const file = () => bringFile(hub, pdfOf(2000), asAgent)
    const body = async (more = {}) => ({
      decisionNumber: '许示罚决字（2026）第0021号',
      dutiesDoneOn: '2026-08-01',
      statement: '已删除不实内容并缴清罚款',
      dutiesPaper: await file(),
      commitmentPaper: await file(),
      commitment: '2026-1',
      contactPhone: '13900000000',
      truthDeclaration: '2026-1',
      ...more,
    })
    const apply = async (token: object, given: object, key: string) =>
      (await hub.post('/v1/credit/credit-repair', { ...token, headers: { 'idempotency-key': key }, body: given })).json()
    t.match((await apply({ person: 1 }, await body(), 'repair-key-0001')).code, /^HUB_(MANDATE|FORBIDDEN|ENTERPRISE)/)
    t.match(await apply(asAgent, await body({ commitmentPaper: undefined }), 'repair-key-0002'), {
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/body/commitmentPaper' }],
    })
    const filed = await apply(asAgent, await body(), 'repair-key-0003')
    const { data = {} } = filed
    t.match(filed.data ?? filed, { state: 'filed', stateName: '已提交' })
    t.match(await until(`/v1/credit/credit-repair/${data.id}`, asAgent), { state: 'approved' })
    t.match((await get(`/v1/credit/credit-repair/${data.id}`, { person: 2 })).json().code, /^HUB_/, 'not another’s to see')
  })

  await t.test('an objection is a person’s own, or an enterprise’s, needs its evidence, and is followed to its end', async (t) => {
    const object = async (token: object, more: object = {}) => {
      const evidence = await bringFile(hub, pdfOf(2000), token)
      const said = { recordKind: '2', objectionReason: '1', statement: '处罚决定已被撤销，仍在公示', contactPhone: '13900000000' }
      const body = { ...said, recordNumber: '许示罚决字（2026）第0021号', evidence, truthDeclaration: '2026-1', ...more }
      return (await hub.post('/v1/credit/objection-appeal', { ...token, headers: { 'idempotency-key': randomUUID() }, body })).json()
    }
    for (const [more, pointer] of [
      [{ evidence: undefined }, '/body/evidence'],
      [{ objectionReason: '99' }, '/body/objectionReason'],
      [{ truthDeclaration: undefined }, '/body/truthDeclaration'],
    ] as const)
      t.match(await object({ person: 1 }, more), { code: 'HUB_VALIDATION', errors: [{ pointer }] })
    t.match(
      await object({ person: 1 }, { evidence: await bringFile(hub, pdfOf(2000), { person: 2 }) }),
      { code: /^HUB_/ },
      'another’s file',
    )
    for (const token of [{ person: 1 }, { person: 1, enterprise: 3 }]) {
      const { data } = await object(token)
      t.match(data, { state: 'filed' })
      const url = `/v1/credit/objection-appeal/${data.id}`
      t.match(await until(url, token), { final: true, recordKind: { name: '行政处罚' }, objectionReason: { name: '信息错误' } })
      t.match((await get(url, { person: 2 })).json().code, /^HUB_/)
    }
  })

  await t.test('信易+ scenes are shown to whoever has logged in, by kind', async (t) => {
    const scenes = async (query = '') => (await get(`/v1/credit/xinyi-plus${query}`, { person: 7 })).json().data
    const [first] = await scenes()
    t.match(first, { sceneName: /./, benefit: /./, condition: /./, provider: /./ })
    const { code } = first.sceneKind
    for (const { sceneKind } of await scenes(`?sceneKind=${code}`)) t.equal(sceneKind.code, code)
    t.equal((await app.inject({ url: '/v1/credit/xinyi-plus' })).statusCode, 401)
  })
})
