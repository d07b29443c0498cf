import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { Agent, fetch } from 'undici'
import { freePort } from '../../bench/haproxy.ts'
import fund from '../../connectors/housing-fund/index.ts'
import notary from '../../connectors/notary/index.ts'
import { decideAt } from '../../plugins/sandbox/agencies/visit.ts'
import { people } from '../../plugins/sandbox/people.ts'
import { startSandbox } from '../../plugins/sandbox/server.ts'
import { cli } from '../helper/cli.ts'
import { connectorOf, dialectCases } from '../helper/dialects.ts'
import { BAD_AGENCIES, startFlawedAgency } from '../helper/flawed-agency.ts'
import { museum } from '../helper/museum-connector.ts'

const dir = mkdtempSync(join(tmpdir(), 'hub-'))
t.teardown(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, value: unknown) => {
  writeFileSync(join(dir, name), JSON.stringify(value))
  return join(dir, name)
}
const run = cli({ DATA_DIR: dir })

interface Found {
  id: string
  verdict: string
  sent: string
  got: string
}
async function verify(...args: string[]) {
  const { code, out, err } = await run('agency', 'verify', ...args, '--json')
  const findings = out === '' ? [] : (JSON.parse(out) as { findings: Found[] }).findings
  const of = (verdict: string) => findings.filter((each) => each.verdict === verdict).map(({ id }) => id)
  return { code, out, err, findings, failed: of('failed'), passed: of('passed'), skipped: of('skipped') }
}

const [person, , , , , , stranger] = people
if (!person || !stranger) throw new Error('nobody is there')

/** Every dialect once, and those of its forms that carry or sign something else. */
const TRIED = new Set([
  ...['exchange', 'exchange-static', 'two-secret', 'bg-hmac', 'tif', 'hmac-nonce', 'sm2-sm4-envelope', 'signed-ticket', 'oauth2'],
  ...['signed-string', 'signed-string-query', 'signed-string-body', 'signed-string-sm2', 'api-key-query', 'basic'],
])

t.test('the simulators of the sandbox pass, dialect by dialect', async (t) => {
  const cases = dialectCases.filter(({ id }) => TRIED.has(id))
  const connectors = cases.map((one) => connectorOf(one, one.id))
  const sandbox = await startSandbox({ connectors, dataDir: dir, headerPrefix: 'gjgxjhpt' })
  t.teardown(() => sandbox.close())
  for (const { id, dialect, path, replay } of cases) {
    const known = (sandbox as unknown as Record<string, Readonly<Record<string, string>>>)[dialect.name] ?? {}
    const names = [...Object.keys(dialect.credentials), 'baseUrl']
    const { baseUrl, ...credentials } = Object.fromEntries(names.map((name) => [name, String(known[name] ?? '')]))
    const description = {
      baseUrl,
      dialect: { name: dialect.name.replace(/^signed-string-.*/, 'signed-string'), options: dialect.options ?? {} },
      envelope: { preset: 'exchange' },
      service: { sid: `${id}.balance`, ...(path === undefined ? {} : { path }) },
      known: { params: { xingming: person.name, zjhm: person.number } },
      fields: ['ye'],
    }
    const { failed, passed, out, err } = await verify(file(`${id}.json`, description), '--credentials', file('secret.json', credentials))
    t.same({ failed, err }, { failed: [], err: '' }, `${id} ${out}`)
    t.match(passed, ['reachable'], id)
    for (const check of ['genuine', 'wrong-signature', 'unsigned', 'errors', 'refusal-form', 'fields'])
      t.ok(passed.includes(check), `${id} ${check}`)
    t.equal(passed.includes('replay'), replay === 'refused', `${id} replay`)
    for (const [name, { secret }] of Object.entries(dialect.credentials))
      if (secret) t.notOk(out.includes(String(credentials[name])), `${id} tells ${name}`)
    t.notOk(out.includes(person.number))
  }
})

t.test('each bad agency is found by the check that is for it', async (t) => {
  for (const [flaw, expected] of Object.entries(BAD_AGENCIES)) {
    const port = await freePort()
    const agency = await startFlawedAgency(flaw, { port })
    const args = [file('service.json', agency.description), '--credentials', file('secret.json', agency.credentials), '--write']
    const { code, failed } = await verify(...args, '--listen', String(port), '--wait', '1')
    await agency.close()
    t.same({ failed, code }, { failed: expected, code: expected.length > 0 ? 1 : 0 }, flaw)
  }
})

