import type { FastifyInstance } from 'fastify'

/** → where browsers find the hub, without a slash at its end; in tests and at a desk, where this process listens. */
export function publicAddress({ settings, server }: FastifyInstance): string {
  if (settings.PUBLIC_URL) return settings.PUBLIC_URL
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : settings.PORT
  return `http://${typeof address === 'object' && address !== null ? '127.0.0.1' : settings.HOST}:${port}`
}
