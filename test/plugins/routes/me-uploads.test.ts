import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createLocker } from '../../../plugins/files/locker.ts'
import { startClamd } from '../../helper/clamd.ts'
import { pdfOf, png, sha256 } from '../../helper/file-bytes.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { targets } from '../../helper/targets.ts'
import { breakOff, metadata, tus } from '../../helper/tus.ts'
import { found } from '../../helper/waiting.ts'

const PATH = '/v1/me/uploads'
const MB = 1024 ** 2

async function begin(
  base: string,
  token: string,
  bytes: Buffer,
  names: Record<string, string> = { filename: '录像.pdf', filetype: 'application/pdf' },
) {
  const answer = await tus(base, 'POST', PATH, { token, headers: { 'upload-length': bytes.length, 'upload-metadata': metadata(names) } })
  return { ...answer, path: answer.headers.location ?? '' }
}

const offsetOf = async (base: string, token: string, path: string) => {
  const answer = await tus(base, 'HEAD', path, { token })
  return { status: answer.status, offset: Number(answer.headers['upload-offset']) }
}

async function checked(hub: Hub, path: string) {
  const look = async () => (await hub.get(path.replace('uploads', 'files'))).json().data
  return found(look, ({ state }) => state !== 'uploading' && state !== 'scanning')
}

