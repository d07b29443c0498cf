import fc from 'fast-check'
import t from 'tap'
import { sampleInputs } from '../../../conformance/inputs.ts'
import { compileService } from '../../../core/call/service.ts'
import { type ConnectorDeclaration, codeList, field, input, service } from '../../../core/connector.ts'
import { NOBODY } from '../../../core/contract/asker.ts'
import { type Inputs, wordsFor } from '../../../core/contract/inputs.ts'
import type { Service, ServiceContract } from '../../../core/contract/types.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const base = { section: '0', timeoutMs: 2000, rate: { max: 1000, perSeconds: 60 } } as const

const rooms = service({
  ...base,
  id: 'rooms',
  name: '阅览室',
  kind: 'list',
  audience: 'public',
  identity: 'none',
  inputs: {},
  fields: { code: field.text('代码', { required: true }), name: field.text('名称') },
  cache: { seconds: 60 },
})

const seatInputs = {
  room: input.choice('阅览室', { from: 'rooms', value: 'code', name: 'name' }, { code: 'ysbh', field: 'room' }),
  day: input.date('日期', { code: 'rq', field: 'day', pattern: 'dd/MM/yyyy' }),
  from: input.time('开始时间', { code: 'kssj', pattern: 'HHmm' }),
  socket: input.flag('有电源', { code: 'dy', field: 'socket', yes: 'Y', no: 'N' }),
  seats: input.list('座位', input.integer('座位号'), { code: 'zw', field: 'seat', join: '|', max: 3 }),
}

const seats = service({
  ...base,
  id: 'seats',
  name: '座位',
  kind: 'list',
  audience: 'person',
  identity: 'real-name',
  inputs: seatInputs,
  fields: {
    seat: field.integer('座位号', { code: 'zw', required: true }),
    room: field.text('阅览室', { code: 'ysbh' }),
    day: field.date('日期', { code: 'rq', pattern: 'dd/MM/yyyy' }),
    socket: field.flag('有电源', { code: 'dy' }),
  },
})

function library(services = [rooms, seats]): ConnectorDeclaration {
  return {
    ...minimalConnector(),
    services,
    health: { service: services[0]?.contract.id ?? '', intervalSeconds: 60 },
    sandbox: {
      ...(services.includes(rooms)
        ? {
            rooms: () => [
              { code: 'A1', name: '一楼自习室' },
              { code: 'B2', name: '少儿阅览室' },
            ],
          }
        : {}),
      ...(services.includes(seats)
        ? {
            seats: () =>
              Array.from({ length: 8 }, (_, index) => ({
                zw: index + 1,
                ysbh: index < 4 ? 'A1' : 'B2',
                rq: index % 2 === 0 ? '03/04/2026' : '04/04/2026',
                dy: index % 4 < 2 ? 'Y' : 'N',
              })),
          }
        : {}),
    },
  }
}

const written = (inputs: Inputs, given: Record<string, unknown>, upstream: ServiceContract['upstream'] = {}) => {
  const asked = service({
    ...base,
    id: 'x',
    name: 'x',
    kind: 'submit',
    audience: 'public',
    identity: 'none',
    inputs,
    fields: { a: field.text('a') },
    upstream,
  })
  return compileService({ ...library(), services: [asked] }, asked).params(given, NOBODY)
}

