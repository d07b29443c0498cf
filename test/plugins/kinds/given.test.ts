import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type ConnectorDeclaration, codeList, field, input, type ServiceContract, service } from '../../../core/connector.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const base = { section: '0', timeoutMs: 2000, rate: { max: 1000, perSeconds: 60 } } as const
const statuses = codeList('test', { '01': '已受理', '02': '已完成' })
const dayAfter = (days: number) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)

const windows = service({
  ...base,
  id: 'windows',
  name: '上门时段',
  kind: 'list',
  audience: 'public',
  identity: 'none',
  inputs: { day: input.date('日期', { code: 'rq', field: 'day', required: true }) },
  fields: {
    window: field.text('时段', { code: 'sd', required: true }),
    day: field.date('日期', { code: 'rq' }),
    bookable: field.flag('可以预约', { code: 'kyy' }),
  },
})

const day = input.date('预约日期', { code: 'rq', field: 'day', required: true, ahead: { from: 1, to: 7 } })
const window = input.choice(
  '预约时段',
  { from: 'windows', value: 'window', open: 'bookable' },
  { code: 'sd', field: 'window', required: true },
)

const visit = service({
  ...base,
  id: 'visit',
  name: '上门',
  kind: 'submit',
  audience: 'person',
  identity: 'real-name',
  inputs: { day, window },
  fields: {
    number: field.text('工单号', { code: 'gdh', required: true }),
    status: field.code('状态', statuses, { code: 'zt' }),
    day: field.date('预约日期', { code: 'rq' }),
    window: field.text('预约时段', { code: 'sd' }),
  },
  submission: {
    serial: 'lsh',
    reference: 'number',
    pollSeconds: 1,
    maxAttempts: 3,
    change: { sid: 'demo.visit-change', when: ['reviewing'], inputs: { day, window } },
    progress: [
      { state: 'approved', when: { status: ['02'] } },
      { state: 'reviewing', when: { status: ['01'] } },
    ],
  },
})

const call = service({
  ...base,
  id: 'call',
  name: '回电',
  kind: 'act',
  audience: 'person',
  identity: 'real-name',
  inputs: { day },
  fields: { number: field.text('编号', { code: 'bh', required: true }), day: field.date('预约日期', { code: 'rq' }) },
})

const windowRows = () =>
  [1, 2].flatMap((days) =>
    ['08:30-10:30', '14:30-16:30'].map((sd, position) => ({ sd, rq: dayAfter(days), kyy: days + position === 2 ? '0' : '1' })),
  )

const demo: ConnectorDeclaration = {
  ...minimalConnector(),
  services: [windows, visit, call],
  health: { service: 'windows', intervalSeconds: 60 },
  sandbox: { windows: windowRows, visit: () => [{}], call: () => [{ bh: 'H1' }] },
}

