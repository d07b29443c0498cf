import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { s3Blobs } from '../../../plugins/files/s3.ts'

/** As much of S3 as the hub asks for: objects by key, and a list of those with a prefix. */
async function startBucket() {
  const objects = new Map<string, Buffer>()
  const seen: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://bucket')
    const key = decodeURIComponent(url.pathname.replace(/^\/bucket\/?/, ''))
    seen.push(String(request.headers.authorization))
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      if (request.method === 'PUT') {
        objects.set(key, body)
        return response.setHeader('etag', '"1"').end()
      }
      if (request.method === 'DELETE') {
        objects.delete(key)
        return response.writeHead(204).end()
      }
      if (request.method === 'POST') {
        for (const [, name = ''] of body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)) objects.delete(name)
        return response.end('<?xml version="1.0"?><DeleteResult></DeleteResult>')
      }
      if (key === '') {
        const prefix = url.searchParams.get('prefix') ?? ''
        const found = [...objects.keys()].filter((name) => name.startsWith(prefix))
        const rows = found.map(
          (name) =>
            `<Contents><Key>${name}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified><ETag>"1"</ETag></Contents>`,
        )
        return response.end(
          `<?xml version="1.0"?><ListBucketResult><KeyCount>${found.length}</KeyCount><IsTruncated>false</IsTruncated>${rows.join('')}</ListBucketResult>`,
        )
      }
      const held = objects.get(key)
      return held ? response.end(held) : response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket`
  return { objects, seen, endpoint, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) }
}

t.test('pieces lie in a bucket as they do in a folder', async (t) => {
  const bucket = await startBucket()
  t.teardown(bucket.close)
  const blobs = s3Blobs({ endpoint: bucket.endpoint, region: 'auto', accessKeyId: 'invented-id', secretAccessKey: 'invented-secret' })
  const file = randomUUID()
  const [first, second] = [`${file}/${randomUUID()}`, `${file}/${randomUUID()}`]
  const bytes = Buffer.from([0, 255, 1, 254, 13, 10])
  await blobs.put(first, bytes)
  await blobs.put(second, Buffer.from('b'))
  const other = `${randomUUID()}/${randomUUID()}`
  await blobs.put(other, Buffer.from('c'))
  t.ok((await blobs.get(first)).equals(bytes))
  t.match(bucket.seen[0], /^AWS4-HMAC-SHA256 Credential=invented-id\/\d{8}\/auto\/s3\/aws4_request/)
  t.same(
    [...bucket.objects.keys()].filter((key) => !key.startsWith('files/')),
    [],
    'in a place of their own',
  )
  await blobs.remove(second)
  await t.rejects(blobs.get(second), 'gone')
  await blobs.remove(second)
  await blobs.removeAll(file)
  t.same([...bucket.objects.keys()], [`files/${other}`])
  await bucket.close()
  await t.rejects(blobs.put(first, bytes), 'a store that is away has not taken it')
})
