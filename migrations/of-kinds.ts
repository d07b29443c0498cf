import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import { CODE } from '../core/base/code.ts'

/** Those of kinds that keep data stand in the kind's own folder: `plugins/kinds/<kind>/migrations/<number>-<name>`. → by name. */
export async function migrationsOfKinds(folder = new URL('../plugins/kinds/', import.meta.url)): Promise<Record<string, Knex.Migration>> {
  const cwd = fileURLToPath(folder)
  const migrations: Record<string, Knex.Migration> = {}
  for (const path of globSync(`*/migrations/*${CODE}`, { cwd })) {
    const name = basename(path, CODE)
    // Of two with one name only one would ever run.
    if (migrations[name]) throw new Error(`two kinds have a migration ${name}`)
    migrations[name] = (await import(pathToFileURL(`${cwd}${path}`).href)) as Knex.Migration
  }
  return migrations
}