t.test('an authorization server is gone through, where it lets a test person consent', async (t) => {
  const connector = museum
  const sandbox = await startSandbox({ connectors: [connector], dataDir: dir, headerPrefix: 'gjgxjhpt' })
  t.teardown(() => sandbox.close())
  const agency = await startFlawedAgency('none')
  t.teardown(() => agency.close())
  const { oauth } = connector.accounts ?? {}
  const { agencyOAuth } = sandbox
  const front = await startConsenting(t, agencyOAuth.baseUrlOf(connector.id))
  const side = {
    baseUrl: front,
    authorizePath: oauth?.authorizePath,
    tokenPath: oauth?.tokenPath,
    revokePath: oauth?.revokePath,
    scope: oauth?.scope.join(' '),
    redirectUri: `http://127.0.0.1:3000/oauth/agencies/${connector.id}/callback`,
    approve: { person: '1' },
  }
  const { clientId: oauthClientId, clientSecret: oauthClientSecret } = agencyOAuth.client
  const secrets = { ...agency.credentials, oauthClientId, oauthClientSecret }
  const { failed, passed } = await verify(
    file('oauth.json', { ...agency.description, oauth: side }),
    '--credentials',
    file('secret.json', secrets),
  )
  t.same(failed, [])
  const names = passed.filter((id) => id.startsWith('oauth-'))
  t.same(names, ['oauth-redirect', 'oauth-pkce', 'oauth-client', 'oauth-state', 'oauth-verifier', 'oauth-refresh', 'oauth-revocation'])
})

const alone = new Agent({ pipelining: 0 })

/** The server behind it as a test system offers it: with `person` it consents at once, as that person, where its pages would ask. → its address. */
async function startConsenting(t: Test, base: string): Promise<string> {
  const front = createPlainServer(async (request, response) => {
    const { method, url = '', headers } = request
    const asked = new URL(base + url)
    const person = asked.searchParams.get('person')
    asked.searchParams.delete('person')
    if (person !== null) return void response.writeHead(302, { location: (await decideAt(asked.href, Number(person))).href }).end()
    const { authorization = '', 'content-type': type = '' } = headers
    const body = method === 'POST' ? { body: await text(request) } : {}
    const reply = await fetch(asked, {
      // A connection of its own: one that is kept may be closed just now.
      dispatcher: alone,
      method: method ?? 'GET',
      redirect: 'manual',
      headers: { authorization, 'content-type': type },
      ...body,
    })
    const location = reply.headers.get('location')
    response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '', ...(location ? { location } : {}) })
    response.end(await reply.text())
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  t.teardown(() => front.close())
  return `http://127.0.0.1:${(front.address() as AddressInfo).port}`
}

t.test('a report to be sent in holds every check and nothing personal', async (t) => {
  const agency = await startFlawedAgency('none')
  t.teardown(() => agency.close())
  const report = join(dir, 'report.md')
  const { code, out } = await run(
    ...['agency', 'verify', file('service.json', agency.description), '--credentials', file('secret.json', agency.credentials)],
    ...['--report', report],
  )
  const written = readFileSync(report, 'utf8')
  t.equal(code, 0)
  t.match(out, /✓ 正确的签名被接受（genuine）/)
  t.match(written, /\| `wrong-signature` \| 错误的签名（凭据）被拒绝 \| ✓ 通过/)
  for (const word of [...Object.values(agency.credentials).filter((value) => value.length > 8), '41100219900101000X', '贾明'])
    t.notOk((written + out).includes(word), word)
})

t.test('a declared service is tried by its connector alone', async (t) => {
  const sandbox = await startSandbox({ connectors: [fund], dataDir: dir, headerPrefix: 'gjgxjhpt' })
  t.teardown(() => sandbox.close())
  const { baseUrl, requesterId, appKey } = sandbox.exchange
  const who = (name: string, { name: called, number }: { name: string; number: string }) => file(name, { name: called, idNumber: number })
  const { failed, passed, out } = await verify(
    ...['--connector', 'housing-fund', '--service', 'personal-account', '--address', baseUrl],
    ...['--subject', who('known.json', person), '--unknown', who('unknown.json', stranger)],
    ...['--credentials', file('secret.json', { requesterId, appKey })],
  )
  t.same(failed, [], out)
  for (const check of ['genuine', 'fields', 'owner', 'unknown', 'wrong-signature', 'old-time', 'long-numbers'])
    t.ok(passed.includes(check), check)
})

t.test('a connector says how its files are fetched and its ledger is asked', async (t) => {
  const sandbox = await startSandbox({ connectors: [notary], dataDir: dir, headerPrefix: 'gjgxjhpt' })
  t.teardown(() => sandbox.close())
  const { baseUrl = '', ...secrets } = sandbox['oauth2-client-credentials'] as Readonly<Record<string, string>>
  const chosen = ['--connector', 'notary', '--service', 'notarial-certificate', '--address', baseUrl]
  const credentials = ['--credentials', file('secret.json', secrets)]
  const known = ['--subject', file('known.json', { name: person.name, idNumber: person.number })]
  const number = await certificateFile(baseUrl, secrets, person)
  const { out, passed, failed, findings } = await verify(
    ...chosen,
    ...credentials,
    ...known,
    '--file-number',
    number,
    '--day',
    '2026-11-20',
  )
  t.same(failed, [], out)
  for (const check of ['fields', 'file', 'file-unknown', 'file-unsigned', 'ledger-days']) t.ok(passed.includes(check), check)
  t.match(findings.find(({ id }) => id === 'ledger')?.got, '共 0 笔')
  const refused = async (...more: string[]) => (await verify(...chosen, ...credentials, ...known, ...more)).err
  t.match(await refused('--day', 'yesterday'), '--day 须是 YYYY-MM-DD')
  t.match(await refused('--listen', '3900'), '请在说明里写 callback')
})

