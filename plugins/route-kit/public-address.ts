import type { FastifyInstance } from 'fastify'
import { listening } from '../web/listening.ts'

/** → where browsers find the hub, without a slash at its end; in tests and at a desk, where this process listens. */
export function publicAddress(app: FastifyInstance): string {
  const { PUBLIC_URL, HOST, PORT } = app.settings
  return PUBLIC_URL || (listening(app) ?? `http://${HOST}:${PORT}`)
}
