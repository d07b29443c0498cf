import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the pieces of files lie. A place is `<id>/<id>`, both of the hub's making; a piece is written once and never changed. */
export interface Blobs {
  /** Durable once resolved. Rejects where the store could not take it. */
  put(place: string, bytes: Buffer): Promise<void>
  get(place: string): Promise<Buffer>
  /** Also where there is none. */
  remove(place: string): Promise<void>
  /** Removes what is left of a file, pieces that were never counted included. */
  removeAll(fileId: string): Promise<void>
}

/** A folder that the hub alone reads. A piece is there whole or not at all. */
export function diskBlobs(root: string): Blobs {
  // Many folders of few files rather than one of many.
  const folder = (fileId: string) => join(root, fileId.slice(0, 2), fileId)
  const path = (place: string) => {
    const [fileId = '', piece = ''] = place.split('/')
    return join(folder(fileId), piece)
  }

  return {
    async put(place, bytes) {
      const target = path(place)
      await mkdir(join(target, '..'), { recursive: true, mode: 0o700 })
      const temporary = `${target}.${randomUUID()}`
      try {
        const file = await open(temporary, 'wx', 0o600)
        try {
          await file.writeFile(bytes)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, target)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    get: (place) => readFile(path(place)),
    remove: (place) => rm(path(place), { force: true }),
    removeAll: (fileId) => rm(folder(fileId), { recursive: true, force: true }),
  }
}