for (const target of targets) {
  t.test(target.name, async (whole) => {
    const t = whole
    const clamd = await startClamd(t)
    const created = await target.create()
    t.teardown(() => created.drop())
    const options = {
      store: created.settings,
      env: { FILE_SCANNER: clamd.address },
      declarations: [],
      filePace: { baseMs: 20, sweepMs: 50 },
    }
    let hub = await build(t, options)
    let base = await hub.app.listen({ port: 0, host: '127.0.0.1' })
    const token = await hub.token()

    t.test('an upload that is killed at random points, in the hub’s restart too, resumes and is whole', async (t) => {
      const bytes = pdfOf(5 * MB)
      const { status, path, headers } = await begin(base, token, bytes)
      t.equal(status, 201)
      t.match(path, /^\/v1\/me\/uploads\/[0-9a-f-]{36}$/)
      t.equal(headers['tus-resumable'], '1.0.0')
      let { offset } = await offsetOf(base, token, path)
      t.equal(offset, 0)
      let kept = 0
      for (let round = 0; round < 4; round++) {
        const rest = bytes.subarray(offset)
        const isRude = round % 2 === 1
        const cut = Math.min(rest.length - 1, (isRude ? 1 : MB / 2) + Math.floor(Math.random() * MB))
        await breakOff(base, path, token, offset, rest, cut, isRude)
        if (round === 1) {
          await hub.app.close()
          hub = await build(whole, options)
          base = await hub.app.listen({ port: 0, host: '127.0.0.1' })
        }
        const now = await offsetOf(base, token, path)
        t.equal(now.status, 200)
        t.ok(now.offset >= offset, `goes on from ${now.offset}`)
        if (now.offset > offset) kept++
        offset = now.offset
      }
      t.ok(kept > 0, 'what came is not sent again')
      const wrong = await tus(base, 'PATCH', path, { token, headers: { 'upload-offset': offset + 1 }, body: Buffer.alloc(1) })
      t.match([wrong.status, JSON.parse(wrong.body).code], [409, 'HUB_FILE_STATE'])
      // As clients do: ask where, go on from there, and ask again where the last of an old connection came in between.
      const goOn = async (share: number): Promise<number> => {
        const { offset: from } = await offsetOf(base, token, path)
        const rest = bytes.subarray(from)
        const body = rest.subarray(0, Math.ceil(rest.length * share))
        const answer = await tus(base, 'PATCH', path, { token, headers: { 'upload-offset': from }, body })
        if (answer.status === 409) return goOn(share)
        t.match([answer.status, Number(answer.headers['upload-offset'])], [204, from + body.length])
        return from + body.length
      }
      t.ok((await goOn(0.5)) < bytes.length)
      t.equal(await goOn(1), bytes.length)
      t.match(await checked(hub, path), { name: '录像.pdf', state: 'ready', size: bytes.length, sha256: sha256(bytes), scanned: 'clean' })
      const content = await hub.get(`${path.replace('uploads', 'files')}/content`)
      t.equal(sha256(content.rawPayload), sha256(bytes))

      const rows: { service: string; record: string }[] = await hub.app
        .database('audit_rows')
        .where({ connector: 'hub' })
        .select('service', 'record')
      const id = path.split('/').at(-1) ?? ''
      const own = rows.filter(({ record }) => record.includes(id)).map(({ service }) => service)
      for (const service of ['me.uploads.begin', 'me.uploads.read', 'me.uploads.go-on'])
        t.ok(own.includes(service), `${service} is on record`)
    })

    t.test('nobody else’s, no lie, not too much', async (t) => {
      const bytes = pdfOf(1000)
      const { path } = await begin(base, token, bytes)
      const foreign = await hub.token({ person: 2 })
      t.equal((await tus(base, 'HEAD', path, { token: foreign })).status, 404)
      const stolen = await tus(base, 'PATCH', path, { token: foreign, headers: { 'upload-offset': 0 }, body: bytes })
      t.match([stolen.status, JSON.parse(stolen.body).code], [404, 'HUB_NO_RECORD'])
      t.equal((await tus(base, 'DELETE', path, { token: foreign })).status, 404)
      t.equal((await tus(base, 'HEAD', path, { token: 'none' })).status, 401)
      t.same(await offsetOf(base, token, path), { status: 200, offset: 0 })
      const over = await tus(base, 'PATCH', path, { token, headers: { 'upload-offset': 0 }, body: Buffer.concat([bytes, bytes]) })
      t.match([over.status, JSON.parse(over.body).code], [413, 'HUB_BODY_TOO_LARGE'])
      t.equal((await tus(base, 'DELETE', path, { token })).status, 204)
      t.equal((await tus(base, 'HEAD', path, { token })).status, 404)

      const lie = await begin(base, token, png)
      t.equal((await tus(base, 'PATCH', lie.path, { token, headers: { 'upload-offset': 0 }, body: png })).status, 204)
      t.match(await checked(hub, lie.path), { state: 'refused', refusal: /类型/ })
      const refused = await hub.get(`${lie.path.replace('uploads', 'files')}/content`)
      t.equal(refused.statusCode, 409)

      const cases: [string, Record<string, string | number>, number, string][] = [
        [
          'over the limit',
          { 'upload-length': 4097 * MB, 'upload-metadata': metadata({ filename: 'a', filetype: 'video/mp4' }) },
          413,
          'HUB_BODY_TOO_LARGE',
        ],
        ['over the quota', { 'upload-length': 4096 * MB, 'upload-metadata': metadata({ filename: 'a', filetype: 'video/mp4' }) }, 201, ''],
        ['empty', { 'upload-length': 0, 'upload-metadata': metadata({ filename: 'a', filetype: 'video/mp4' }) }, 400, 'HUB_VALIDATION'],
        ['without a name', { 'upload-length': 5 }, 400, 'HUB_VALIDATION'],
        [
          'a program',
          { 'upload-length': 5, 'upload-metadata': metadata({ filename: 'a', filetype: 'application/x-msdownload' }) },
          415,
          'HUB_MEDIA_TYPE',
        ],
        ['without a length', { 'upload-metadata': metadata({ filename: 'a', filetype: 'video/mp4' }) }, 400, 'HUB_VALIDATION'],
        [
          'a length that is said later, which is not offered',
          { 'upload-defer-length': 1, 'upload-metadata': metadata({ filename: 'a', filetype: 'video/mp4' }) },
          400,
          'HUB_VALIDATION',
        ],
        ['another protocol', { 'upload-length': 5, 'tus-resumable': '0.2.2' }, 400, 'HUB_VALIDATION'],
      ]
      for (const [what, headers, status, code] of cases) {
        const answer = await tus(base, 'POST', PATH, { token, headers })
        t.match([answer.status, answer.body === '' ? '' : JSON.parse(answer.body).code], [status, code], what)
        t.equal(answer.headers['tus-resumable'], '1.0.0')
      }
      const again = { 'upload-length': 4096 * MB, 'upload-metadata': metadata({ filename: 'b', filetype: 'video/mp4' }) }
      t.match(JSON.parse((await tus(base, 'POST', PATH, { token, headers: again })).body), { code: 'HUB_FILE_QUOTA' })
    })

    t.test('one writer at a time, whichever process it is in', async (t) => {
      const { path } = await begin(base, token, pdfOf(10))
      const id = path.split('/').at(-1) ?? ''
      const pace = { leaseMs: 5000, lookMs: 10, waitMs: 5000 }
      // Two lockers that share nothing but the store, as two processes do.
      const [one, two] = [
        createLocker(hub.app.database, hub.app.files.leases, pace),
        createLocker(hub.app.database, hub.app.files.leases, pace),
      ]
      const never = new AbortController().signal
      const first = one.newLock(id)
      const asked = new Promise<void>((resolve) => void first.lock(never, resolve))
      while (!(await hub.app.files.leases.find(id))?.lease_owner) await sleep(5)
      const second = two.newLock(id)
      let has = false
      const waiting = second
        .lock(never, () => undefined)
        .then(() => {
          has = true
        })
      await asked
      t.notOk(has, 'the holder is asked to let go, and has not yet')
      await first.unlock()
      await waiting
      await second.unlock()
      const dead = createLocker(hub.app.database, hub.app.files.leases, { ...pace, leaseMs: 50, lookMs: 10_000 })
      await dead.newLock(id).lock(never, () => undefined)
      await second.lock(never, () => undefined)
      t.pass('a process that died holds nothing for long')
      await second.unlock()
    })
  })
}
