import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import police from '../../../connectors/police/index.ts'
import museum from '../../../connectors/sandbox-museum/index.ts'
import { decideAt } from '../../../plugins/sandbox/agencies/visit.ts'
import { type Sandbox, startSandbox } from '../../../plugins/sandbox/server.ts'

const HUB = 'http://127.0.0.1:39998'
const connectors = [police, museum]

function folder(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'hub-agencies-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }))
  return dir
}

const start = (dataDir: string) => startSandbox({ connectors, dataDir, headerPrefix: 'X', hubUrl: HUB })

interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
}

function agencyIn({ agencyOAuth }: Sandbox, id: string) {
  const base = agencyOAuth.baseUrlOf(id)
  const { clientId, clientSecret } = agencyOAuth.client
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const post = (path: string, form: Record<string, string>) =>
    fetch(base + path, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) })
  return {
    base,
    post,
    async authorise(person: number): Promise<Tokens> {
      const verifier = randomBytes(32).toString('base64url')
      const redirect_uri = `${HUB}/oauth/agencies/${id}/callback`
      const url = new URL(`${base}/oauth2/authorize`)
      const challenge = createHash('sha256').update(verifier).digest('base64url')
      const asked = { client_id: clientId, response_type: 'code', redirect_uri, code_challenge: challenge, code_challenge_method: 'S256' }
      url.search = String(new URLSearchParams({ ...asked, scope: id === 'police' ? 'user ticket' : 'visitor', state: 's' }))
      const code = (await decideAt(url.href, person)).searchParams.get('code') ?? ''
      const form = { grant_type: 'authorization_code', redirect_uri, code, code_verifier: verifier }
      return (await post('/oauth2/token', form)).json() as Promise<Tokens>
    },
    refresh: (refresh_token: string) => post('/oauth2/token', { grant_type: 'refresh_token', refresh_token }),
    userInfo: (token: string) => fetch(`${base}/oauth2/userinfo`, { headers: { authorization: `Bearer ${token}` } }),
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function until(holds: () => boolean, ms = 8000): Promise<boolean> {
  for (const end = Date.now() + ms; !holds() && Date.now() < end; ) await sleep(20)
  return holds()
}

t.test('the agencies’ authorization servers', async (t) => {
  const dir = folder(t)
  const sandbox = await start(dir)
  t.teardown(() => sandbox.close())
  const [theirs, other] = [agencyIn(sandbox, 'police'), agencyIn(sandbox, 'sandbox-museum')]
  const pid = () => sandbox.agencyOAuth.pid() ?? 0

  await t.test('are a process of their own, which is there when it is needed', async (t) => {
    t.equal(pid(), 0, 'not before')
    const { access_token } = await theirs.authorise(1)
    t.not(pid(), process.pid)
    t.ok(isAlive(pid()))
    t.match(await (await theirs.userInfo(access_token)).json(), { userId: /./, unionId: /^union-/, idNumber: '41100219900101000X' })
  })

  await t.test('share nothing: a token of one opens nothing at another, nor does the wrong secret', async (t) => {
    const { access_token, refresh_token } = await theirs.authorise(2)
    t.equal((await other.userInfo(access_token)).status, 401)
    t.match(await (await other.refresh(refresh_token)).json(), { error: 'invalid_grant' })
    t.same(await (await theirs.post('/introspection', { token: access_token })).json(), { active: false }, 'only the agency itself may ask')
    t.equal((await theirs.refresh(refresh_token)).status, 200)
  })

  await t.test('ask whose a token is, and hear at once that it was revoked', async (t) => {
    const { access_token, refresh_token } = await other.authorise(1)
    const call = () => fetch(`${sandbox['oauth2-user'].baseUrl}/api/my-bookings`, { headers: { authorization: `Bearer ${access_token}` } })
    t.equal((await call()).status, 200)
    t.equal((await other.post('/oauth2/revoke', { token: refresh_token })).status, 200)
    t.equal((await call()).status, 401)
    t.equal((await other.refresh(refresh_token)).status, 400)
  })

  await t.test('hand out tokens of the life that is set', async (t) => {
    sandbox.timing.tokenLifeSeconds = 1
    const { access_token, expires_in } = await theirs.authorise(3)
    sandbox.timing.tokenLifeSeconds = 600
    t.equal(expires_in, 1)
    for (const end = Date.now() + 5000; (await theirs.userInfo(access_token)).status === 200 && Date.now() < end; ) await sleep(100)
    t.equal((await theirs.userInfo(access_token)).status, 401)
  })

  await t.test('misbehave when they are told to', async (t) => {
    const { access_token, refresh_token } = await theirs.authorise(4)
    for (const [kind, status] of [
      ['http-503', 503],
      ['http-500', 500],
    ] as const) {
      sandbox.faults.set({ kind, sid: 'oauth:police', times: 1 })
      t.equal((await theirs.refresh(refresh_token)).status, status)
    }
    sandbox.faults.set({ kind: 'truncated', sid: 'oauth:police', times: 1 })
    await t.rejects((await theirs.userInfo(access_token)).json())
    sandbox.faults.set({ kind: 'reset', sid: 'oauth:police', times: 1 })
    await t.rejects(theirs.refresh(refresh_token))
    t.equal((await theirs.refresh(refresh_token)).status, 200, 'none of it reached the agency')
  })

  await t.test('come again when they died, and forget nothing', async (t) => {
    const { access_token } = await theirs.authorise(5)
    const before = pid()
    process.kill(before, 'SIGKILL')
    t.ok(await until(() => pid() === 0))
    t.equal((await theirs.userInfo(access_token)).status, 200)
    t.ok(pid() !== before && isAlive(pid()))
  })

  await t.test('serve all sandboxes of a process; each knows its own tokens, and finds them again', async (t) => {
    const second = await start(folder(t))
    const { access_token } = await theirs.authorise(6)
    t.equal((await agencyIn(second, 'police').userInfo(access_token)).status, 401)
    t.equal(second.agencyOAuth.pid(), pid())
    await second.close()
    const { refresh_token } = await theirs.authorise(6)
    await sandbox.close()
    const again = await start(dir)
    t.teardown(() => again.close())
    t.equal((await agencyIn(again, 'police').refresh(refresh_token)).status, 200)
  })
})

t.test('they end with the hub, however it ends', async (t) => {
  const server = fileURLToPath(new URL('../../../plugins/sandbox/server.ts', import.meta.url))
  const connector = fileURLToPath(new URL('../../../connectors/police/index.ts', import.meta.url))
  const script = `
    const { startSandbox } = await import(${JSON.stringify(server)})
    const { default: police } = await import(${JSON.stringify(connector)})
    const sandbox = await startSandbox({ connectors: [police], dataDir: ${JSON.stringify(folder(t))}, headerPrefix: 'X' })
    await fetch(sandbox.agencyOAuth.baseUrlOf('police') + '/oauth2/userinfo')
    console.log(sandbox.agencyOAuth.pid())
    process.kill(process.pid, 'SIGKILL')`
  const pid = await new Promise<number>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], (_error, stdout) => resolve(Number(stdout)))
  })
  t.ok(pid > 0)
  t.ok(await until(() => !isAlive(pid)))
})
