import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createShown } from '../../cli/attempt/shown.ts'
import { people } from '../../plugins/sandbox/people.ts'
import { cli } from '../helper/cli.ts'

const DATA_DIR = mkdtempSync(join(tmpdir(), 'hub-'))
t.teardown(() => rmSync(DATA_DIR, { recursive: true, force: true }))
const inDir = (name: string, value: unknown) => {
  writeFileSync(join(DATA_DIR, name), JSON.stringify(value))
  return join(DATA_DIR, name)
}
const attempt = cli({ DATA_DIR })
const [, second] = people

t.test('the sandbox is asked about one of its people, and nothing personal is shown', async (t) => {
  const { code, out, err } = await attempt('connector', 'try', 'housing-fund', 'personal-account', '--person', '2', '--json')
  t.match({ code, err }, { code: 0, err: '' })
  const { request, answer, read, error, simulated } = JSON.parse(out)
  t.match(request, { method: 'POST', url: /\/httpproxy$/, headers: { gjgxjhpt_sign: /^\*+....$/ }, body: { zjhm: '411***********9991' } })
  t.match(answer, { status: 200, body: { code: '0', data: { zjhm: '411***********9991', grzh: /^\*+\d{4}$/ } } })
  t.match(
    { simulated, read, error },
    { simulated: true, read: { total: 1, unreadable: [], rows: [{ idNumber: '411***********9991' }] }, error: null },
  )
  for (const word of [second?.number, second?.name]) t.notOk(out.includes(String(word)))
  t.match(await attempt('requests', '--app', 'x'), { code: 0 }, 'the store is whole')
})

t.test('nobody has a record is an answer', async (t) => {
  const { code, out } = await attempt('connector', 'try', 'housing-fund', 'personal-account', '--person', '7', '--json')
  t.match({ code, error: JSON.parse(out).error }, { code: 0, error: { code: 'HUB_NO_RECORD' } })
})

t.test('a configured agency is asked about its test person; what it sends is shown, read or not', async (t) => {
  const answers = [{ code: '0', data: [] as unknown }, '<html>贾明 13812345678 内部错误</html>']
  const agency = createServer((_request, response) => {
    const answer = answers.shift()
    response.setHeader('content-type', typeof answer === 'string' ? 'text/html' : 'application/json')
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(agency, 'listening')
  t.teardown(() => void agency.close())
  const baseUrl = `http://127.0.0.1:${(agency.address() as AddressInfo).port}`
  const credentials = { clientId: 'city-hub', clientSecret: 'not-to-be-seen' }
  const CONNECTORS_FILE = inDir('connectors.json', { 'housing-rental': { baseUrl, credentials } })
  const subject = inDir('tester.json', { name: '贾明', idNumber: '41100219900101000X' })
  const service = ['connector', 'try', 'housing-rental', 'contract-query', '--json']
  const run = cli({ DATA_DIR, CONNECTORS_FILE })

  t.match(await run(...service, '--person', '1'), { code: 2, err: /虚构的人只在沙箱里有/ })
  t.match(await run(...service, '--subject', CONNECTORS_FILE), { code: 2, err: /须是 JSON 文件/ })
  t.match(await run(...service, '--subject', '/nowhere'), { code: 2, err: /须是 JSON 文件/ })
  const empty = await run(...service, '--subject', subject)
  const { request, simulated } = JSON.parse(empty.out)
  t.match({ code: empty.code, simulated, request }, { code: 0, simulated: false, request: { headers: { 'X-Client-Id': 'city-hub' } } })
  const broken = await run(...service, '--subject', subject)
  t.match(broken.code, 1)
  t.match(JSON.parse(broken.out), {
    answer: { status: 200, contentType: 'text/html', body: '<html>贾* 138****5678 内部错误</html>' },
    ...{ read: null, error: { code: 'HUB_UPSTREAM_INVALID' } },
  })
  for (const { out } of [empty, broken])
    for (const word of ['not-to-be-seen', '贾明', '41100219900101000X']) t.notOk(out.includes(word), word)
})

t.test('what cannot be tried is said before anything is sent', async (t) => {
  const said = async (...args: string[]) => {
    const { code, out, err } = await attempt('connector', 'try', ...args)
    t.equal(out, '')
    return `${code} ${err}`
  }
  const account = ['housing-fund', 'personal-account']
  t.match(await said('nowhere', 'x'), /^2 没有这个连接器：nowhere/)
  t.match(await said('housing-fund', 'nowhere'), /^2 housing-fund 没有这项服务：nowhere（现有 .*personal-account/)
  t.match(await said('housing-fund', 'retirement-withdrawal'), /^2 .*不是查询/)
  t.match(await said('sandbox-museum', 'bookings'), /^2 .*要用户自己在对方的账户/)
  t.match(await said(...account, '--person', '9'), /^2 --person 须是 1 至 8/)
  t.match(await said(...account, '--person', '1', '--subject', 'x'), /^2 /)
  t.match(await said(...account, '--input', 'timeRange'), /^2 --input 须写成 名称=值/)
  t.match(await said(...account, '--input', 'timeRange=yesterday', '--input', 'other=1'), /^2 --input 有误：[\s\S]*timeRange：格式不对/)
})

t.test('credentials and people are shortened wherever they stand', (t) => {
  const person = { id: '', name: '欧阳试之', idType: '居民身份证', idNumber: '41102319600315999X' }
  const { text, body } = createShown(['s3cret-of-ours'], { person, enterprise: null }, {})
  t.equal(text('Bearer abc', 'Authorization'), '******')
  t.equal(text('x s3cret-of-ours y'), 'x ****** y')
  t.equal(text('41100219900101000X，41102319600315999x'), '411***********000X，411***********999X')
  t.same(body('{"who":["欧阳试之"],"n":13812345678,"m":5,"access_token":"t","at":null}'), {
    ...{ who: ['欧**之'], n: '138****5678', m: 5, access_token: '******', at: null },
  })
  t.equal(body('xm=%E6%AC%A7%E9%98%B3%E8%AF%95%E4%B9%8B&appSecret=1&page=2'), 'xm=欧**之&appSecret=******&page=2')
  t.equal(String(body('长'.repeat(5000))).length < 4100, true)
  t.end()
})
