import { createHash, createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

/** What an agency may get wrong → the checks of `hub agency verify` that find it, and no others. */
export const BAD_AGENCIES: Readonly<Record<string, readonly string[]>> = {
  none: [],
  'any signature': ['wrong-signature'],
  'no signature': ['unsigned', 'file-unsigned'],
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
  'acts twice': ['idempotency', 'status'],
  'status unknown': ['status'],
  'status of everything': ['status'],
  'file is a page': ['file'],
  'any file': ['file-unknown'],
  'file for all': ['file-unsigned'],
  'ledger of floats': ['ledger'],
  'ledger twice': ['ledger'],
  'ledger of long pages': ['ledger'],
  'ledger of every day': ['ledger-days'],
  'forged notice': ['callback'],
  'old notice': ['callback'],
  silent: ['callback'],
  'notice of another': ['callback-number'],
  'notice says who': ['callback-content'],
  'refuses everybody': ['genuine'],
}

const SECRET = 'a-secret-of-the-test'
const CALLBACK_KEY = 'another-secret-of-the-test'
/** A day with entries, in the agency's ledger. */
const DAY = '2026-11-20'
const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n')
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

const CALLBACK = {
  parts: ['path', 'time', 'nonce', 'body'],
  digest: { hmac: 'sha256' },
  encoding: 'hex',
  time: { format: 'ms', skewSeconds: 300 },
  place: { headers: { 'X-Time': '{time}', 'X-Nonce': '{nonce}', 'X-Sign': '{signature}' } },
  serial: 'lsh',
}

/** An agency as its own engineer would write it, without a line of the hub's, and with one flaw. */
export async function startFlawedAgency(flaw: string, hub: { port: number } | null = null) {
  const nonces = new Set<string>()
  const acts = new Map<string, number>()
  let calls = 0

  const server = createServer(async (request, response) => {
    const body = await text(request)
    if (flaw === 'hangs') return
    if (request.url?.startsWith('/files')) return void handOut(request, body, response)
    const { status, json } = answer(request, body)
    const date = new Date(Date.now() + (flaw === 'wrong clock' ? 240_000 : 0)).toUTCString()
    const type = flaw === 'web page type' && status === 200 ? 'text/html' : 'application/json; charset=utf-8'
    response.writeHead(status, { 'content-type': type, date }).end(typeof json === 'string' ? json : JSON.stringify(json))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  function answer(request: IncomingMessage, body: string): { status: number; json: unknown } {
    const refusal = refuse(request, body)
    if (refusal) return { status: flaw === 'refuses with 500' ? 500 : 401, json: { code: '401', message: refusal } }
    const address = new URL(request.url ?? '', 'http://agency')
    if (address.pathname === '/status') return { status: 200, json: { code: '0', data: statusOf(address.searchParams.get('lsh') ?? '') } }
    if (address.pathname === '/ledger') return { status: 200, json: ledger(address.searchParams) }
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
    const signed = [method, url?.split('?')[0], header('x-time'), header('x-nonce'), header('x-hash')].join('\n')
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

  function handOut(request: IncomingMessage, body: string, response: ServerResponse): void {
    const refusal = flaw === 'file for all' ? null : refuse(request, body)
    const isThere = flaw === 'any file' || new URL(request.url ?? '', 'http://agency').searchParams.get('wjbh') === 'WJ001'
    if (refusal)
      return void response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ code: '401', message: refusal }))
    if (!isThere)
      return void response
        .writeHead(404, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code: '1002', message: '没有这个文件' }))
    const isPage = flaw === 'file is a page'
    response.writeHead(200, { 'content-type': 'application/pdf' }).end(isPage ? '<!doctype html><p>请登录' : PDF)
  }

  function statusOf(serial: string): unknown {
    const number = flaw === 'status of everything' ? 1 : acts.get(serial)
    return number === undefined || flaw === 'status unknown' ? [] : { ywbh: `YW${number}` }
  }

  function ledger(query: URLSearchParams): unknown {
    const isDay = query.get('ksrq') === DAY || flaw === 'ledger of every day'
    const all = ['L1', 'L2', flaw === 'ledger twice' ? 'L2' : 'L3'].map((lsh, at) => ({
      lsh,
      je: flaw === 'ledger of floats' ? 12.345 : `${at + 1}.50`,
      qd: 'wechat',
    }))
    const [page, size] = [Number(query.get('pageNo') ?? 1), flaw === 'ledger of long pages' ? 10 : Number(query.get('pageSize') ?? 10)]
    return { code: '0', data: { items: isDay ? all.slice((page - 1) * size, page * size) : [], total: isDay ? all.length : 0 } }
  }

  /** Until it is taken, as agencies do: what was not heard is said again. */
  async function notify(serial: string): Promise<void> {
    if (!hub || flaw === 'silent') return
    for (let turn = 0; turn < 4; turn++) {
      const body = JSON.stringify({
        lsh: flaw === 'notice of another' ? 'NOBODY' : serial,
        ...(flaw === 'notice says who' ? { zjhm: known } : {}),
      })
      const [path, nonce] = ['/v1/callbacks/verify', randomUUID()]
      const time = String(Date.now() - (flaw === 'old notice' ? 3_600_000 : 0))
      const key = flaw === 'forged notice' ? SECRET : CALLBACK_KEY
      const sign = createHmac('sha256', key).update([path, time, nonce, body].join('\n')).digest('hex')
      const headers = { 'content-type': 'application/json', 'x-time': time, 'x-nonce': nonce, 'x-sign': sign }
      const reply = await fetch(`http://127.0.0.1:${hub.port}${path}`, { method: 'POST', headers, body }).catch(() => null)
      if (reply?.ok) return
      await delay(50)
    }
  }

  function apply(serial: string): unknown {
    if (!acts.has(serial) && ![...acts.keys()].some((key) => key.startsWith(`${serial}/`))) void notify(serial)
    const number = flaw === 'acts twice' ? acts.size + 1 : (acts.get(serial) ?? acts.size + 1)
    acts.set(flaw === 'acts twice' ? `${serial}/${number}` : serial, number)
    return { ywbh: `YW${number}` }
  }

  return {
    credentials: { clientId: 'city-hub', clientSecret: SECRET, callbackKey: CALLBACK_KEY },
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
      write: {
        record: '测试报装单',
        sid: 'apply',
        path: 'apply',
        params: { xm: '贾明' },
        key: 'lsh',
        reference: 'ywbh',
        status: { sid: 'status', path: 'status', serial: 'lsh' },
      },
      files: { sid: 'files', path: 'files', parameter: 'wjbh', reference: 'WJ001' },
      ledger: {
        sid: 'ledger',
        path: 'ledger',
        from: 'ksrq',
        to: 'jsrq',
        day: DAY,
        serial: 'lsh',
        amount: 'je',
        channel: 'qd',
        paging: { style: 'page', page: 'pageNo', size: 'pageSize', base: 1, rows: 2 },
      },
      callback: CALLBACK,
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
