import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ORIGIN_HEADER, type Registration } from './registration.ts'
import { createAgencyServer, type Serve } from './server.ts'
import { type AgencyStore, openStore } from './store.ts'

/**
 * The process of the agencies' authorization servers, forked by the sandbox ({@link file://./process.ts}). It ends with whoever
 * forked it. Several sandboxes may share it; which is meant, a header says.
 */
export type Order = { open: Registration } | { close: string }
/** Answer to `open` and `close`: the sandbox's origin; before the first, the port. */
export type Report = { port: number } | { done: string }

interface Sandbox {
  readonly registration: Registration
  readonly store: AgencyStore
  readonly servers: Map<string, Serve>
}

const sandboxes = new Map<string, Sandbox>()
const report = (message: Report) => void process.send?.(message)

/** Agencies' servers are made when they are first asked for. */
function serverAt(origin: string, path: string): Serve | null {
  const sandbox = sandboxes.get(origin)
  const [, id = ''] = /^\/agencies\/([a-z0-9-]+)\//.exec(path) ?? []
  const agency = sandbox?.registration.agencies.find((each) => each.id === id)
  if (!sandbox || !agency) return null
  const known = sandbox.servers.get(id)
  if (known) return known
  const created = createAgencyServer(agency, sandbox.registration, sandbox.store)
  sandbox.servers.set(id, created)
  return created
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?', 1)
  const serve = serverAt(String(request.headers[ORIGIN_HEADER]), path)
  if (serve) await serve(request, response, path)
  else response.writeHead(404).end()
}

process.on('message', (order: Order) => {
  const origin = 'open' in order ? order.open.origin : order.close
  if ('open' in order) {
    if (!sandboxes.has(origin))
      sandboxes.set(origin, { registration: order.open, store: openStore(order.open.dataDir), servers: new Map() })
  } else {
    sandboxes.get(origin)?.store.close()
    sandboxes.delete(origin)
  }
  report({ done: origin })
})
process.once('disconnect', () => process.exit(0))
// A terminal interrupts the whole group; the hub still answers its last calls with these servers.
process.on('SIGINT', () => undefined)

const server = createServer((request, response) => {
  route(request, response).catch(() => request.socket.destroy())
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => report({ port: (server.address() as AddressInfo).port }))
