import type { FastifyInstance } from 'fastify'

/** Where this process listens, for who is on the same machine; null while it doesn't. */
export function listening({ server }: Pick<FastifyInstance, 'server'>): string | null {
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : null
}
