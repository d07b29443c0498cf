import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createLeases } from '../../core/base/leases.ts'
import { createQueue, type Queue, timerWaker } from '../queue/queue.ts'
import { type Blobs, diskBlobs } from './blobs.ts'
import { createFileWork, defaultFilePace, type FilePace } from './check.ts'
import { type Content, createContent } from './content.ts'
import { createFiles, type Files } from './files.ts'
import type { FileRow } from './rows.ts'
import { s3Blobs } from './s3.ts'
import { clamdScan, type Scan } from './scanner.ts'

declare module 'fastify' {
  interface FastifyInstance {
    files: Files & {
      readonly content: Content
      readonly leases: ReturnType<typeof createLeases<FileRow>>
      /** False where the operator has set up no scanner and has not said that there is to be none. */
      readonly open: boolean
      readonly limits: { readonly maxBytes: number; readonly restMs: number }
      /** Checks a file now rather than in the background; a file that cannot be checked now is tried again there. */
      check(id: string): Promise<void>
    }
  }
}

const MB = 1024 ** 2
const HOUR_MS = 3_600_000
const GRACE_MS = 10_000
const WORDS = { id: 'file', interrupted: '文件检查中断，稍后继续', unreadable: '待检查的文件读取失败' }

/** Users' files: sealed in the store, checked before anybody uses them, gone when nobody does. */
export default fp<{ pace?: Partial<FilePace> }>(
  async (app, { pace = {} }) => {
    const { database, vault, settings, log, sandbox } = app
    const given = { ...defaultFilePace, ...pace }
    const leases = createLeases<FileRow>(database, 'files')
    const blobs = blobsOf(app)
    const limits = {
      mediaTypes: new Set(settings.FILE_MEDIA_TYPES.split(',')),
      maxBytes: settings.FILE_MAX_MB * MB,
      quotaBytes: settings.FILE_QUOTA_MB * MB,
      restMs: settings.FILE_UPLOAD_HOURS * HOUR_MS,
    }
    const content = createContent({ database, vault, blobs, restMs: limits.restMs })
    const scan: Scan | null = /^(unix|tcp):/.test(settings.FILE_SCANNER) ? clamdScan(settings.FILE_SCANNER) : null
    const keepMs = settings.FILE_KEEP_HOURS * HOUR_MS
    const { due, work } = createFileWork({ database, leases, blobs, content, scan, keepMs, pace: given, log })
    // A request that waits for its file's verdict waits for the step that the sweep has taken up before it.
    const underWay = new Map<string, Promise<number | null>>()
    const step = (id: string) => {
      const run: Promise<number | null> = work(id).finally(() => {
        if (underWay.get(id) === run) underWay.delete(id)
      })
      underWay.set(id, run)
      return run
    }
    app.jobs.add({ name: 'files', title: '文件的检查与清理', table: 'files', dueColumn: 'retry_at' })
    // A command that builds the hub without running it checks nothing.
    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      queue = createQueue({ waker: timerWaker(given.sweepMs), concurrency: 2, sweepMs: given.sweepMs, due, work: step, log, words: WORDS })
    })
    app.addHook('onClose', async () => queue?.close(GRACE_MS))
    const wake = (id: string, dueAt: number) => queue?.wake(id, dueAt)
    const files = createFiles({ database, vault, content, limits, wake })
    app.decorate('files', {
      ...files,
      content,
      leases,
      limits,
      open: scan !== null || settings.FILE_SCANNER === 'off' || sandbox !== null,
      async check(id: string) {
        const earlier = underWay.get(id)
        if (earlier) await earlier.catch(() => undefined)
        const next = await step(id)
        if (next !== null) wake(id, next)
      },
    })
  },
  { name: 'files', dependencies: ['settings', 'database', 'jobs', 'sandbox', 'auth'] },
)

function blobsOf({ settings }: FastifyInstance): Blobs {
  const { FILE_STORE, DATA_DIR, FILE_S3_REGION, FILE_S3_KEY_ID, FILE_S3_SECRET } = settings
  if (!/^https?:/.test(FILE_STORE)) return diskBlobs(FILE_STORE || join(DATA_DIR, 'files'))
  return s3Blobs({ endpoint: FILE_STORE, region: FILE_S3_REGION, accessKeyId: FILE_S3_KEY_ID, secretAccessKey: FILE_S3_SECRET })
}
