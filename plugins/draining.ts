import type { ServerResponse } from 'node:http'
import { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** How the process leaves its place in good order, before `close` ends what is still there. */
    draining: {
      /** From then on `/health/ready` answers 503, so that the proxy in front sends calls elsewhere. */
      readonly begun: boolean
      /**
       * Says that it leaves, takes calls for `DRAIN_SECONDS` more, then no connection, and waits until what is under way is
       * answered: `STOP_SECONDS` at most. → how many requests are still without an answer.
       */
      run(): Promise<number>
    }
  }
}

/** For so long nothing may come any more over connections that are there. */
const QUIET_MS = 200

/** Knows the answers under way, and lets the process leave without one of them being cut off. */
export default fp(
  async (app) => {
    const { drainSeconds, STOP_SECONDS } = app.settings
    const underWay = new Set<ServerResponse>()
    let begun = false
    let tellIdle = () => {}
    const whenIdle = () =>
      new Promise<void>((resolve) => {
        tellIdle = resolve
        if (underWay.size === 0) resolve()
      })

    app.addHook('onRequest', (_request, { raw }, done) => {
      if (begun) raw.shouldKeepAlive = false
      underWay.add(raw)
      // Also of a client that has left, and of an answer that is written past Fastify.
      raw.once('close', () => {
        underWay.delete(raw)
        if (underWay.size === 0) tellIdle()
      })
      done()
    })

    async function run(): Promise<number> {
      begun = true
      // A connection that is kept would be used again when the process is gone.
      for (const raw of underWay) raw.shouldKeepAlive = false
      await wait(drainSeconds * 1000)
      // Whoever connects now is refused at once and goes elsewhere. Of net, for that of http also cuts off who has connected and whose
      // request is not read yet.
      Server.prototype.close.call(app.server)
      const end = Date.now() + STOP_SECONDS * 1000
      do {
        await Promise.race([whenIdle(), wait(end - Date.now())])
        await wait(QUIET_MS)
      } while (underWay.size > 0 && Date.now() < end)
      return underWay.size
    }

    app.decorate('draining', {
      get begun() {
        return begun
      },
      run,
    })
  },
  { name: 'draining', dependencies: ['settings'] },
)

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Ends a hub that was told to: in good order on SIGTERM; whoever sits at the terminal (SIGINT) waits for nobody. */
export async function leave(app: FastifyInstance, signal: NodeJS.Signals): Promise<void> {
  app.log.info({ signal }, 'stopping')
  const unanswered = signal === 'SIGTERM' ? await app.draining.run() : 0
  if (unanswered > 0) app.log.warn({ unanswered }, '停机时限已到，仍有请求没有答完')
  await app.close()
}
