import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration, SandboxRows } from '../../../core/connector.ts'
import { allowedAddress, isOpenAddress } from '../../../plugins/agency-files/address.ts'
import { pdfOf } from '../../helper/file-bytes.ts'
import { build } from '../../helper/hub.ts'
import { verdict } from '../../helper/queries.ts'

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
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`)
    if (request.url === '/away') response.writeHead(302, { location: '/file' }).end()
    else if (request.url === '/large') response.end(pdfOf(9 * 1024 * 1024))
    else response.end(request.url === '/page' ? '<html></html>' : file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const near = `127.0.0.1:${port}`
  const places = ['/file', '/away', '/large', '/page'].map((path) => `http://${near}${path}`)
  const open = async (addresses: { hosts: string[]; internal?: true }, urls: readonly string[]) => {
    const declaration: ConnectorDeclaration = {
      ...housingFund,
      services: housingFund.services.map((service) => {
        const { files, id } = service.contract
        return files && id === 'loan-account' ? { ...service, contract: { ...service.contract, files: { ...files, addresses } } } : service
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
})
