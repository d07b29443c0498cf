import { S3mini } from 's3mini'
import type { Blobs } from './blobs.ts'

export interface S3Place {
  /** `https://host/bucket` */
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

const PREFIX = 'files'
const ANSWER_MS = 60_000
/** As many objects does one answer list. */
const PAGE = 1000

/** A bucket of anything that speaks S3. Objects are sealed before they go there, so the store learns their sizes alone. */
export function s3Blobs(place: S3Place): Blobs {
  const bucket = new S3mini({ ...place, requestAbortTimeout: ANSWER_MS })
  const key = (name: string) => `${PREFIX}/${name}`

  return {
    async put(name, bytes) {
      const response = await bucket.putObject(key(name), bytes, 'application/octet-stream')
      if (!response.ok) throw new Error(`the file store answered ${response.status}`)
    },
    async get(name) {
      const bytes = await bucket.getObjectArrayBuffer(key(name))
      if (bytes === null) throw new Error('a piece is missing in the file store')
      return Buffer.from(bytes)
    },
    async remove(name) {
      await bucket.deleteObject(key(name))
    },
    async removeAll(fileId) {
      for (;;) {
        const found = (await bucket.listObjects('/', key(`${fileId}/`), PAGE)) ?? []
        if (found.length === 0) return
        await bucket.deleteObjects(found.map(({ Key }) => Key))
        if (found.length < PAGE) return
      }
    },
  }
}
