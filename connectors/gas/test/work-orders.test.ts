import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { png } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { auditOf, trace } from '../../../test/helper/queries.ts'
import { targets } from '../../../test/helper/targets.ts'
import { unhurried } from '../../../test/helper/unhurried.ts'
import { found } from '../../../test/helper/waiting.ts'
import gas from '../index.ts'

interface Slot {
  appointmentDate: string
  appointmentSlot: string
  bookable: boolean
  left: number
}

interface Refusal {
  status: number
  code?: string
  errors?: { pointer: string; detail?: RegExp }[]
  detail?: RegExp
}

const REPAIR = '/v1/gas/repair-request'
/** Looked at more often than people look. */
const dayAfter = (days: number) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, {
      target,
      declarations: [unhurried(gas)],
      jobs: { sweepMs: 50, pace: { baseMs: 20, maxMs: 100, settleMs: 200 } },
      sandboxTiming: { progressStepMs: 600_000 },
    })
    const { sandbox, database } = hub.app
    if (!sandbox) throw new Error('no sandbox')
    const send = async (method: 'POST' | 'PATCH', url: string, body: object, person = 1) => {
      const { traceId, headers } = trace()
      const authorization = `Bearer ${await hub.token({ person })}`
      const response = await hub.app.inject({
        method,
        url,
        headers: { ...headers, authorization, 'idempotency-key': randomUUID() },
        payload: body,
      })
      return { status: response.statusCode, ...response.json(), traceId }
    }
    const file = (service: string, body: object, person = 1) => send('POST', `/v1/gas/${service}`, body, person)
    const read = async (url: string, person = 1) => (await hub.get(url, { person })).json()
    const until = async (url: string, reached: (data: { state: string; act?: { state: string } | null }) => boolean, person = 1) => {
      for (const end = Date.now() + 15_000; ; await sleep(25)) {
        const { data } = await read(url, person)
        if (reached(data) || Date.now() > end) return data
      }
    }
    const slots = (await read('/v1/gas/appointment-slots?pageSize=100')).data as Slot[]
    const [free, other] = slots.filter(({ bookable }) => bookable)
    const full = slots.find(({ bookable }) => !bookable)
    if (!free || !other || !full) throw new Error('some windows are left, and some are full')
    const at = ({ appointmentDate, appointmentSlot }: Slot) => ({ appointmentDate, appointmentSlot })
    const visit = { contactPhone: '13800000001', ...at(free) }
    const repair = { ...visit, faultKind: '1', description: '灶具打不着火' }
    const kept = async () => (await database('submissions')).length

    /** Refused, on record, and nothing kept of it. */
    async function refuses(t: Test, asked: Promise<{ traceId: string }>, expected: Refusal, words: string) {
      const before = await kept()
      const refused = await asked
      t.match(refused, expected, words)
      t.equal((await auditOf(hub, refused.traceId)).length, 1, `${words}: one row of the audit`)
      t.equal(await kept(), before, `${words}: nothing kept`)
    }

    await t.test('for an account that is bound', async (t) => {
      await refuses(t, file('repair-request', repair), { status: 403, code: 'HUB_ACCOUNT_UNBOUND' }, 'unbound')
      for (const [person, accountNumber] of [
        [1, '5100011703'],
        [2, '5100022615'],
        [3, '5100033029'],
        [5, '5100054471'],
        [8, '5100080096'],
      ] as const)
        t.match(await send('POST', '/v1/me/accounts/gas', { accountNumber }, person), { status: 201 })
      const named = { ...repair, gasAccountNumber: '5100033029' }
      await refuses(
        t,
        file('repair-request', named),
        { status: 400, errors: [{ pointer: '/body/gasAccountNumber' }] },
        'named in the request',
      )
      const foreign = file(`repair-request?binding=${randomUUID()}`, repair)
      await refuses(t, foreign, { status: 403, code: 'HUB_ACCOUNT_UNBOUND' }, 'somebody else’s')
    })

    await t.test('for a day to come, in a window that is left', async (t) => {
      const day = [{ pointer: '/body/appointmentDate', detail: /须在/ }]
      for (const days of [-1, 0, 15])
        await refuses(
          t,
          file('repair-request', { ...repair, appointmentDate: dayAfter(days) }),
          { status: 400, errors: day },
          `day ${days}`,
        )
      const taken = [{ pointer: '/body/appointmentSlot', detail: /现在不能选/ }]
      await refuses(t, file('repair-request', { ...repair, ...at(full) }), { status: 400, errors: taken }, 'full')
      const none = [{ pointer: '/body/appointmentSlot', detail: /可选：/ }]
      await refuses(t, file('repair-request', { ...repair, appointmentSlot: '03:00-04:00' }), { status: 400, errors: none }, 'no window')
    })

    await t.test('with photographs that are some', async (t) => {
      const forged = await hub.app.inject({
        method: 'POST',
        url: '/v1/me/files?name=a.png',
        headers: { authorization: `Bearer ${await hub.token({ person: 1 })}`, 'content-type': 'image/png' },
        payload: Buffer.from('<html>no picture</html>'),
      })
      t.ok(forged.statusCode >= 400, 'refused where it is brought')
      const paper = await bringFile(hub, Buffer.from('%PDF-1.7\n%%EOF\n'), { person: 1 })
      const photo = [{ pointer: '/body/photos/0', detail: /只能是：image\/jpeg、image\/png/ }]
      await refuses(t, file('repair-request', { ...repair, photos: [paper] }), { status: 400, errors: photo }, 'a paper')
      const theirs = await bringFile(hub, png, { person: 2, mediaType: 'image/png', name: 'a.png' })
      await refuses(
        t,
        file('repair-request', { ...repair, photos: [theirs] }),
        { status: 400, errors: [{ pointer: '/body/photos/0' }] },
        'theirs',
      )
      const four = await Promise.all([1, 2, 3, 4].map(() => bringFile(hub, png, { person: 1, mediaType: 'image/png', name: 'a.png' })))
      await refuses(t, file('repair-request', { ...repair, photos: four }), { status: 400, errors: [{ pointer: '/body/photos' }] }, 'four')
    })

    await t.test('and what the supply allows', async (t) => {
      const unfit = (detail: RegExp) => ({ status: 409, code: 'HUB_FILING_UNFIT', detail })
      await refuses(t, file('activation-booking', visit), unfit(/正在用气，不能办理“预约开通”/), 'open already')
      await refuses(t, file('supply-restoration', visit), unfit(/正在用气/), 'never stopped')
      await refuses(t, file('repair-request', repair, 5), unfit(/尚未开通/), 'no gas yet')
      const shutdown = { ...visit, shutdownReason: '1' }
      await refuses(t, file('supply-shutdown', shutdown, 3), unfit(/有 2 张账单未缴/), 'bills open')
      t.match((await read('/v1/gas/work-order-check?workOrderType=08', 3)).data, { allowed: { code: '0' }, reason: /未缴/ }, 'told before')
      t.match(await file('supply-shutdown', shutdown, 2), { status: 202 })
      t.match(await file('activation-booking', visit, 5), { status: 202 })
      t.match(await file('supply-restoration', visit, 8), { status: 202 })
    })

    await t.test('filed with a photograph, moved, given up', async (t) => {
      const photos = [await bringFile(hub, png, { person: 1, mediaType: 'image/png', name: '灶具.png' })]
      const filed = await file('repair-request', { ...repair, photos })
      t.match(filed, { status: 202, data: { state: 'filed', workOrderStatus: { name: '已提交' } } })
      const url = `${REPAIR}/${filed.data.id}`
      const open = await until(url, ({ state }) => state === 'reviewing')
      t.match(open, {
        workOrderStatus: { code: '10', name: '已受理' },
        faultKind: { code: '1' },
        gasAccountNumber: '******1703',
        ...at(free),
        technicianName: '巡*例',
      })
      t.match((await read(`/v1/gas/repair-request/${filed.data.id}`, 2)).code, 'HUB_NO_RECORD', 'nobody else’s to see')
      await refuses(t, send('PATCH', url, at(full)), { status: 400, errors: [{ pointer: '/body/appointmentSlot' }] }, 'moved to a full one')
      await refuses(t, send('PATCH', url, { ...at(other), appointmentDate: dayAfter(-3) }), { status: 400 }, 'moved to the past')
      t.match(await send('PATCH', url, at(other)), { status: 202 })
      t.match(await until(url, ({ act }) => act?.state === 'done'), { act: { kind: 'change', state: 'done' }, ...at(other) })
      t.match(await send('POST', `${url}/cancel`, { cancelReason: '已自行修好' }), { status: 202 })
      t.match(await until(url, ({ state }) => state === 'withdrawn'), { stateName: '已取消', final: true, workOrderStatus: { code: '60' } })
      t.match(await send('PATCH', url, at(free)), { status: 409, code: 'HUB_FILING_STATE' })
    })

    await t.test('what is missing is brought; what is turned down says why', async (t) => {
      sandbox.faults.set({ kind: 'ask-supplement', sid: 'api/v1/work-orders/information-change', times: 1 })
      sandbox.timing.progressStepMs = 0
      const filed = await file('information-change', { contactPhone: '13800000001', changeItem: '2', description: '过户给家人' })
      const url = `/v1/gas/information-change/${filed.data.id}`
      t.match(await until(url, ({ state }) => state === 'incomplete'), { nextStep: { kind: 'supplement', items: [{ name: '身份证明' }] } })
      const photos = [await bringFile(hub, png, { person: 1, mediaType: 'image/png', name: '证件.png' })]
      t.match(await send('POST', `${url}/supplement`, { statement: '已重新拍摄', photos }), { status: 202 })
      t.match(await until(url, ({ state }) => state === 'done'), { final: true, stateName: '已完成' })

      sandbox.faults.set({ kind: 'reject-submission', sid: 'api/v1/work-orders/modification', times: 1 })
      const modification = { ...visit, modificationKind: '1', description: '厨房移表' }
      const turned = await file('gas-modification', modification)
      const end = await until(`/v1/gas/gas-modification/${turned.data.id}`, ({ state }) => state === 'rejected')
      t.match(end, { refusalReason: /不一致/, workOrderStatus: { name: '不予办理' } })
    })

    await t.test('who has no account may ask for one, and complain', async (t) => {
      const address = { division: '411002', detail: '示例路9号' }
      const installation = { ...visit, installationAddress: address, premises: '2' }
      t.match(await file('installation-application', installation, 4), { status: 202 })
      t.match(await file('consultation-complaint', { contactPhone: '13800000004', complaintKind: '2', description: '上门迟到' }, 4), {
        status: 202,
      })
      const mine = async () => (await read('/v1/me/submissions?connector=gas', 4)).data.rows as { state: string }[]
      t.match(await found(mine, (rows) => rows.every(({ state }) => state === 'done')), [{ state: 'done' }, { state: 'done' }])
    })

    t.notMatch(hub.logged(), /5100011703|13800000001|灶具打不着火/, 'no log line says what was filed')
  })
}

t.test('outlets come nearest first, and the company is not told where somebody is', async (t) => {
  const hub = await build(t, { declarations: [gas] })
  const { data } = (await hub.app.inject('/v1/gas/service-outlets?near=113.49,34.14')).json()
  const outlets = data.serviceOutlets as { name: string; distance: number }[]
  t.match(outlets[0], { name: '天伦燃气禹州拟定路营业厅' })
  t.same(
    outlets.map(({ distance }) => distance),
    outlets.map(({ distance }) => distance).sort((a, b) => a - b),
  )
  t.same(hub.app.services.get('gas.service-outlets')?.params({ near: '113.49,34.14' }, { person: null, enterprise: null }), {})
  t.match((await hub.app.inject('/v1/gas/hotline')).json().data[0], { hotlineNumber: '0374-0000119' })
  const { safetyArticles } = (await hub.app.inject('/v1/gas/safety-education?articleKind=3')).json().data
  t.ok(
    safetyArticles.length === 2 && safetyArticles.every((article: { articleKind: { code: string } }) => article.articleKind.code === '3'),
  )
})