/** → the agency's number for the person's first certificate, as its own client would learn it. */
async function certificateFile(
  base: string,
  { clientId, clientSecret }: Readonly<Record<string, string>>,
  who: { name: string; number: string },
) {
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  const token = await fetch(`${base}/oauth2/token`, { method: 'POST', headers: { authorization }, body })
  const { access_token } = (await token.json()) as { access_token: string }
  const query = new URLSearchParams({ sqrxm: who.name, sqrzjh: who.number })
  const answer = await fetch(`${base}/api/v1/certificates?${query}`, { headers: { authorization: `Bearer ${access_token}` } })
  const [, number = ''] = /"id":"([^"]+)","name":"公证书\.pdf"/.exec(await answer.text()) ?? []
  return number
}

const noOpenssl = spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed'
t.test('nothing is sent to whoever shows a certificate that nobody vouches for', { skip: noOpenssl }, async (t) => {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9', '-subj', '/CN=localhost']
  spawnSync('openssl', [...made, '-keyout', key, '-out', cert])
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, () => t.fail('something was sent')).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  t.teardown(() => server.close())
  const agency = await startFlawedAgency('none')
  t.teardown(() => agency.close())
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const described = file('service.json', { ...agency.description, baseUrl })
  const { code, failed, findings } = await verify(described, '--credentials', file('secret.json', agency.credentials))
  t.same({ code, failed, tried: findings.map(({ id }) => id) }, { code: 1, failed: ['tls'], tried: ['reachable', 'tls'] })
  t.match(findings[1]?.got, /TLSv1\.3；证书不可信（DEPTH_ZERO_SELF_SIGNED_CERT）；证书还有 [89] 天/)
})

t.test('a port that is taken is said, and what listens is closed again', async (t) => {
  const port = await freePort()
  const agency = await startFlawedAgency('none')
  t.teardown(() => agency.close())
  const other = createPlainServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  const args = [file('service.json', agency.description), '--credentials', file('secret.json', agency.credentials)]
  const { code, err } = await verify(...args, '--listen', String(port), '--wait', '1')
  t.match(`${code} ${err}`, /^2 .*不能监听：EADDRINUSE/)
  other.close()
  await once(other, 'close')
  const { findings } = await verify(...args, '--listen', String(port), '--wait', '1')
  t.match(findings.find(({ id }) => id === 'callback')?.got, '1 秒内没有收到')
  await t.rejects(fetch(`http://127.0.0.1:${port}`))
})

t.test('what cannot be run is said before anything is sent', async (t) => {
  const agency = await startFlawedAgency('none')
  t.teardown(() => agency.close())
  const said = async (...args: string[]) => {
    const { code, out, err } = await run('agency', 'verify', ...args)
    t.equal(out, '')
    return `${code} ${err}`
  }
  const good = file('service.json', agency.description)
  t.match(await said(), /^2 请写明说明文件，或 --connector/)
  t.match(await said(join(dir, 'nowhere')), /^2 .*须是 JSON 文件/)
  t.match(await said(file('x.json', { ...agency.description, extra: 1 })), /^2 .*格式不符[\s\S]*extra/)
  t.match(
    await said(file('x.json', { ...agency.description, dialect: { name: 'telepathy' } })),
    /^2 没有这种方言：telepathy（现有 exchange/,
  )
  t.match(await said(good), /^2 缺少凭据[\s\S]*clientSecret.*HUB_AGENCY_CLIENT_SECRET/)
  t.match(
    await said(file('x.json', { ...agency.description, callback: { serial: 'lsh', digest: { hmac: 'sm3' } } })),
    /^2 .*回调签名的写法有误[\s\S]*nothing is signed/,
  )
  t.match(
    await said(file('x.json', { ...agency.description, dialect: { name: 'signed-string' } })),
    /^2 .*签名的写法有误[\s\S]*请核对 parts、digest、place/,
  )
  const { ledger } = agency.description
  t.match(await said(file('x.json', { ...agency.description, ledger: { ...ledger, dateFormat: 'wwww' } })), /^2 .*dateFormat 读不懂：wwww/)
  const secret = ['--credentials', file('secret.json', agency.credentials)]
  for (const listen of ['0', '70000', 'here', '1.2.3.4:'])
    t.match(await said(good, ...secret, '--listen', listen), /^2 --listen 须是端口/, listen)
  t.match(await said(good, ...secret, '--listen', '3900', '--wait', '0'), /^2 --wait 须在 1 到 3600 秒之间：0/)
  const { callbackKey: _, ...less } = agency.credentials
  t.match(await said(good, '--credentials', file('less.json', less), '--listen', '3900'), /^2 缺少凭据[\s\S]*callbackKey/)
  t.match(await said('--connector', 'water', '--service', 'nowhere', '--address', 'http://127.0.0.1:1'), /^2 water 没有这项服务/)
})
