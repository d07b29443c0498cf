import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CODE } from '../core/base/code.ts'
import type { ConnectorDeclaration } from '../core/contract/types.ts'
import { DeclarationError } from './declarations/check.ts'

const FOLDER = fileURLToPath(new URL('../connectors/', import.meta.url))

/** Imports every `connectors/<id>/index.ts` that has routes; the folder is the list. Throws all mistakes at once. */
export async function loadConnectors(folder = FOLDER): Promise<ConnectorDeclaration[]> {
  return (await readFolder(folder)).filter(({ internal }) => !internal)
}

/** The connectors that the hub itself asks, such as the enterprise registry. */
export async function loadInternalConnectors(folder = FOLDER): Promise<ConnectorDeclaration[]> {
  return (await readFolder(folder)).filter(({ internal }) => internal)
}

/** Those that a hub with these settings serves: invented agencies are there only in its sandbox. */
export function offered(declarations: readonly ConnectorDeclaration[], { sandbox }: { sandbox: boolean }): ConnectorDeclaration[] {
  return declarations.filter(({ sandboxOnly }) => sandbox || !sandboxOnly)
}

async function readFolder(folder: string): Promise<ConnectorDeclaration[]> {
  // A link to a folder is a connector, too: an agency's may be kept elsewhere.
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort()
  const read = await Promise.all(names.map((name) => readOne(folder, name)))
  const violations = read.filter((result) => typeof result === 'string')
  if (violations.length > 0) throw new DeclarationError(violations)
  return read.filter((result) => typeof result !== 'string')
}

/** → the declaration, or what is wrong with the folder. */
async function readOne(folder: string, name: string): Promise<ConnectorDeclaration | string> {
  const file = `${folder}${name}/index${CODE}`
  const at = `${name}: connectors/${name}/index${CODE}`
  if (!existsSync(file)) return `${at} is missing`
  try {
    const { default: declaration } = (await import(pathToFileURL(file).href)) as { default?: ConnectorDeclaration }
    if (!declaration) return `${at} has no default export`
    return declaration.id === name ? declaration : `${name}: the id is ${declaration.id}, but must be the folder's name`
  } catch (error) {
    return `${at} cannot be loaded: ${(error as Error).message}`
  }
}
