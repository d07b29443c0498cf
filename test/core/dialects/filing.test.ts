import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { sm2Sm4Envelope, tif } from '../../../core/connector.ts'
import type { DialectDeclaration, RawReply, SignedRequest, SignerContext } from '../../../core/upstream/dialect.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { startSandbox } from '../../../plugins/sandbox/server.ts'
import { apply } from '../../helper/apply-service.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

/** A sandbox agency that takes filings through a dialect. */
async function agency(t: { teardown(work: () => unknown): void }, dialect: DialectDeclaration) {
  const base = minimalConnector()
  const connector = { ...base, services: [...base.services, apply], upstream: { ...base.upstream, dialect } }
  const dataDir = mkdtempSync(join(tmpdir(), 'hub-'))
  const sandbox = await startSandbox({ connectors: [connector], dataDir, headerPrefix: 'gjgxjhpt' })
  t.teardown(async () => {
    await sandbox.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  async function send({ path, method, headers, body }: SignedRequest): Promise<RawReply> {
    const reply = await fetch(sandbox.origin + path, { method, headers, body })
    return { status: reply.status, contentType: reply.headers.get('content-type') ?? '', body: Buffer.from(await reply.arrayBuffer()) }
  }
  const { baseUrl = '', ...credentials } = sandbox[dialect.name as 'tif']
  const signer = dialect.createSigner({ baseUrl, credentials, send } as unknown as SignerContext)
  const asker = { xingming: people[0]?.name, zjhm: people[0]?.number }

  async function call(sid: string, method: 'GET' | 'POST', params: object) {
    const request = await signer.sign({ sid, method, params: { ...asker, ...params } })
    const reply = await send(request)
    return { method: request.method, json: JSON.parse((signer.open?.(reply, request) ?? reply).body.toString()) }
  }
  return { call, sandbox }
}

for (const dialect of [tif(), sm2Sm4Envelope(), sm2Sm4Envelope({ path: '/gateway' })]) {
  t.test(`filed and followed: ${dialect.name} ${JSON.stringify(dialect.options)}`, async (t) => {
    const { call, sandbox } = await agency(t, dialect)
    sandbox.timing.progressStepMs = 0
    t.match(await call('demo.progress', 'GET', { lsh: 'S-1' }), { json: { code: '0', data: [] } }, 'nothing yet')
    t.match(await call('demo.apply', 'POST', { lsh: 'S-1', je: 12.5 }), { json: { code: '0', data: { sqbh: /^SX/ } } })
    const { method, json } = await call('demo.progress', 'GET', { lsh: 'S-1' })
    t.match(json, { code: '0', data: { zt: '03' } })
    t.equal(method, dialect.name === 'tif' ? 'GET' : 'POST', 'an envelope is always posted')
    t.strictSame([...sandbox.filings()], [['S-1', 1]], 'asking files nothing')
  })
}

t.test('an address that leads nowhere', async (t) => {
  const { sandbox } = await agency(t, tif())
  for (const path of ['/dialects/tif/nothing', '/dialects/tif', '/dialects/none/demo.apply', '/dialects/basic/demo.apply']) {
    t.equal((await fetch(sandbox.origin + path)).status, 404, path)
  }
})
