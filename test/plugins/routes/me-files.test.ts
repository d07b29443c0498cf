import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { EICAR, startClamd } from '../../helper/clamd.ts'
import { pdfOf, png, pngOf, sha256, zipOf } from '../../helper/file-bytes.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { auditOf, trace } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const other = { person: 2 }
const MB = 1024 ** 2

async function bring(
  hub: Hub,
  bytes: Buffer,
  mediaType: string,
  name: string,
  options: Parameters<Hub['token']>[0] = {},
  headers: object = {},
) {
  return hub.app.inject({
    method: 'POST',
    url: '/v1/me/files',
    query: { name },
    headers: { authorization: `Bearer ${await hub.token(options)}`, 'content-type': mediaType, ...headers },
    payload: bytes,
  })
}

async function remove(hub: Hub, id: string, options: Parameters<Hub['token']>[0] = {}) {
  return hub.app.inject({ method: 'DELETE', url: `/v1/me/files/${id}`, headers: { authorization: `Bearer ${await hub.token(options)}` } })
}

/** Every file below a folder. */
function within(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => join(root, path))
    .filter((path) => statSync(path).isFile())
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const clamd = await startClamd(t)
    const env = { FILE_SCANNER: clamd.address, FILE_QUOTA_MB: '3', FILE_MAX_MB: '2' }
    const hub = await build(t, { target, env, declarations: [], filePace: { baseMs: 20, sweepMs: 50 } })
    const { database, settings } = hub.app
    const root = join(settings.DATA_DIR, 'files')
    const gone = async (id: string) => {
      while (await database('files').where({ id }).first()) await sleep(20)
    }

    t.test('a file is stored sealed, comes back as it was, and is nobody else’s', async (t) => {
      const bytes = pdfOf(1.4 * MB)
      const brought = await bring(hub, bytes, 'application/pdf', '../购房合同.pdf')
      t.equal(brought.statusCode, 201, brought.body)
      const file = brought.json().data
      t.match(file, {
        name: '购房合同.pdf',
        mediaType: 'application/pdf',
        size: bytes.length,
        state: 'ready',
        scanned: 'clean',
        sha256: sha256(bytes),
      })
      t.equal(brought.headers.location, `/v1/me/files/${file.id}`)

      const content = await hub.get(`/v1/me/files/${file.id}/content`)
      t.ok(content.rawPayload.equals(bytes))
      t.equal(content.headers['content-type'], 'application/pdf')
      t.equal(content.headers['x-content-type-options'], 'nosniff')
      t.match(content.headers['content-disposition'], /^attachment; filename="file.pdf"; filename\*=UTF-8''%E8%B4%AD/)

      const pieces = within(root)
      t.equal(pieces.length, 2, 'in pieces')
      for (const path of pieces) {
        t.equal(statSync(path).mode & 0o777, 0o600)
        t.notOk(readFileSync(path).includes('%PDF'), 'sealed')
        t.match(path.slice(root.length), /^\/[0-9a-f]{2}\/[0-9a-f-]{36}\/[0-9a-f-]{36}$/, 'no name in a path')
      }
      const row = await database('files').where({ id: file.id }).first()
      t.notMatch(JSON.stringify(row), /购房/)

      for (const path of ['', '/content']) {
        const answer = await hub.get(`/v1/me/files/${file.id}${path}`, other)
        t.match([answer.statusCode, answer.json().code], [404, 'HUB_NO_RECORD'], path)
      }
      t.equal((await remove(hub, file.id, other)).statusCode, 404)
      t.equal((await hub.get('/v1/me/files', other)).json().meta.page.total, 0)
      t.match((await hub.get('/v1/me/files')).json().data, [{ id: file.id }])
      const unknown = await hub.get(`/v1/me/files/${file.id.toUpperCase()}`)
      t.equal(unknown.statusCode, 400)

      t.equal((await remove(hub, file.id)).statusCode, 204)
      t.equal((await hub.get(`/v1/me/files/${file.id}/content`)).statusCode, 404, 'at once')
      await gone(file.id)
      t.same(within(root), [])
      const rows = await database('audit_rows').where({ connector: 'hub', service: 'me.files.content' })
      t.ok(rows.length >= 3, 'each reading is on record, refused ones too')
    })

    t.test('what is not what it says, or is a danger, is refused and leaves nothing', async (t) => {
      const cases: [string, Buffer, string, number, string][] = [
        ['a page as an image', Buffer.from('<html><script>alert(1)</script>'), 'image/png', 422, 'HUB_FILE_REFUSED'],
        ['an image as a paper', png, 'application/pdf', 422, 'HUB_FILE_REFUSED'],
        ['a type that nobody may bring', Buffer.from('<svg/>'), 'image/svg+xml', 415, 'HUB_MEDIA_TYPE'],
        ['no type', png, '', 415, 'HUB_MEDIA_TYPE'],
        ['a virus', Buffer.concat([pdfOf(100), Buffer.from(EICAR)]), 'application/pdf', 422, 'HUB_FILE_REFUSED'],
        ['an image of four thousand million pixels', pngOf(65_000, 65_000), 'image/png', 422, 'HUB_FILE_REFUSED'],
        ['an archive that would fill a disk', zipOf(2 ** 31), 'application/zip', 422, 'HUB_FILE_REFUSED'],
        ['an archive that breaks off', zipOf(1000).subarray(0, -30), 'application/zip', 422, 'HUB_FILE_REFUSED'],
        ['nothing', Buffer.alloc(0), 'image/png', 400, 'HUB_VALIDATION'],
        ['too much', pdfOf(2 * MB + 1), 'application/pdf', 413, 'HUB_BODY_TOO_LARGE'],
      ]
      for (const [what, bytes, type, status, code] of cases) {
        const { traceId, headers } = trace()
        const answer = await bring(hub, bytes, type, 'x', {}, headers)
        t.match([answer.statusCode, answer.json().code], [status, code], what)
        t.match(await auditOf(hub, traceId), [{ outcome: code, status }], `${what} is on record`)
      }
      const long = await bring(hub, png, 'image/png', '长'.repeat(100_000))
      t.match([long.statusCode, long.json().code], [400, 'HUB_VALIDATION'])
      const named = await bring(hub, png, 'image/png', 'C:\\a\\..\\发票\u202Egnp.exe\r\n')
      t.equal(named.json().data.name, '发票 gnp.png')
      t.equal((await remove(hub, named.json().data.id)).statusCode, 204)
      while (await database('files').first()) await sleep(20)
      t.same(within(root), [])
    })

    t.test('a scanner that gives no answer has not said yes', async (t) => {
      clamd.mood = 'hangs-up'
      const brought = await bring(hub, png, 'image/png', '照片.png')
      t.equal(brought.statusCode, 202)
      const { id, state } = brought.json().data
      t.equal(state, 'scanning')
      const content = await hub.get(`/v1/me/files/${id}/content`)
      t.match([content.statusCode, content.json().code], [409, 'HUB_FILE_STATE'])
      const before = clamd.scanned
      clamd.mood = 'nonsense'
      while (clamd.scanned < before + 2) await sleep(10)
      t.equal((await hub.get(`/v1/me/files/${id}`)).json().data.state, 'scanning')
      clamd.mood = 'well'
      let now = state
      while (now === 'scanning') now = (await hub.get(`/v1/me/files/${id}`)).json().data.state
      t.equal(now, 'ready', 'tried again')
      t.equal((await remove(hub, id)).statusCode, 204)
      await gone(id)
    })

    t.test('a user has so much room; what nobody uses goes', async (t) => {
      const first = await bring(hub, pdfOf(1.9 * MB), 'application/pdf', 'a.pdf')
      t.equal(first.statusCode, 201)
      const over = await bring(hub, pdfOf(1.9 * MB), 'application/pdf', 'b.pdf')
      t.match([over.statusCode, over.json().code], [422, 'HUB_FILE_QUOTA'])
      t.equal((await bring(hub, png, 'image/png', 'c.png', other)).statusCode, 201, 'somebody else has his own')
      await database('files').update({ expires_at: 1, retry_at: 1 })
      while (await database('files').first()) await sleep(20)
      t.same(within(root), [])
      t.equal((await bring(hub, pdfOf(1.9 * MB), 'application/pdf', 'b.pdf')).statusCode, 201)
    })

    t.test('what was altered in the store does not come out', async (t) => {
      const [path = ''] = within(root)
      const bytes = readFileSync(path)
      bytes[100] = (bytes[100] ?? 0) ^ 1
      writeFileSync(path, bytes)
      const { id } = await database('files').first('id')
      const answer = await hub.get(`/v1/me/files/${id}/content`).catch((error: Error) => error)
      t.ok(answer instanceof Error || !answer.rawPayload.includes('%PDF'), 'cut off or refused')
      await remove(hub, id)
      await gone(id)
    })

    t.test('the files of whoever leaves are gone with him', async (t) => {
      const { id } = (await bring(hub, png, 'image/png', '照片.png')).json().data
      const { erase } = await import('../../../plugins/operations/deregister.ts')
      const userId = people[0]?.id ?? ''
      await database.transaction((transaction) => erase(transaction, hub.app.vault, userId, userId))
      t.equal(await hub.app.files.find({ userId, principal: 'self', enterpriseId: null, represents: false }, id), null)
      await gone(id)
      t.same(within(root), [])
    })
  })
}

t.test('whoever brings a file has the verdict of a sweep that took the file up before him', async (t) => {
  const clamd = await startClamd(t)
  const hub = await build(t, { env: { FILE_SCANNER: clamd.address }, declarations: [] })
  const { files } = hub.app
  const by = { userId: people[0]?.id ?? '', principal: 'self' as const, enterpriseId: null, represents: false }
  const { id } = await files.create({ by, name: 'x', mediaType: 'application/pdf', size: png.length, traceId: trace().traceId })
  await files.content.append(id, Readable.from([png]), 0)
  const swept = files.check(id)
  await files.check(id)
  t.equal((await files.find(by, id))?.state, 'refused')
  await swept
})
