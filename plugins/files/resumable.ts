import type { Readable } from 'node:stream'
import { DataStore, type Locker, Server, Upload } from '@tus/server'
import { HubError } from '../../core/base/errors.ts'
import type { Acting } from '../access/principal.ts'
import type { Content } from './content.ts'
import type { Files } from './files.ts'
import { assertNew } from './name.ts'
import type { FileRow } from './rows.ts'

export interface ResumableOptions {
  files: Files & { content: Content }
  locker: Locker
  limits: { maxBytes: number; restMs: number }
  /** Where uploads are found. */
  path: string
}

/** What tus asked for, and what it could not have. */
export interface Resumed {
  response: Response
  /** The file concerned, where there is one. */
  id: string | null
  /** Every byte has come. */
  finished: boolean
  error: unknown
}

/**
 * The tus protocol (https://tus.io/protocols/resumable-upload) over the file store, for one owner's request. As
 * a request and a response of the web, so that the answer leaves like every other, its audit row first.
 */
export async function resume(
  { files, locker, limits, path }: ResumableOptions,
  by: Acting,
  traceId: string,
  request: Request,
): Promise<Resumed> {
  const result: Omit<Resumed, 'response'> = { id: null, finished: false, error: null }
  // A connection that breaks off is told at once; what had come of it is still on its way into the store.
  let writing: Promise<unknown> = Promise.resolve()
  const server = new Server({
    path,
    datastore: createStore(files, limits.restMs, by, traceId, {
      concerns(id) {
        result.id = id
      },
      writes(work) {
        writing = work.catch(() => undefined)
      },
    }),
    locker: {
      newLock(id) {
        const lock = locker.newLock(id)
        return { lock: (signal, release) => lock.lock(signal, release), unlock: () => writing.then(() => lock.unlock()) }
      },
    },
    // An old connection that is to let go writes what it has, and no more.
    lockDrainTimeout: 500,
    maxSize: limits.maxBytes,
    relativeLocation: true,
    namingFunction: () => crypto.randomUUID(),
    async onUploadFinish() {
      result.finished = true
      return {}
    },
    onResponseError(_request, error) {
      result.error = error
      return undefined
    },
  })
  const response = await server.handleWeb(request)
  return { ...result, response }
}

/** What a request is told of while it runs. */
interface Notes {
  concerns(id: string): void
  writes(work: Promise<unknown>): void
}

function createStore(files: ResumableOptions['files'], restMs: number, by: Acting, traceId: string, note: Notes): DataStore {
  async function own(id: string): Promise<FileRow> {
    const row = await files.find(by, id)
    // What has come whole or was refused is no upload any more; GET /v1/me/files/:id says what became of it.
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这个文件，请重新上传。' })
    note.concerns(id)
    return row
  }

  class Store extends DataStore {
    override extensions = ['creation', 'creation-with-upload', 'termination', 'expiration']

    override async create(upload: Upload): Promise<Upload> {
      const { id, size = 0, metadata } = upload
      const name = metadata?.['filename'] ?? metadata?.['name'] ?? ''
      const mediaType = metadata?.['filetype'] ?? metadata?.['type'] ?? ''
      assertNew(name, size)
      const row = await files.create({ by, name, mediaType, size, traceId, id })
      note.concerns(id)
      upload.creation_date = new Date(Number(row.created_at)).toISOString()
      return upload
    }

    override async getUpload(id: string): Promise<Upload> {
      const row = await own(id)
      // The rest begins anew with every byte.
      const creation_date = new Date(Number(row.updated_at)).toISOString()
      return new Upload({ id, size: Number(row.size), offset: Number(row.received), creation_date })
    }

    override write(stream: Readable, id: string, offset: number): Promise<number> {
      const work = files.content.append(id, stream, offset)
      note.writes(work)
      return work
    }

    override async remove(id: string): Promise<void> {
      await files.erase(await own(id))
    }

    override getExpiration(): number {
      return restMs
    }
  }
  return new Store()
}
