import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { bringFile } from '../../helper/bring-file.ts'
import { pdfOf } from '../../helper/file-bytes.ts'
import { build } from '../../helper/hub.ts'
import { receiveCode } from '../../helper/proper-filing.ts'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../../client/', import.meta.url))
const root = fileURLToPath(new URL('../../../', import.meta.url))
const generated = join(folder, 'generated')

t.test('the documents', async (t) => {
  const hub = await build(t)
  const files = await mkdtemp(join(tmpdir(), 'hub-openapi-'))
  t.teardown(() => rm(files, { recursive: true }))
  const apps = join(files, 'apps.json')
  const admin = join(files, 'admin.json')
  await writeFile(apps, (await hub.app.inject('/openapi.json')).body)
  await writeFile(admin, (await hub.app.inject('/openapi-admin.json')).body)

  t.test('satisfy a linter that knows OpenAPI, examples included', async (t) => {
    const config = join(root, 'test/data/redocly.yaml')
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const lint = run(join(root, 'node_modules/.bin/redocly'), ['lint', apps, admin, '--config', config, '--format=summary'], { env })
    const { code, stdout, stderr } = await lint.then(
      (output) => ({ ...output, code: 0 }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    )
    t.equal(code, 0, stdout + stderr)
    t.notMatch(stdout + stderr, /warning \w/)
  })

  t.test('a client generated from them compiles, and speaks with the hub', async (t) => {
    await mkdir(generated, { recursive: true })
    for (const document of [apps, admin]) {
      const name = document === apps ? 'apps' : 'admin'
      await run(join(folder, 'node_modules/.bin/openapi-typescript'), [document, '-o', join(generated, `${name}.d.ts`)])
    }
    const compiled = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    )
    t.equal(compiled, '')

    const origin = await hub.app.listen({ port: 0, host: '127.0.0.1' })
    // By address, so that the check of the sources does not want what is generated here.
    const { use } = (await import(new URL('../../client/use.ts', import.meta.url).href)) as typeof Client
    const [lease, noHomePaper] = [await bringFile(hub, pdfOf(64)), await bringFile(hub, pdfOf(64))]
    const code = await receiveCode(hub, 'rental-housing-withdrawal')
    const result = await use(origin, await hub.token(), 'generated-client-1', code, { lease, noHomePaper })
    t.type(result.account.balance, 'number')
    t.type(result.account.status, 'string')
    t.ok(result.movements.rows > 0 && result.movements.rows <= Number(result.movements.total))
    t.strictSame(result.refused, { status: 401, code: 'HUB_TOKEN_MISSING' })
    t.strictSame(result.keyless, { status: 400, code: 'HUB_IDEMPOTENCY_KEY_MISSING' })
    t.match(result.filed, { status: 202, id: /^[0-9a-f-]{36}$/ }, JSON.stringify(result.filed))
    t.equal(result.filed.location, `/v1/housing-fund/rental-housing-withdrawal/${result.filed.id}`)
    t.match(result.file, { type: /^text\/csv/, text: /,/ })
  })
})

/** As much of `client/use.ts` as is needed here. */
declare const Client: {
  use(
    baseUrl: string,
    token: string,
    key: string,
    verificationCode: string,
    papers: { lease: string; noHomePaper: string },
  ): Promise<{
    account: { balance?: number; status?: string }
    movements: { rows: number; total?: number }
    refused: { status: number; code?: string }
    keyless: { status: number; code?: string }
    filed: { status: number; id?: string; location: string | null; error?: string }
    file: { type: string | null; text: string }
  }>
}