t.test('each input goes out in the agency’s form', async (t) => {
  t.same(written(seatInputs, { room: 'A1', day: '2026-04-03', from: '09:30', socket: false, seats: [4, 7] }), {
    ysbh: 'A1',
    rq: '03/04/2026',
    kssj: '0930',
    dy: 'N',
    zw: '4|7',
  })
  const plain = {
    day: input.date('日期', { code: 'rq' }),
    from: input.time('时间', { code: 'sj' }),
    yes: input.flag('是', { code: 's' }),
    days: input.list('日期', input.date('日期'), { code: 'days.all' }),
  }
  t.same(written(plain, { day: '2026-04-03', from: '09:30', yes: true, days: ['2026-04-03'] }), {
    rq: '20260403',
    sj: '09:30',
    s: '1',
    days: { all: ['20260403'] },
  })
  t.same(written(plain, {}), {}, 'what is not given is not sent')
  const address = { division: '411002', detail: '七一路1号' }
  t.same(written({ at: input.address('地址', { codes: ['dz'] }) }, { at: address }), { dz: '魏都区七一路1号' })
  t.same(written({ at: input.address('地址', { codes: ['dz.xx', 'dz.qh'] }) }, { at: address }), { dz: { xx: '七一路1号', qh: '411002' } })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), (hour, minute) => {
      const [hh, mm] = [hour, minute].map((part) => String(part).padStart(2, '0'))
      return written({ at: input.time('时间', { code: 'sj', pattern: 'H点mm分' }) }, { at: `${hh}:${mm}` })['sj'] === `${hour}点${mm}分`
    }),
  )
})

t.test('what was asked for is said in a person’s words', async (t) => {
  const choice = input.choice('馆', codeList('test', { '01': '总馆' }))
  t.equal(wordsFor(input.list('馆', choice).notes, ['01', '02']), '总馆、02')
  t.equal(wordsFor(seatInputs.socket.notes, false), '否')
  t.equal(wordsFor(input.address('地址', { codes: ['dz'] }).notes, { division: '411002', detail: '七一路1号' }), '魏都区七一路1号')
})

t.test('over HTTP', async (t) => {
  const hub = await build(t, { declarations: [library()] })
  const ask = (query: string) => hub.get(`/v1/demo/seats?${query}`)
  const found = async (query: string) => (await ask(query)).json().data.map(({ seat }: { seat: number }) => seat)

  await t.test('narrow what the agency answers', async (t) => {
    t.same(await found('room=A1'), [1, 2, 3, 4])
    t.same(await found('day=2026-04-03'), [1, 3, 5, 7])
    t.same(await found('socket=true&room=B2'), [5, 6])
    t.same(await found('seats=2&seats=7'), [2, 7])
    t.same(await found('seats=3'), [3], 'one value is a list of one')
  })
  await t.test('and are refused where they are not what they should be', async (t) => {
    for (const query of [
      'day=2026-02-30',
      'day=03/04/2026',
      'from=24:00',
      'from=9:30',
      'socket=vielleicht',
      'seats=1&seats=1',
      'seats=1&seats=2&seats=3&seats=4',
    ])
      t.equal((await ask(query)).statusCode, 400, query)
  })
  await t.test('a choice that the agency does not offer names those that it does', async (t) => {
    const refused = await ask('room=C3')
    t.equal(refused.statusCode, 400)
    t.match(refused.json(), {
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/query/room', detail: '可选：A1 一楼自习室，B2 少儿阅览室' }],
      choices: { parameter: 'room', values: ['A1', 'B2'] },
    })
  })
  await t.test('the choices are asked for as often as their cache says', async (t) => {
    hub.app.sandbox?.faults.set({ kind: 'http-500', sid: 'demo.rooms' })
    t.same(await found('room=A1'), [1, 2, 3, 4], 'kept for a minute')
    hub.app.sandbox?.faults.clear()
  })
  await t.test('OpenAPI says what is wanted', async (t) => {
    const { parameters } = (await hub.app.inject('/openapi.json')).json().paths['/v1/demo/seats'].get
    const schemaOf = (name: string) => parameters.find((parameter: { name: string }) => parameter.name === name).schema
    t.match(schemaOf('day'), { type: 'string', format: 'date' })
    t.match(schemaOf('socket'), { type: 'boolean' })
    t.match(schemaOf('seats'), { type: 'array', items: { type: 'integer' }, maxItems: 3 })
  })
})

t.test('an agency that cannot say what may be chosen is an agency in trouble', async (t) => {
  const hub = await build(t, { declarations: [library()] })
  hub.app.sandbox?.faults.set({ kind: 'http-500', sid: 'demo.rooms' })
  t.match((await hub.get('/v1/demo/seats?room=A1')).json(), { code: 'HUB_UPSTREAM_INVALID', agency: '演示单位' })
})

