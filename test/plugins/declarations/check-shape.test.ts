import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readConnectors } from '../../../plugins/load-connectors.ts'

const API = JSON.stringify(new URL('../../../core/connector.ts', import.meta.url).href)

/** A sound connector in JavaScript, as packages are: what follows bends one word of it. */
const LIBRARY = `
import { apiKey, bgHmac, codeList, defineConnector, envelope, field, hmacNonce, input, oauth2User, service, signedString, tif } from ${API}
const loans = service({
  id: 'loans', name: '借阅', kind: 'list', inputs: { kind: input.choice('类型', codeList('样例', { 1: '书' })), word: input.text('词', { code: 'ci' }) },
  fields: { fee: field.money('费用', { code: 'fy', required: true }), owner: field.text('持证人', { code: 'xm', mask: 'name' }),
    copies: field.list('册', { at: field.date('日期', { code: 'rq' }) }) },
})
export default defineConnector({
  id: 'library', name: '图书馆', agency: '示例图书馆',
  upstream: { dialect: apiKey(), envelope: envelope.rest(), subject: { person: { xm: 'person.name' } }, dateFormat: 'YYYYMMDD', maxConcurrent: 4 },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 3000, rate: { max: 60, perSeconds: 60 } },
  services: [loans], health: { service: 'loans', intervalSeconds: 60 }, sandbox: { loans: () => [] },
})`

