import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is left of a refusal when nothing is asked, noted or said but 503: Node's own part of it. */
const body = Buffer.from(JSON.stringify({ type: '/problems/HUB_UPSTREAM_BUSY', status: 503, detail: 'x'.repeat(300) }))
const server = createServer((_request, response) => {
  response
    .writeHead(503, { 'content-type': 'application/problem+json; charset=utf-8', 'content-length': body.length, 'retry-after': '1' })
    .end(body)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