t.test('a visit is booked for a day to come and a window that is left', async (t) => {
  const hub = await build(t, { declarations: [demo], jobs: { sweepMs: 20 }, sandboxTiming: { progressStepMs: 600_000 } })
  const send = async (method: 'POST' | 'PATCH', url: string, payload: object, key: string = randomUUID()) => {
    const authorization = `Bearer ${await hub.token({ person: 1 })}`
    const response = await hub.app.inject({ method, url, headers: { authorization, 'idempotency-key': key }, payload })
    return { status: response.statusCode, ...response.json() }
  }
  const book = (body: object, key?: string) => send('POST', '/v1/demo/visit', body, key)
  const filings = async () => (await hub.app.database('submissions')).length

  await t.test('neither earlier nor later', async (t) => {
    for (const given of [dayAfter(-1), dayAfter(0), dayAfter(8)]) {
      t.match(await book({ day: given, window: '14:30-16:30' }), {
        status: 400,
        code: 'HUB_VALIDATION',
        errors: [{ pointer: '/body/day', detail: `须在 ${dayAfter(1)} 至 ${dayAfter(7)} 之间` }],
      })
      t.match(await send('POST', '/v1/demo/call', { day: given }), { status: 400, errors: [{ pointer: '/body/day' }] })
    }
    t.match(await send('POST', '/v1/demo/call', { day: dayAfter(7) }), { status: 200 })
  })
  await t.test('a window that is full is named, and those that are left', async (t) => {
    t.match(await book({ day: dayAfter(1), window: '14:30-16:30' }), {
      status: 400,
      errors: [{ pointer: '/body/window', detail: '14:30-16:30 现在不能选，可选：08:30-10:30' }],
      choices: { values: ['08:30-10:30'] },
    })
    t.match(await book({ day: dayAfter(1), window: '00:00-01:00' }), { errors: [{ detail: '可选：08:30-10:30' }] })
    t.match(await book({ day: dayAfter(5), window: '08:30-10:30' }), { errors: [{ detail: '目前没有可选的内容' }] })
    t.equal(await filings(), 0, 'nothing is kept of what was refused')
  })
  await t.test('a change of day is held to the same', async (t) => {
    const booked = await book({ day: dayAfter(1), window: '08:30-10:30' })
    t.match(booked, { status: 202 })
    const url = `/v1/demo/visit/${booked.data.id}`
    const read = async () => (await hub.get(url)).json().data
    for (const end = Date.now() + 15_000; (await read()).state !== 'reviewing' && Date.now() < end; ) await sleep(20)
    t.match(await send('PATCH', url, { day: dayAfter(-1), window: '08:30-10:30' }), { status: 400, errors: [{ pointer: '/body/day' }] })
    t.match(await send('PATCH', url, { day: dayAfter(2), window: '00:00-01:00' }), { status: 400, errors: [{ pointer: '/body/window' }] })
    t.equal((await read()).act, null)
    t.match(await send('PATCH', url, { day: dayAfter(2), window: '14:30-16:30' }), { status: 202 })
    for (const end = Date.now() + 15_000; (await read()).act?.state !== 'done' && Date.now() < end; ) await sleep(20)
    t.match(await read(), { act: { kind: 'change', state: 'done' }, day: dayAfter(2), window: '14:30-16:30' })
  })
  await t.test('whoever repeats his request is not asked again', async (t) => {
    const key = randomUUID()
    const first = await book({ day: dayAfter(1), window: '08:30-10:30' }, key)
    hub.app.sandbox?.faults.set({ kind: 'http-500', sid: 'demo.windows' })
    t.match(await book({ day: dayAfter(1), window: '08:30-10:30' }, key), { status: 202, data: { id: first.data.id } })
    hub.app.sandbox?.faults.clear()
  })
})

t.test('what cannot be booked is a mistake of the declaration', async (t) => {
  const problems = (change: Partial<ServiceContract>) =>
    checkDeclarations(
      [{ ...demo, services: [windows, { contract: { ...visit.contract, ...change }, handler: null }], sandbox: {} }],
      kinds,
    ).join('\n')
  t.equal(problems({}), '')
  const choose = (source: object) => input.choice('时段', { from: 'windows', value: 'window', ...source }, { required: true })
  t.match(problems({ inputs: { day, window: choose({ open: 'day' }) } }), /choices are open by a flag of windows: day/)
  t.match(problems({ inputs: { day: input.date('日', { ahead: { from: 3, to: 1 } }) } }), /ahead counts whole days/)
  const asked = { contract: { ...windows.contract, inputs: { day } }, handler: null }
  t.match(checkDeclarations([{ ...demo, services: [asked], sandbox: {} }], kinds).join(), /ahead is for what is booked/)
  const { submission } = visit.contract
  const change = { sid: 'demo.visit-change', when: ['reviewing'], inputs: { window: choose({ from: 'nowhere' }) } }
  if (!submission) throw new Error('a visit is filed')
  t.match(problems({ submission: { ...submission, change } }), /choices from no service: nowhere/)
})
