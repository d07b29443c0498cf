import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import { CODE } from '../core/base/code.ts'

/** What all kinds of service stand on is in `migrations/`, what one kind keeps in its own folder. */
const PLACES = [`migrations/[0-9]*${CODE}`, `plugins/kinds/*/migrations/*${CODE}`]

/** Those that stand below the root, `<number>-<name>`. A migration that has landed is never edited. → by name, in the order in which they run. */
export async function migrationsIn(root = new URL('../', import.meta.url)): Promise<Record<string, Knex.Migration>> {
  const cwd = fileURLToPath(root)
  const migrations: Record<string, Knex.Migration> = {}
  const found = globSync(PLACES, { cwd }).map((path) => ({ path, name: basename(path, CODE) }))
  for (const { path, name } of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // Of two with one name only one would ever run.
    if (migrations[name]) throw new Error(`two migrations are called ${name}`)
    migrations[name] = (await import(pathToFileURL(`${cwd}${path}`).href)) as Knex.Migration
  }
  return migrations
}
