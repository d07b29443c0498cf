import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

/** What the hub is measured against: everything through, nothing looked at. */
const app = Fastify({ logger: false })
await app.register(proxy, { upstream: process.env['BENCH_UPSTREAM'] ?? '' })
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
