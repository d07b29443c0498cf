import Bull from 'bull'
import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from '../../core/base/log.ts'
import { type QueueOptions, type Waker, within } from './queue.ts'

export interface BullOptions {
  /** `redis://…` or `rediss://…` */
  redisUrl: string
  /** Keeps hubs apart that share a Redis. */
  name: string
  concurrency: number
  log: Pick<Log, 'info' | 'warn'>
}

/** Closing waits this long for bull to let go of Redis, then takes the connections away. */
const LEAVE_MS = 2000

/**
 * Wake-ups through bull, so that the processes of a hub share the work. A job holds a submission's id
 * and nothing else; its own id names the due time too, so that several processes add it only once.
 * While Redis is away nothing is queued up here: the sweep finds the work.
 */
export function bullWaker({ redisUrl, name, concurrency, log }: BullOptions): QueueOptions['waker'] {
  return (start): Waker => {
    const clients: Redis[] = []
    let away = false
    let closed = false
    let leaving = false

    function createClient(type: string, options: RedisOptions = {}): Redis {
      const blocking = type !== 'client'
      const client = new Redis(redisUrl, {
        ...options,
        enableReadyCheck: false,
        maxRetriesPerRequest: null,
        enableOfflineQueue: blocking,
        retryStrategy: (times: number) => (closed ? null : Math.min(times * 100, 2000)),
      })
      // bull reconnects while it is being closed, and hears what came of it only once its last job has ended.
      client.on('connect', () => leaving && client.disconnect())
      const connect = client.connect.bind(client)
      client.connect = (done) =>
        connect(done).catch((error: unknown) => {
          if (!leaving) throw error
        })
      clients.push(client)
      return client
    }

    const queue = new Bull<{ id: string }>('submissions', {
      prefix: `{hub:${name}}`,
      createClient: createClient as NonNullable<Bull.QueueOptions['createClient']>,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      // Without it bull asks Redis for its version before Redis is there.
      ...{ skipVersionCheck: true },
    })
    queue.on('error', trouble)
    // bull counts on its connection from the first command, so it starts once there is one.
    queue.client.once('ready', () => {
      if (!closed) queue.process(concurrency, ({ data }) => start(data.id)).catch(trouble)
    })
    queue.client.on('ready', () => {
      if (away) log.info('Redis 已恢复连接')
      away = false
    })

    function trouble(error: Error): void {
      if (away || closed) return
      away = true
      log.warn({ code: (error as NodeJS.ErrnoException).code ?? error.name }, 'Redis 连接中断，改由定时扫描继续办理')
    }

    return {
      mode: 'bull',
      get ok() {
        return queue.client.status === 'ready'
      },
      wake(id, dueAt) {
        const wait = Math.max(0, dueAt - Date.now())
        queue.add({ id }, { jobId: `${id}.${dueAt}`, delay: wait }).catch(trouble)
      },
      async close() {
        closed = true
        // What bull has already asked a connection that is still being made would be rejected with nobody listening.
        await within(Promise.all(clients.map(connected)), LEAVE_MS)
        leaving = true
        const left = queue.close().catch(() => {})
        // A blocking read would hold the close up until it times out.
        for (const client of clients) if ((client as { blocked?: boolean }).blocked) client.disconnect()
        await within(left, LEAVE_MS)
        for (const client of clients) client.disconnect()
      },
    }
  }
}

/** A connection is being made, for the first time or again. */
const UNDER_WAY = new Set(['connecting', 'connect', 'close', 'reconnecting'])

/** Resolves once a connection is made, or has failed; at once where none is being made. */
function connected(client: Redis): Promise<void> {
  if (!UNDER_WAY.has(client.status)) return Promise.resolve()
  return new Promise((resolve) => {
    for (const event of ['ready', 'close', 'end']) client.once(event, resolve)
  })
}
