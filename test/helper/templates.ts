import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '../../migrations/index.ts'
import { openDatabase } from '../../plugins/store/open.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/hub-tests/', import.meta.url))

/** Tells the schema by the text of the migrations that make it. */
export const schemaName = globSync(['migrations/*.ts', 'plugins/kinds/*/migrations/*.ts'], { cwd: ROOT })
  .sort()
  .reduce((hash, file) => hash.update(file).update(readFileSync(join(ROOT, file))), createHash('sha256'))
  .digest('hex')
  .slice(0, 10)

/** Puts an embedded store with every migration and no row into the folder: a copy, as migrating takes longer than most tests. */
export async function copyStore(folder: string): Promise<void> {
  const template = join(CACHE, `${schemaName}.sqlite`)
  if (!existsSync(template)) await makeTemplate(template)
  const file = join(folder, 'hub.sqlite')
  copyFileSync(template, file)
  chmodSync(file, 0o600)
}

async function makeTemplate(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-template-'))
  const database = openDatabase({ url: '', dataDir: folder })
  await migrate(database)
  await database.destroy()
  mkdirSync(CACHE, { recursive: true })
  // Renamed at last: another process sees all of it or nothing.
  const ready = `${path}.${randomBytes(4).toString('hex')}`
  copyFileSync(join(folder, 'hub.sqlite'), ready)
  renameSync(ready, path)
  rmSync(folder, { recursive: true, force: true })
}
