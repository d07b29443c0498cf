import vm from 'node:vm'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { errorTable } from '../../../../core/base/errors.ts'
import { hashSource, PAIRS, SCHEMES, STYLE } from '../../../../plugins/web/style.ts'
import { build } from '../../../helper/hub.ts'

const HTML = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

/** WCAG 2.2: relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

t.test('what is written can be read: at least 4.5 : 1 in light and dark', async (t) => {
  t.equal(contrast('#000000', '#ffffff'), 21)
  const [light = '', dark = ''] = [...STYLE.matchAll(/:root\{(?:color-scheme:light dark;)?([^}]*)\}/g)].map(([, body = '']) => body)
  for (const [name, css, scheme] of [
    ['light', light, SCHEMES.light],
    ['dark', dark, SCHEMES.dark],
  ] as const) {
    const colours = new Map([...css.matchAll(/--([\w-]+):(#[0-9a-f]{6})/g)].map(([, key = '', value = '']) => [key, value]))
    t.strictSame(Object.fromEntries(colours), scheme, `${name}: the style sheet is what is computed with`)
    for (const [text, ground] of PAIRS) {
      const ratio = contrast(colours.get(text) ?? '', colours.get(ground) ?? '')
      t.ok(ratio >= 4.5, `${name}: ${text} on ${ground} ${ratio.toFixed(2)}`)
    }
  }
  const used = [...STYLE.matchAll(/background:var\(--([\w-]+)\);color:var\(--([\w-]+)\)/g)].map(([, ground, text]) => `${text} ${ground}`)
  const computed = PAIRS.map(([text, ground]) => `${text} ${ground}`)
  t.ok(used.length >= 5)
  for (const pair of used) t.ok(computed.includes(pair), `${pair} is among the pairs`)
  t.match(STYLE, /a\.button,button\{[^}]*background:var\(--accent\);color:var\(--on-accent\)/)
})

t.test('the hub’s own pages', async (t) => {
  const hub = await build(t)
  const get = (url: string, headers: Record<string, string> = {}) => hub.app.inject({ url, headers })

  /** What every page has, whatever it says. */
  async function assertPage(t: Test, url: string, status = 200): Promise<string> {
    const { body, headers, statusCode } = await get(url, HTML)
    t.equal(statusCode, status, url)
    t.match(headers['content-type'], /^text\/html; charset=utf-8/)
    t.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/)
    t.notMatch(String(headers['content-security-policy']), /unsafe/)
    t.match(body, /<html lang="zh-CN"/)
    t.match(body, /<meta name="viewport"/)
    for (const landmark of ['<header', '<main', '<h1>']) t.equal(body.split(landmark).length, 2, `${url} has one ${landmark}`)
    t.notMatch(body, /(src|href)="?(https?:)?\/\//, 'nothing from elsewhere')
    t.notMatch(body, / style=| on\w+="/, 'nothing that the policy forbids')
    return body
  }

  t.test('/ says what this is, for whom, and that it is a sandbox', async (t) => {
    const html = await assertPage(t, '/')
    for (const words of ['市民', '应用开发者', '部门', '运维人员', '这是沙箱', '许昌市住房公积金管理中心'])
      t.ok(html.includes(words), words)
    const links = [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, link = '']) => link)
    t.ok(links.includes('/hall'), 'the hall is found from here')
    for (const link of new Set(links)) t.ok((await get(link, HTML)).statusCode < 400, `${link} is there`)
    const told = await get('/')
    t.match(told.headers['content-type'], /^application\/json/)
    t.match(told.json(), { sandbox: true, links: { hall: '/hall', openapi: '/openapi.json' } })
    t.equal(told.headers['vary'], 'accept')
  })

  t.test('/problems/<code> tells citizen and developer what to do', async (t) => {
    for (const [code, [, title, detail]] of Object.entries(errorTable)) {
      const html = await assertPage(t, `/problems/${code}`)
      for (const words of [code, title, detail, '您可以怎么做', '给开发者']) t.ok(html.includes(words), `${code} ${words}`)
    }
    t.equal((await get('/problems/HUB_NOTHING', HTML)).statusCode, 404)
  })

  t.test('who scans a certificate sees whether it is genuine, and can have the file compared', async (t) => {
    const pdf = await hub.get('/v1/medical-insurance/personal-insurance-certificate-printing?format=pdf&insuranceType=310')
    t.equal(pdf.statusCode, 200)
    const [issued] = (await hub.app.database('issued_documents').select('content_hash')) as { content_hash: string }[]
    const code = await codeOf(hub.app)
    const html = await assertPage(t, `/v1/verify/${code}`)
    for (const words of ['证明有效', '这是沙箱出具的证明', '个人参保证明', '文件不会上传', issued?.content_hash ?? '-'])
      t.ok(html.includes(words), words)
    t.equal((await get(`/v1/verify/${code}`, { accept: 'application/json' })).json().data.contentHash, issued?.content_hash)
    t.equal((await get(`/v1/verify/${code}`)).json().data.valid, true, 'a program reads what it always read')

    const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? ''
    const policy = String((await get(`/v1/verify/${code}`, HTML)).headers['content-security-policy'])
    t.ok(policy.includes(`script-src ${hashSource(script)}`), 'the one script is allowed by its hash')
    t.match(await compared(script, issued?.content_hash ?? '', pdf.rawPayload), { kind: 'good', text: /^一致/ })
    const altered = Buffer.concat([pdf.rawPayload, Buffer.from(' ')])
    t.match(await compared(script, issued?.content_hash ?? '', altered), { kind: 'bad', text: /^不一致/ })
    t.match(await compared(script, issued?.content_hash ?? '', pdf.rawPayload, {}), { kind: 'note', text: /https/ }, 'without SubtleCrypto')
  })

  t.test('a code that is nobody’s, and one that is typed', async (t) => {
    const html = await assertPage(t, '/v1/verify/0000-0000-0000-0000-0000', 404)
    t.match(html, '没有查到有效的证明')
    t.equal((await get('/v1/verify/0000-0000-0000-0000-0000')).json().code, 'HUB_NO_RECORD')
    t.match(await assertPage(t, '/verify'), '<form action="/verify"')
    const sent = await get('/verify?code=%20ab%2Fcd%20', HTML)
    t.strictSame([sent.statusCode, sent.headers.location], [303, '/v1/verify/ab%2Fcd'])
    await assertPage(t, `/verify?code=${'x'.repeat(41)}`, 400)
  })

  t.test('/docs and /docs/admin show the documents without any other host', async (t) => {
    for (const [url, document] of [
      ['/docs', '/openapi.json'],
      ['/docs/admin', '/openapi-admin.json'],
    ] as const) {
      const { body, headers } = await get(url, HTML)
      t.match(headers['content-type'], /^text\/html/)
      t.ok(body.includes(document))
      t.notMatch(body, /https?:|\/\/[a-z]/, 'nothing from elsewhere')
      const policy = String(headers['content-security-policy'])
      t.match(policy, /default-src 'none'; script-src 'nonce-[^']{20,}';.*connect-src 'self'/)
      t.notMatch(policy, /script-src[^;]*unsafe|https?:/)
      const nonces = new Set([...body.matchAll(/nonce="([^"]*)"/g)].map(([, nonce = '']) => nonce))
      t.equal(nonces.size, 1)
      for (const nonce of nonces) t.ok(policy.includes(`'nonce-${nonce}'`))
      t.not((await get(url, HTML)).headers['content-security-policy'], policy, 'a nonce serves once')
      for (const quiet of ['"telemetry":false', '"showDeveloperTools":"never"', '"agent":{"disabled":true}', '"withDefaultFonts":false'])
        t.ok(body.includes(quiet), quiet)
      const [, source = ''] = /src="([^"]*)"/.exec(body) ?? []
      const script = await get(source)
      t.match(script.headers['content-type'], /javascript/)
      const packed = await get(source, { 'accept-encoding': 'gzip' })
      t.equal(packed.headers['content-encoding'], 'gzip')
      t.equal(gunzipSync(packed.rawPayload).length, script.rawPayload.length)
    }
  })

  /** Nobody but the holder has a code: one is put in the place of the one that was printed. */
  async function codeOf({ vault, database }: typeof hub.app): Promise<string> {
    const code = 'ABCDEFGHJKMNPQRSTVWX'
    await database('issued_documents').update({ code_hash: vault.fingerprint(code, 'issued_documents.code') })
    return code
  }
})

/** Runs the page's script on a document of three elements and hands it one file. */
async function compared(script: string, hash: string, file: Buffer, crypto: object = globalThis.crypto) {
  const result = { className: '', textContent: '' }
  let change: () => Promise<void> | undefined = () => undefined
  const input = {
    files: [{ name: '证明.pdf', arrayBuffer: async () => file }],
    addEventListener: (_: string, work: typeof change) => (change = work),
  }
  const elements: Record<string, unknown> = { compare: { hidden: true, dataset: { hash } }, file: input, result }
  vm.runInNewContext(script, {
    document: { getElementById: (id: string) => elements[id] },
    addEventListener: () => undefined,
    crypto,
    Uint8Array,
  })
  await change()
  return { kind: result.className, text: result.textContent }
}
