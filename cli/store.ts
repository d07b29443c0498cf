import { readSettings } from '../config/settings.ts'
import { type Database, openDatabase } from '../core/base/database.ts'

/** The hub's own store, closed again whatever becomes of the work. */
export async function withDatabase(work: (database: Database) => Promise<number>): Promise<number> {
  const { DATABASE_URL, DATA_DIR } = readSettings()
  const database = openDatabase({ url: DATABASE_URL, dataDir: DATA_DIR })
  try {
    return await work(database)
  } finally {
    await database.destroy()
  }
}
