import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What an agency may get wrong → the checks of `hub agency verify` that find it, and no others. */
export const BAD_AGENCIES: Readonly<Record<string, readonly string[]>> = {
  none: [],
  'any signature': ['wrong-signature'],
  'no signature': ['unsigned'],
  'signed body unread': ['altered'],
  'any time': ['old-time'],
  replays: ['replay'],
  "somebody else's record": ['owner'],
  'a record for nobody': ['unknown'],
  'digits lost': ['long-numbers'],
  'wrong clock': ['clock'],
  hangs: ['time'],
  'more than agreed': ['fields'],
  'stack trace': ['errors'],
  'refuses with 500': ['refusal-form'],
  'web page type': ['form'],
  'pages shuffled': ['paging'],
  'wrong total': ['paging'],
  'acts twice': ['idempotency'],
  'refuses everybody': ['genuine'],
}

const SECRET = 'a-secret-of-the-test'
const SKEW_MS = 300_000
const known = '41100219900101000X'
const FORM = {
  parts: ['method', 'path', 'time', 'nonce', 'bodyHash'],
  digest: { hmac: 'sha256' },
  encoding: 'hex',
  time: { format: 'ms', skewSeconds: SKEW_MS / 1000 },
  keyId: { name: 'clientId', title: '应用编号' },
  key: { name: 'clientSecret', title: '应用密钥' },
  place: { headers: { 'X-App': '{keyId}', 'X-Time': '{time}', 'X-Nonce': '{nonce}', 'X-Hash': '{bodyHash}', 'X-Sign': '{signature}' } },
}

/** An agency as its own engineer would write it, without a line of the hub's, and with one flaw. */
export async function startFlawedAgency(flaw: string) {
  const nonces = new Set<string>()
  const acts = new Map<string, number>()
  let calls = 0

  const server = createServer(async (request, response) => {
    const body = await text(request)
    if (flaw === 'hangs') return
    const { status, json } = answer(request, body)
    const date = new Date(Date.now() + (flaw === 'wrong clock' ? 240_000 : 0)).toUTCString()
    const type = flaw === 'web page type' && status === 200 ? 'text/html' : 'application/json; charset=utf-8'
    response.writeHead(status, { 'content-type': type, date }).end(typeof json === 'string' ? json : JSON.stringify(json))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  function answer(request: IncomingMessage, body: string): { status: number; json: unknown } {
    const refusal = refuse(request, body)
    if (refusal) return { status: flaw === 'refuses with 500' ? 500 : 401, json: { code: '401', message: refusal } }
    const params = JSON.parse(body) as Readonly<Record<string, string | number>>
    if (request.url === '/apply') return { status: 200, json: { code: '0', data: apply(String(params['lsh'])) } }
    if (params['zjhm'] === undefined) {
      const inside = 'java.lang.NullPointerException\n\tat cn.agency.Query.find(Query.java:42)'
      return { status: 400, json: { code: '1001', message: flaw === 'stack trace' ? inside : '缺少参数 zjhm' } }
    }
    const isKnown = params['zjhm'] === known
    if (!isKnown && flaw !== 'a record for nobody') return { status: 200, json: { code: '0', data: { items: [], total: 0 } } }
    return { status: 200, json: list(params, isKnown) }
  }

  function refuse({ method, url, headers }: IncomingMessage, body: string): string | null {
    const header = (name: string) => String(headers[name] ?? '')
    if (flaw === 'refuses everybody') return '签名错误'
    const hash = createHash256(body)
    if (flaw !== 'signed body unread' && header('x-hash') !== hash) return '签名错误：正文摘要不符'
    const signed = [method, url, header('x-time'), header('x-nonce'), header('x-hash')].join('\n')
    const given = header('x-sign')
    const fits = given === createHmac('sha256', SECRET).update(signed).digest('hex')
    if (given === '' ? flaw !== 'no signature' : !fits && flaw !== 'any signature') return '签名错误'
    if (flaw !== 'any time' && Math.abs(Date.now() - Number(header('x-time'))) > SKEW_MS) return '请求时间超出允许范围'
    if (flaw !== 'replays' && nonces.has(header('x-nonce'))) return '随机数重复'
    nonces.add(header('x-nonce'))
    return null
  }

  function list(params: Readonly<Record<string, string | number>>, isKnown: boolean): unknown {
    calls++
    const owner = flaw === "somebody else's record" ? '411002198512120031' : known
    const all = ['01', '02', '03'].map((hh) => ({
      zjhm: owner,
      hh,
      zh: '6222020200112233445',
      ...(flaw === 'more than agreed' ? { jtzz: '某路 1 号' } : {}),
    }))
    const ordered = flaw === 'pages shuffled' && calls % 2 === 0 ? [...all].reverse() : all
    const [page, size] = [Number(params['pageNo'] ?? 1), Number(params['pageSize'] ?? 10)]
    const items = ordered.slice((page - 1) * size, page * size)
    const total = flaw === 'wrong total' ? 7 : all.length
    const told = JSON.stringify({ code: '0', data: { items: isKnown ? items : items.map((row) => ({ ...row, hh: '09' })), total } })
    return flaw === 'digits lost' ? told.replaceAll('"6222020200112233445"', '6222020200112233000') : told
  }

  function apply(serial: string): unknown {
    const number = flaw === 'acts twice' ? acts.size + 1 : (acts.get(serial) ?? acts.size + 1)
    acts.set(flaw === 'acts twice' ? `${serial}/${number}` : serial, number)
    return { ywbh: `YW${number}` }
  }

  return {
    credentials: { clientId: 'city-hub', clientSecret: SECRET },
    description: {
      name: '试验单位：账户查询',
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      dialect: { name: 'signed-string', options: FORM },
      envelope: { preset: 'rest', changes: { codeKeys: ['code'], success: ['0'] } },
      service: { sid: 'account', path: 'query', timeoutMs: flaw === 'hangs' ? 300 : 3000 },
      known: { params: { xm: '贾明', zjhm: known } },
      unknown: { params: { xm: '查无', zjhm: '411002197001010036' } },
      owner: { parameter: 'zjhm', fields: ['zjhm'] },
      fields: ['zjhm', 'hh', 'zh'],
      paging: { style: 'page', page: 'pageNo', size: 'pageSize', base: 1, rows: 2 },
      write: { record: '测试报装单', sid: 'apply', path: 'apply', params: { xm: '贾明' }, key: 'lsh', reference: 'ywbh' },
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function createHash256(body: string): string {
  return createHash('sha256').update(body).digest('hex')
}
