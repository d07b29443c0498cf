import fc from 'fast-check'
import iconv from 'iconv-lite'
import t from 'tap'
import { compileEnvelope, type Envelope, lookup } from '../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'

const envelope: Envelope = {
  codeKeys: ['code', 'errCode', 'STATE'],
  messageKeys: ['message', 'msg', 'MSG'],
  success: ['0', '00', '200', '0000'],
  successWithData: ['1'],
  innerCodeKeys: ['biz_data.code'],
  empty: ['404'],
  emptyTexts: ['没有数据'],
  data: ['biz_data.rows', 'data', 'datas', 'rows', ''],
  total: ['total', 'data.total'],
  jsonInString: true,
  charset: 'utf-8',
}
const open = compileEnvelope(envelope)
const reply = (body: unknown, contentType = 'application/json') => ({
  status: 200,
  contentType,
  body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})
const row = { grzh: '1' }

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof UpstreamError) return error.code
    throw error
  }
  return 'ok'
}

t.test('rows are found in every wrapping', async (t) => {
  const wrappings: [string, unknown][] = [
    ['code 0 as text', { code: '0', message: 'ok', data: row }],
    ['code 0 as number', { code: 0, msg: 'ok', data: [row] }],
    ['upper-case keys', { STATE: '0000', MSG: '', DATA: [row] }],
    ['datas', { code: '00', datas: [row] }],
    ['nested', { code: '200', biz_data: { rows: [row], code: '0' } }],
    ['JSON in a string', { code: '0', data: JSON.stringify([row]) }],
    ['bare array', [row]],
    ['bare object', row],
    ['flat beside the code', { code: '0', message: 'ok', grzh: '1' }],
  ]
  for (const [name, body] of wrappings) t.match(open(reply(body)).rows, [{ grzh: '1' }], name)
  t.equal(open(reply({ code: 0, total: '35', data: [row] })).total, 35)
})

t.test('nothing found is not an error, and an error is not nothing found', async (t) => {
  for (const body of [
    { code: 0, data: null },
    { code: 0, data: [] },
    { code: 0, data: {} },
    { code: 0, data: '' },
    { code: 0, message: 'ok' },
    { code: 404, msg: 'none' },
    { code: '500', msg: '没有数据' },
    '没有数据',
  ]) {
    t.same(open(reply(body)).rows, [], JSON.stringify(body))
  }
  t.equal(
    codeOf(() => open(reply({ code: '-1', message: '接口调用失败' }))),
    'HUB_UPSTREAM_REFUSED',
  )
  t.equal(
    codeOf(() => open(reply({ errCode: 'E-106', data: [row] }))),
    'HUB_UPSTREAM_REFUSED',
    'rows beside an error code are not an answer',
  )
})

t.test('garbage is refused', async (t) => {
  for (const body of [
    '<html></html>',
    '{"code":0,"data":[{"grzh":"1"',
    '没有数据或者时间格式错误',
    '',
    '42',
    { code: 0, data: 7 },
    { code: 0, data: ['x'] },
    { code: 0, data: '<xml/>' },
    [1, 2],
  ]) {
    t.equal(
      codeOf(() => open(reply(body))),
      'HUB_UPSTREAM_INVALID',
      JSON.stringify(body),
    )
  }
})

t.test('GBK is read where it is declared or nothing is, and refused where something else is', async (t) => {
  const body = iconv.encode(JSON.stringify({ code: 0, data: { name: '许昌' } }), 'gbk')
  t.same(open(reply(body, 'application/json;charset=GBK')).rows, [{ name: '许昌' }])
  t.same(compileEnvelope({ ...envelope, charset: 'gbk' })(reply(body)).rows, [{ name: '许昌' }])
  t.same(open(reply(body, 'application/json')).rows, [{ name: '许昌' }], 'these bytes are no UTF-8')
  t.equal(
    codeOf(() => open(reply(body, 'application/json;charset=UTF-8'))),
    'HUB_UPSTREAM_INVALID',
  )
  const cut = Buffer.concat([
    Buffer.from('{"code":0,"data":{"place":"河南省许昌市魏都区'),
    Buffer.from('路').subarray(0, 2),
    Buffer.from('"}}'),
  ])
  t.equal(
    codeOf(() => open(reply(cut, 'application/json'))),
    'HUB_UPSTREAM_INVALID',
    'UTF-8 with a character cut is no GBK',
  )
  t.equal(
    codeOf(() => open(reply({ code: 0 }, 'application/json; charset=big5'))),
    'HUB_UPSTREAM_INVALID',
  )
})

t.test('whatever comes, rows are objects or the error is an upstream error', async () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.object().map((value) => JSON.stringify({ code: 0, data: value })),
  )
  fc.assert(
    fc.property(anything, (body) => {
      try {
        return open(reply(body)).rows.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
      } catch (error) {
        // The message of an error never quotes the body.
        return error instanceof UpstreamError && error.cause === undefined
      }
    }),
    { numRuns: 500 },
  )
})

t.test('a number keeps its digits, wherever in the answer it stands', async () => {
  const spaces = fc.constantFrom('', ' ', '\n\t')
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.string(), spaces, fc.boolean(), (number, text, space, inString) => {
      const row = `{"text":${JSON.stringify(text)},"list":[${space}${number}${space}],${space}"number":${space}${number}}`
      const body = `{"code":0,"data":${inString ? JSON.stringify(row) : row}}`
      const [{ text: same, list, number: read } = {}] = open(reply(body)).rows
      return same === text && String((list as unknown[])[0]) === String(number) && String(read) === String(number)
    }),
    { numRuns: 1000 },
  )
})

t.test('a decimal keeps its value, and digits in a text are left alone', async (t) => {
  const [row] = open(
    reply('{"code":0,"data":{"a":12.50,"b":1e3,"c":0.1234567890123456789,"d":"x: 1234567890123456789","e":12345678901234567.00}}'),
  ).rows
  t.same(row, { a: 12.5, b: 1000, c: '0.1234567890123456789', d: 'x: 1234567890123456789', e: '12345678901234567' })
})

t.test('of many members each is found as of few, and they are gone through once, however much is looked for', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, index]))
  t.same(open(reply({ ...many, CODE: '0', MSG: 'ok', Rows: [row] })).rows, [row])
  t.same(open(reply({ CODE: '0', Rows: [row], ...many })).rows, [row])
  t.equal(
    codeOf(() => open(reply({ ...many, Code: '7' }))),
    'HUB_UPSTREAM_REFUSED',
  )
  t.equal(lookup({ ...many, aB: undefined, Ab: 1, AB: 2 }, ['z', 'ab']), 1, 'the first spelling that says something')
  t.equal(lookup({ ...many, K1: 'x' }, ['K1']), 'x', 'the exact one before any other')
  let walks = 0
  const ownKeys = (target: object) => {
    walks++
    return Reflect.ownKeys(target)
  }
  const watched = new Proxy<Record<string, unknown>>({ ...many, CODE: '0' }, { ownKeys })
  for (let index = 0; index < 50; index++) t.equal(lookup(watched, ['none', `none${index}`, 'code']), '0')
  t.ok(walks <= 2, `gone through ${walks} times`)
})
