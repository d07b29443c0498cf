import { apiKey, codeList, defineConnector, envelope, field, input, service } from '../../core/connector.ts'

/**
 * A newcomer's first connector: a city library with an interface of its own. Days are `dd/MM/yyyy`, months `MM/yyyy`,
 * amounts in fen, the catalogue far too long to collect, and whoever wants a seat chooses among the rooms of that day.
 */
const day = { pattern: 'dd/MM/yyyy' } as const
const loanStates = codeList('图书馆接口说明，表 2', { '1': '在借', '2': '已续借', '3': '超期' })

const open = { audience: 'public', identity: 'none' } as const

const search = service({
  ...open,
  id: 'search',
  name: '馆藏检索',
  kind: 'list',
  inputs: {
    word: input.text('检索词', { code: 'q' }),
    available: input.flag('只看可借', { code: 'zk', field: 'available', yes: 'true', no: 'false' }),
  },
  fields: {
    barcode: field.text('条码', { code: 'barcode', required: true }),
    title: field.text('题名', { code: 'title', required: true }),
    available: field.flag('可借', { code: 'zk' }),
  },
  upstream: {
    path: 'books',
    method: 'GET',
    paging: { style: 'page', page: 'page.no', size: 'page.size', base: 1, rows: 50, through: true },
  },
})

const rooms = service({
  ...open,
  id: 'rooms',
  name: '阅览室',
  kind: 'list',
  inputs: {},
  fields: { code: field.text('代码', { required: true }), name: field.text('名称', { required: true }) },
  upstream: { path: 'rooms', method: 'GET' },
  cache: { seconds: 300 },
})

const seats = service({
  ...open,
  id: 'seats',
  name: '可约座位',
  kind: 'list',
  inputs: {
    room: input.choice('阅览室', { from: 'rooms', value: 'code', name: 'name' }, { code: 'room', field: 'room', required: true }),
    day: input.date('日期', { code: 'day', field: 'day' }),
    from: input.time('开始时间', { code: 'from' }),
  },
  fields: {
    seat: field.integer('座位号', { required: true }),
    room: field.text('阅览室'),
    day: field.date('日期', day),
  },
  upstream: { path: 'rooms/{room}/seats', method: 'GET', headers: { 'X-Channel': 'city-app', 'X-From': { input: 'from' } } },
})

const card = service({
  id: 'card',
  name: '读者证',
  kind: 'query',
  single: '每人只有一张读者证',
  inputs: {},
  fields: {
    number: field.text('读者证号', { mask: 'account', required: true }),
    validUntil: field.until('有效期至', { ...day, words: ['终身'] }),
    fine: field.money('待缴滞纳金', { code: 'fine', unit: 'fen', required: true }),
  },
})

const loans = service({
  id: 'loans',
  name: '我的借阅',
  kind: 'list',
  inputs: { dueBetween: input.period('应还日期', { codes: ['due.from', 'due.to'], field: 'due' }) },
  fields: {
    loanId: field.text('借阅编号', { code: 'id', required: true }),
    title: field.text('题名'),
    due: field.date('应还日期', { ...day, required: true }),
    state: field.code('状态', loanStates, { code: 'zt' }),
  },
})

const renewal = service({
  id: 'renewal',
  name: '续借条件',
  kind: 'query',
  key: 'loanId',
  inputs: { loanId: input.text('借阅编号', { code: 'id', pattern: '^[0-9A-Z/-]+$', field: 'loanId', required: true }) },
  fields: {
    loanId: field.text('借阅编号', { code: 'id' }),
    newDue: field.date('续借后应还日期', day),
    fee: field.money('续借费', { unit: 'fen' }),
  },
  upstream: { path: 'loans/{loanId}/renew' },
})

const statistics = service({
  id: 'statistics',
  name: '我的阅读统计',
  kind: 'list',
  inputs: {},
  fields: { month: field.month('月份', { pattern: 'MM/yyyy', required: true }), count: field.integer('册数') },
})

const titles = Array.from({ length: 137 }, (_, index) => ({
  barcode: `B${1000 + index}`,
  title: `示例图书${index + 1}`,
  zk: index % 2 === 0,
}))
const seatRows = [1, 2, 3].flatMap((seat) => ['A1', 'B2'].map((room) => ({ seat, room, day: '03/11/2026' })))

export const library = defineConnector({
  id: 'library',
  name: '图书馆',
  agency: '许昌市图书馆',
  owner: { name: '图书馆技术部', contact: '0374-0000000' },
  documentation: 'https://library.example/api',
  upstream: {
    dialect: apiKey(),
    envelope: envelope.rest(),
    subject: { person: { 'reader.name': 'person.name', 'reader.idNumber': 'person.idNumber' } },
    dateFormat: 'dd/MM/yyyy',
    maxConcurrent: 16,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 5000, rate: { max: 60, perSeconds: 60 } },
  services: [search, rooms, seats, card, loans, renewal, statistics],
  health: { service: 'rooms', intervalSeconds: 60 },
  sandbox: {
    search: () => titles,
    rooms: () => [
      { code: 'A1', name: '一楼自习室' },
      { code: 'B2', name: '少儿阅览室' },
    ],
    seats: () => seatRows,
    card: ({ index }) => [{ number: `90000000${index}`, validUntil: index === 1 ? '终身' : '30/06/2030', fine: 150 * index }],
    loans: ({ index }) => [
      { id: `L-${index}/1`, title: '示例图书1', due: '05/11/2026', zt: '1' },
      { id: `L-${index}/2`, title: '示例图书2', due: '11/05/2026', zt: '3' },
    ],
    statistics: () => [
      { month: '10/2026', count: 3 },
      { month: '09/2026', count: 5 },
    ],
    renewal: ({ index }) => [1, 2].map((loan) => ({ id: `L-${index}/${loan}`, newDue: '05/12/2026', fee: 50 })),
  },
})
