import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { build } from '../../helper/hub.ts'
import { auditOf, trace } from '../../helper/queries.ts'
import { metadata, tus } from '../../helper/tus.ts'

t.test('whoever goes away in the middle of a file, or wants what is not offered, makes no fault of the hub’s', async (t) => {
  const hub = await build(t, { declarations: [] })
  const base = await hub.app.listen({ port: 0, host: '127.0.0.1' })
  const token = await hub.token()
  const { traceId, headers } = trace()
  const head = [
    'POST /v1/me/files?name=a.pdf HTTP/1.1',
    'host: hub.invalid',
    `authorization: Bearer ${token}`,
    `traceparent: ${headers.traceparent}`,
    'content-type: application/pdf',
    'content-length: 2000',
  ]
  const socket = connect(Number(new URL(base).port), '127.0.0.1').on('error', () => undefined)
  socket.write(`${head.join('\r\n')}\r\n\r\n%PDF-1.7`)
  while (!(await hub.app.database('files').where({ trace_id: traceId }).first())) await sleep(20)
  socket.destroy()
  let rows = await auditOf(hub, traceId)
  for (; rows.length === 0; rows = await auditOf(hub, traceId)) await sleep(20)
  t.match(rows, [{ outcome: 'HUB_REQUEST_TIMEOUT' }])

  const named = { 'upload-metadata': metadata({ filename: 'a', filetype: 'video/mp4' }) }
  for (const further of [{ 'upload-defer-length': 1 }, { 'upload-length': 5, 'upload-concat': 'partial' }]) {
    const { status, body } = await tus(base, 'POST', '/v1/me/uploads', { token, headers: { ...named, ...further } })
    t.match([status, JSON.parse(body).code], [400, 'HUB_VALIDATION'], Object.keys(further).join())
  }
})