t.test('what cannot be asked is a mistake of the declaration', async (t) => {
  const problems = (change: Partial<ServiceContract>, services: Service[] = [rooms]) => {
    const changed = { contract: { ...seats.contract, ...change }, handler: null }
    return checkDeclarations([{ ...library(), services: [...services, changed], sandbox: {} }], kinds).join('\n')
  }
  t.equal(problems({}), '')
  const room = (source: { value?: string; from?: string; name?: string }) => ({
    inputs: { room: input.choice('室', { from: 'rooms', value: 'code', ...source }) },
  })
  const paper = (rule: object) => input.file('证明', { codes: ['zm'], mediaTypes: ['application/pdf'], maxBytes: 1, ...rule })
  const cases: [string, Partial<ServiceContract>, RegExp][] = [
    ['no such service', room({ from: 'halls' }), /demo\.seats: room: choices from no service: halls/],
    ['no such field', room({ value: 'number' }), /choices need an open field of rooms: number/],
    ['address in a query', { inputs: { at: input.address('地址', { codes: ['dz'] }) } }, /an address is for services that take a body/],
    ['file in a question', { inputs: { paper: paper({}) } }, /a file is for services that take a body/],
    ['file of no type', { inputs: { paper: paper({ mediaTypes: [] }) } }, /a file needs its media types/],
    ['file too large', { inputs: { paper: paper({ maxBytes: 9 * 1024 * 1024 }) } }, /a file has up to 8388608 bytes/],
    ['files joined', { inputs: { papers: input.list('证明', paper({}), { join: ',' }) } }, /files are not joined/],
    ['list of periods', { inputs: { x: input.list('期', input.period('期', { field: 'day' })) } }, /a list holds no period/],
    ['list in a query string', { inputs: { x: input.list('号', input.text('号')) }, upstream: { method: 'GET' } }, /needs join/],
    ['pattern without minutes', { inputs: { x: input.time('时', { pattern: 'HH' }) } }, /the pattern HH lacks minute/],
    ['expression that is none', { inputs: { x: input.text('号', { pattern: '[0-9' }) } }, /demo\.seats\.x: Invalid regular expression/],
    [
      'pattern of a text',
      { inputs: { x: { ...input.text('号'), notes: { ...input.text('号').notes, pattern: 'dd' } } } },
      /no use for a pattern/,
    ],
  ]
  for (const [name, change, expected] of cases) t.match(problems(change), expected, name)
  const faced = {
    contract: { ...rooms.contract, audience: 'person', identity: 'face', cache: undefined } as unknown as ServiceContract,
    handler: null,
  }
  t.match(problems({}, [faced]), /may not ask rooms for its choices/)
  const named = { identity: 'real-name', audience: 'person' } as const
  const own = { contract: { ...rooms.contract, ...named, cache: undefined } as unknown as ServiceContract, handler: null }
  t.notMatch(problems(named, [own]), /may not ask rooms/)
  for (const others of [{ dependants: true }, { agents: true }])
    t.match(
      problems({ ...named, ...others }, [own]),
      /may not ask rooms for its choices/,
      'a list for oneself alone, asked for somebody else',
    )
  const masked = {
    contract: { ...rooms.contract, fields: { code: field.text('代码', { mask: 'account' }), name: field.text('名') } },
    handler: null,
  }
  t.match(problems({}, [masked]), /choices need an open field of rooms: code/)
})

t.test('the kit finds values that a caller could give', async (t) => {
  const required = {
    ...seats.contract,
    inputs: Object.fromEntries(
      Object.entries(seatInputs).map(([name, each]) => [name, { ...each, notes: { ...each.notes, required: true } }]),
    ),
  }
  const rows = [{ zw: 4, ysbh: 'A1', rq: '03/04/2026', dy: 'Y' }]
  t.same(
    sampleInputs(required, rows, () => ['B2']),
    { room: 'B2', day: '2026-04-03', from: '09:30', socket: true, seats: [4] },
  )
})
