import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Agent, request } from 'undici'
import { createConnect } from '../../../core/upstream/connecting.ts'

const DAY_MS = 86_400_000

t.test('the end of the certificate that an agency shows is known, of none where there is none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const wanted = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '20']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', [...wanted, ...names, '-keyout', keyFile, '-out', file], { stdio: 'ignore' })
  const ca = readFileSync(file)
  const server = createServer({ key: readFileSync(keyFile), cert: ca }, (_request, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }

  const seen: number[] = []
  const agent = (options: object) => new Agent({ connect: createConnect({ ...options, timeout: 3000 }, (endsAt) => seen.push(endsAt)) })
  const trusting = agent({ ca })
  const { statusCode, body } = await request(`https://localhost:${port}`, { dispatcher: trusting })
  await body.dump()
  await trusting.close()
  t.equal(statusCode, 200)
  t.equal(seen.length, 1)
  t.ok(Math.abs((seen[0] ?? 0) - (Date.now() + 20 * DAY_MS)) < 3_600_000)

  const wary = agent({})
  await t.rejects(request(`https://localhost:${port}`, { dispatcher: wary }), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  await wary.close()
  t.equal(seen.length, 1, 'what was not trusted says nothing')
})
