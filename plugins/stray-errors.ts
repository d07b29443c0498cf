import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import fp from 'fastify-plugin'

/** What a connector's own code threw where nobody was there to catch it. */
export interface Stray {
  readonly message: string
  /** Epoch milliseconds of the last one. */
  readonly at: number
  readonly count: number
}

export interface StrayErrors {
  /** Takes an error that nobody caught. → whether a connector's code threw it; any other is for the process to die of. */
  take(error: unknown): boolean
  /** By connector. */
  list(): ReadonlyMap<string, Stray>
}

declare module 'fastify' {
  interface FastifyInstance {
    strayErrors: StrayErrors
  }
}

/**
 * A timer or a promise of a connector's own that fails is that connector's trouble: it is logged and shows in its health, and
 * the process goes on. Whose it is says the innermost place in the stack that is a file.
 */
export default fp(
  async (app) => {
    const found = new Map<string, Stray>()
    app.decorate('strayErrors', {
      take(error) {
        const place = placeOf(error)
        const [name] = [...app.connectorPlaces].find(([, folder]) => place?.startsWith(folder + sep)) ?? []
        if (name === undefined) return false
        const [id = name, candidate] = name.split('@')
        const { message } = error as Error
        // The running version is well while its candidate is not.
        if (candidate === undefined) found.set(id, { message, at: Date.now(), count: (found.get(id)?.count ?? 0) + 1 })
        app.log.error({ err: error, connector: name }, '连接器的代码出错，无人处理')
        return true
      },
      list: () => found,
    })
  },
  { name: 'stray-errors', dependencies: ['connectors'] },
)

/** → the file in which an error arose; null for what has no stack. What the message says is no place. */
function placeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const { stack = '', message } = error
  const frames = stack.slice(Math.max(0, stack.indexOf(message)) + message.length)
  for (const line of frames.split('\n')) {
    const place = fileIn(line)
    if (place !== null) return place
  }
  return null
}

/** The file of a frame as V8 writes it: `at f (file:///a/b.js:9:4)`, `at /a/b.js:9:4`. */
function fileIn(frame: string): string | null {
  const inner = frame.slice(frame.lastIndexOf('(') + 1).trim()
  const [column, line, ...rest] = inner.replace(/^at /, '').replace(/\)$/, '').split(':').reverse()
  if (!/^\d+$/.test(column ?? '') || !/^\d+$/.test(line ?? '')) return null
  const place = rest.reverse().join(':')
  if (place.startsWith('file://')) return fileURLToPath(place)
  return place.startsWith('/') ? place : null
}