/** → what is said of the library with each `from` written as its `to`; a sound one stands beside it. */
async function said(t: Test, ...changes: readonly (readonly [from: string, to: string])[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-shape-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const bent = changes.reduce((text, [from, to]) => text.replace(from, () => to), LIBRARY)
  if (changes.length > 0) t.not(bent, LIBRARY, 'something is written otherwise')
  for (const [id, text] of Object.entries({ library: bent, sound: LIBRARY.replace("id: 'library'", "id: 'sound'") })) {
    mkdirSync(join(folder, id))
    writeFileSync(join(folder, id, 'index.ts'), `// @ts-nocheck\n${text}`)
  }
  const { refused, declarations } = await readConnectors({ folder: `${folder}/` })
  t.ok(
    declarations.some(({ id }) => id === 'sound'),
    'the other goes on',
  )
  return refused.find(({ id }) => id === 'library')?.reasons ?? []
}

t.test('the library that the others bend is sound', async (t) => t.same(await said(t), []))

t.test('a word that there is not is refused at the start, with those that there are', async (t) => {
  const levels = 'known: none, login, real-name, face, authorised-agent'
  const cases: [from: string, to: string, expected: string][] = [
    [
      "kind: 'list',",
      "kind: 'list', identity: 'Face', face: { maxAgeSeconds: 300, once: false },",
      `library.loans: unknown identity: Face (${levels})`,
    ],
    ["kind: 'list',", "kind: 'list', identity: 'realname',", `library.loans: unknown identity: realname (${levels})`],
    ["kind: 'list',", "kind: 'list', identity: 'constructor',", `library.loans: unknown identity: constructor (${levels})`],
    ["audience: 'person'", "audience: 'persons'", 'library.loans: unknown audience: persons (known: person, enterprise, public)'],
    ["kind: 'list',", "kind: 'list', dependants: 'gardian',", 'library.loans: unknown dependants: gardian (known: guardian)'],
    [
      "kind: 'list',",
      "kind: 'list', upstream: { method: 'get' },",
      'library.loans.upstream: unknown method: get (known: GET, POST, PUT, DELETE)',
    ],
    ["code: 'fy',", "code: 'fy', unit: 'cent',", 'library.loans.fee: unknown unit: cent (known: yuan, 10k-yuan, fen)'],
    [
      "mask: 'name'",
      "mask: 'nam'",
      'library.loans.owner: unknown mask: nam (known: idNumber, phone, name, party, numbers, account, address, hidden)',
    ],
    [
      "mask: 'name'",
      "mask: 'constructor'",
      'library.loans.owner: unknown mask: constructor (known: idNumber, phone, name, party, numbers, account, address, hidden)',
    ],
    ["mask: 'name'", "mask: 'name', reveal: 'member'", 'library.loans.owner: unknown reveal: member (known: true, members)'],
    ["mask: 'name'", "mask: 'name', subject: 'persn'", 'library.loans.owner: unknown subject: persn (known: person, enterprise, party)'],
    [
      "'person.name'",
      "'person.id'",
      'library.upstream.subject.person: unknown xm: person.id (known: person.name, person.idType, person.idNumber, enterprise.name, enterprise.uscc, account.externalId)',
    ],
    ['apiKey()', "apiKey({ carrier: 'querry' })", 'library.upstream.dialect: unknown carrier: querry (known: header, query)'],
    ['envelope.rest()', "envelope.rest({ charset: 'gb2312' })", 'library.upstream.envelope: unknown charset: gb2312 (known: utf-8, gbk)'],
    [
      "kind: 'list',",
      "kind: 'lst',",
      'library.loans: unknown kind: lst (known: query, list, status, catalog, document, submit, payment, act, booking, jump, order)',
    ],
  ]
  for (const [from, to, expected] of cases) t.same(await said(t, [from, to]), [expected], to)
})

t.test('an option that nobody reads is refused at the start, with the one that is meant', async (t) => {
  const cases: [from: string, to: string, expected: string][] = [
    ['required: true', 'requird: true', 'library.loans.fee: unknown option: requird (required?)'],
    ["code: 'rq'", "cod: 'rq'", 'library.loans.copies.at: unknown option: cod (code?)'],
    ["code: 'ci'", "code: 'ci', maxlength: 5", 'library.loans.word: unknown option: maxlength (maxLength?)'],
    ["kind: 'list',", "kind: 'list', singel: '一份',", 'library.loans: unknown option: singel (single?)'],
    ["kind: 'list',", "kind: 'list', upstream: { pth: 'x' },", 'library.loans.upstream: unknown option: pth (path?)'],
    ['timeoutMs: 3000', 'timeoutMs: 3000, colour: 1', 'library.loans: unknown option: colour (docs/contract.md has those there are)'],
    ['envelope.rest()', "envelope.rest({ sucess: ['0'] })", 'library.upstream.envelope: unknown option: sucess (success?)'],
    ['apiKey()', "apiKey({ carier: 'query' })", 'library.upstream.dialect: unknown option: carier (carrier?)'],
    ['subject: { person:', 'subject: { persn: {}, person:', 'library.upstream.subject: unknown option: persn (person?)'],
    ["id: 'library',", "id: 'library', ownr: {},", 'library: unknown option: ownr (owner?)'],
    [
      'intervalSeconds: 60',
      'intervalSeconds: 60, every: 5',
      'library.health: unknown option: every (known: service, intervalSeconds, inputs, subject)',
    ],
  ]
  for (const [from, to, expected] of cases) t.same(await said(t, [from, to]), [expected], to)
})

t.test('an option of a dialect that signs is looked at like any other', async (t) => {
  const signed = (more: string) => `signedString({
    parts: ['method', 'path', 'time', 'nonce', { name: 'k', value: 'keyId' }, { query: 'by-name' }], digest: { hmac: 'sha256' },
    place: { headers: { 'X-App': '{keyId}', 'X-Time': '{time}', 'X-Nonce': '{nonce}', 'X-Sign': '{signature}' } }, ${more} })`
  const at = 'library.upstream.dialect'
  t.same(await said(t, ['apiKey()', signed("nonce: { hexBytes: 16 }, time: { format: 's', skewSeconds: 60 }")]), [])
  const cases: [dialect: string, expected: string][] = [
    [signed("seperator: '&'"), `${at}: unknown option: seperator (separator?)`],
    [signed("encoding: 'base46'"), `${at}: unknown encoding: base46 (known: hex, HEX, base64, base64url)`],
    [signed("time: { fromat: 's', format: 's', skewSeconds: 60 }"), `${at}.time: unknown option: fromat (format?)`],
    [signed('nonce: { hexByte: 16, hexBytes: 16 }'), `${at}.nonce: unknown option: hexByte (hexBytes?)`],
    [
      signed('').replace("digest: { hmac: 'sha256' }", "digest: { hmac: 'sha265' }"),
      `${at}.digest: unknown hmac: sha265 (known: sha256, sha1, sm3)`,
    ],
    [signed('').replace("query: 'by-name'", "query: 'by-name', txt: 'plain'"), `${at}.parts[5]: unknown option: txt (text?)`],
    [signed('').replace('headers:', 'header: {}, headers:'), `${at}.place: unknown option: header (headers?)`],
    ["bgHmac({ qurey: 'encoded' })", `${at}: unknown option: qurey (query?)`],
    ["tif({ headerPrefx: 'x' })", `${at}: unknown option: headerPrefx (headerPrefix?)`],
    ["hmacNonce({ timeUint: 's' })", `${at}: unknown option: timeUint (timeUnit?)`],
  ]
  for (const [dialect, expected] of cases) t.same(await said(t, ['apiKey()', dialect]), [expected], dialect)
  t.match(await said(t, ['apiKey()', "oauth2User({ bodyFromat: 'form' })"]), [`${at}: unknown option: bodyFromat (bodyFormat?)`])
})

t.test('money alone has a unit', async (t) => {
  const cases: [from: string, to: string, expected: string][] = [
    ["mask: 'name'", "mask: 'name', unit: 'fen'", 'library.loans.owner: a text takes no unit: only money is in fen (money?)'],
    ["code: 'rq'", "code: 'rq', unit: 'yuan'", 'library.loans.copies.at: a date takes no unit: only money is in yuan (money?)'],
    ["code: 'ci'", "code: 'ci', unit: 'fen'", 'library.loans.word: a text takes no unit: only money is in fen (money?)'],
  ]
  for (const [from, to, expected] of cases) t.same(await said(t, [from, to]), [expected], to)
  t.same(await said(t, ["code: 'fy',", "code: 'fy', unit: 'fen',"]), [])
})

t.test('what was not called, is missing or of another type is its own connector’s mistake, said once', async (t) => {
  const cases: [from: string, to: string, expected: string][] = [
    ['apiKey()', "'api-key'", 'library.upstream: dialect is api-key: write apiKey()'],
    ['dialect: apiKey()', 'dialect: apiKey', 'library.upstream: dialect is the function apiKey: write apiKey()'],
    ['envelope.rest()', 'envelope.rest', 'library.upstream: envelope is the function rest: write envelope.rest()'],
    ['envelope.rest()', "'rest'", 'library.upstream: envelope is rest: write envelope.rest()'],
    ['envelope: envelope.rest(),', '', 'library.upstream: missing envelope'],
    ['maxConcurrent: 4', "maxConcurrent: '4'", 'library.upstream: maxConcurrent must be a number, not 4'],
    ["dateFormat: 'YYYYMMDD',", '', 'library.upstream: missing dateFormat'],
    ['services: [loans]', 'services: [{}]', 'library.services[0]: is no service: write service({ … })'],
    ['services: [loans]', 'services: loans', 'library: services must be a list'],
    ["field.date('日期', { code: 'rq' })", 'field.date', 'library.loans.copies: at is the function date: write field.date()'],
    ["'person.name'", "'enterprise.name'", 'library.upstream.subject.person: xm is a fact of an enterprise: enterprise.name'],
  ]
  for (const [from, to, expected] of cases) {
    const reasons = await said(t, [from, to])
    t.equal(reasons.filter((reason) => reason === expected).length, 1, `${to}: ${reasons.join('\n')}`)
    t.equal(new Set(reasons).size, reasons.length, 'nothing twice')
  }
})

t.test('all of them come at once, and none twice', async (t) => {
  const reasons = await said(
    t,
    ['required: true', 'requird: true'],
    ["audience: 'person'", "audience: 'persons'"],
    ["name: '图书馆'", "name: ''"],
  )
  t.same([...reasons].sort(), [
    'library.loans.fee: unknown option: requird (required?)',
    'library.loans: unknown audience: persons (known: person, enterprise, public)',
    'library: missing name',
  ])
})
