import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration, SandboxRows } from '../../../core/connector.ts'
import { allowedAddress, isOpenAddress } from '../../../plugins/agency-files/address.ts'
import { openSpool } from '../../../plugins/agency-files/spool.ts'
import { pdfOf, sha256 } from '../../helper/file-bytes.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'

const ACCOUNT = '/v1/housing-fund/loan-account'

t.test('which addresses are open, and which a declaration allows', async (t) => {
  for (const address of ['1.1.1.1', '223.5.5.5', '2400:3200::1']) t.ok(isOpenAddress(address), address)
  for (const address of ['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'])
    t.notOk(isOpenAddress(address), address)
  for (const address of ['::1', '::', 'fe80::1', 'fc00::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'x'])
    t.notOk(isOpenAddress(address), address)
  const hosts = ['files.example', '127.0.0.1', 'files.example:8443']
  for (const address of ['https://files.example/a', 'https://FILES.example:443/a', 'https://files.example:8443/a'])
    t.ok(allowedAddress({ hosts }, address), address)
  for (const address of [
    ...['http://files.example/a', 'https://files.example.evil/a', 'https://evil.example/files.example', 'https://127.0.0.1/a'],
    ...['https://user:x@files.example/a', 'https://files.example@evil.example/', 'ftp://files.example/a', 'files.example/a', ''],
  ])
    t.equal(allowedAddress({ hosts }, address), null, address)
  t.ok(allowedAddress({ hosts, internal: true }, 'http://127.0.0.1/a'))
})

t.test('a file is fetched where the agency says it lies, on declared hosts alone', async (t) => {
  const asked: string[] = []
  const file = pdfOf(2000)
  const large = pdfOf(9 * 1024 * 1024)
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`)
    if (request.url === '/away') response.writeHead(302, { location: '/file' }).end()
    else if (request.url === '/large') response.end(large)
    else if (request.url === '/larger') response.end(pdfOf(12 * 1024 * 1024))
    else if (request.url === '/large-page') response.end(Buffer.concat([Buffer.from('<html>'), large]))
    else if (request.url === '/broken')
      response.writeHead(200, { 'content-length': 2 * large.length }).write(large, () => response.destroy())
    else response.end(request.url === '/page' ? '<html></html>' : file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const near = `127.0.0.1:${port}`
  const places = ['/file', '/away', '/large', '/page'].map((path) => `http://${near}${path}`)
  const open = async (addresses: { hosts: string[]; internal?: true; mostBytes?: number }, urls: readonly string[]) => {
    const declaration: ConnectorDeclaration = {
      ...housingFund,
      services: housingFund.services.map((service) => {
        const { files, id } = service.contract
        return files && id === 'loan-account'
          ? { ...service, contract: { ...service.contract, files: { sid: files.sid, parameter: files.parameter, addresses } } }
          : service
      }),
      sandbox: {
        ...housingFund.sandbox,
        'loan-account': ((subject, world) =>
          (housingFund.sandbox['loan-account']?.(subject, world) ?? []).map((row) => ({
            ...row,
            pzfj: urls.map((wjdz) => ({ wjmc: '凭证.pdf', wjdz })),
          }))) satisfies SandboxRows,
      },
    }
    const hub = await build(t, { declarations: [declaration] })
    const response = await hub.get(ACCOUNT)
    t.notMatch(response.body, /127\.0\.0\.1|localhost/, 'no address leaves')
    const { voucherAttachments } = response.json().data as { voucherAttachments: { href: string | null }[] }
    return { hub, hrefs: voucherAttachments.map(({ href }) => href) }
  }

  const { hub, hrefs } = await open({ hosts: [near], internal: true }, places)
  const [good = '', ...bad] = hrefs.map((href) => href ?? '')
  const response = await hub.get(good)
  t.equal(response.statusCode, 200, response.body.slice(0, 200))
  t.ok(response.rawPayload.equals(file))
  t.equal(asked.at(-1), '/file ', 'nothing of the asker or the hub goes along')
  for (const href of bad) t.equal((await hub.get(href)).statusCode, 502)
  t.notOk(asked.slice(1).includes('/file '), 'no redirect is followed')
  t.strictSame(verdict(await hub.get(good, { person: 2 })), [404, 'HUB_FILE_LINK_INVALID'])

  const elsewhere = await open({ hosts: ['files.example'] }, places)
  t.strictSame(elsewhere.hrefs, [null, null, null, null], 'a host that is not declared is no address')
  const before = asked.length
  const named = await open({ hosts: [`localhost:${port}`] }, [`https://localhost:${port}/file`])
  t.equal((await named.hub.get(named.hrefs[0] ?? '')).statusCode, 502, 'a name that leads into a closed network')
  t.equal(asked.length, before)

  // What is larger than can be held, where it may be.
  const urls = ['/large', '/larger', '/large-page', '/broken', '/file'].map((path) => `http://${near}${path}`)
  const roomy = await open({ hosts: [near], internal: true, mostBytes: 10 * 1024 * 1024 }, urls)
  const [whole = '', ...others] = roomy.hrefs.map((href) => href ?? '')
  const small = others.pop() ?? ''
  const { traceId, headers } = trace()
  const all = await Promise.all([roomy.hub.get(whole, { headers }), roomy.hub.get(whole)])
  for (const { statusCode, rawPayload, headers: said } of all) {
    t.equal(statusCode, 200)
    t.ok(rawPayload.equals(large))
    t.match(said, { 'content-type': 'application/pdf', 'content-length': String(large.length) })
  }
  t.match(await auditOf(roomy.hub, traceId), [{ file: { sha256: sha256(large), size: large.length } }])
  for (const href of others) t.equal((await roomy.hub.get(href)).statusCode, 502, 'too large, no file, and one that breaks off')
  t.equal((await roomy.hub.get(whole)).statusCode, 200, 'each of the four places is given back, whatever came of it')
  t.equal((await roomy.hub.get(`${whole}?preview=maybe`)).statusCode, 400)
  t.ok((await roomy.hub.get(small)).rawPayload.equals(file))
  t.same(
    readdirSync(roomy.hub.app.settings.DATA_DIR).filter((name) => name.startsWith('download-')),
    [],
    'nothing is left on the disk',
  )
  const held = await Promise.all(Array.from({ length: 4 }, () => openSpool(roomy.hub.app.settings.DATA_DIR)))
  t.strictSame(verdict(await roomy.hub.get(whole)), [503, 'HUB_DOCUMENT_BUSY'])
  for (const place of held) await place.discard()
})
