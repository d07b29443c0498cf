import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** An onRequest hook: a token is not needed, but where there is one it must be good, and the call leaves a row in the evidence. */
export function knownCaller(app: FastifyInstance, service: string, purpose: string) {
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    if (request.headers.authorization === undefined) done()
    else {
      Object.assign(request.audit, { due: true, connector: 'hub', service, purpose })
      app.authenticate(request, reply, done)
    }
  }
}
