import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CODE } from '../core/base/code.ts'
import type { ConnectorDeclaration } from '../core/contract/types.ts'
import { admit, admitCandidates, type Found, type Loaded } from './admission.ts'
import { locatePackage, type NamedPackage, offerApi, readPackageList } from './connector-package.ts'
import { DeclarationError } from './declarations/check.ts'
import { importTrouble, wordsOf } from './import-trouble.ts'
import { PackageTrouble, type RefusalCause } from './refusal-causes.ts'

const FOLDER = fileURLToPath(new URL('../connectors/', import.meta.url))
/** Far more than a file takes on a busy machine: one that waits for something at its top never ends. */
const IMPORT_MS = 30_000

export interface Sources {
  /** Default: the hub's own `connectors/`. */
  folder?: string
  packages?: readonly NamedPackage[]
  /** Second versions: packages, or folders where the name begins with `.` or `/`. */
  candidates?: readonly NamedPackage[]
  /** Where `node_modules` and the lock file are. Default: the working directory, as for `.env`. */
  root?: string
  /** How long a file may take; for tests. */
  importMs?: number
}

/** Imports every `connectors/<id>/index.ts` that has routes; the folder is the list. Throws all mistakes at once. */
export async function loadConnectors(folder = FOLDER): Promise<ConnectorDeclaration[]> {
  return whole(await readFolder(folder)).filter(({ internal }) => !internal)
}

/** The connectors that the hub itself asks, such as the enterprise registry. */
export async function loadInternalConnectors(folder = FOLDER): Promise<ConnectorDeclaration[]> {
  return whole(await readFolder(folder)).filter(({ internal }) => internal)
}

/** What a hub can start with: one connector that is not sound is set aside, with what is wrong, and takes no other down. */
export async function readConnectors(sources: Sources = {}): Promise<Loaded> {
  const { folder = FOLDER, packages = [], candidates = [], root = process.cwd(), importMs = IMPORT_MS } = sources
  const fromPackages = await Promise.all(packages.map((named) => readPackage(root, named, 'CONNECTOR_PACKAGES', importMs)))
  const loaded = admit([...(await readFolder(folder, importMs)), ...fromPackages])
  return admitCandidates(loaded, await Promise.all(candidates.map((named) => readCandidate(root, named, importMs))))
}

/** The same, as the hub with these settings would: for commands. */
export function readConfigured({ CONNECTOR_PACKAGES }: { CONNECTOR_PACKAGES: string }): Promise<Loaded> {
  return readConnectors({ packages: readPackageList(CONNECTOR_PACKAGES) })
}

/** Those that a hub with these settings serves: invented agencies are there only in its sandbox. */
export function offered(declarations: readonly ConnectorDeclaration[], { sandbox }: { sandbox: boolean }): ConnectorDeclaration[] {
  return declarations.filter(({ sandboxOnly }) => sandbox || !sandboxOnly)
}

function whole(found: readonly Found[]): ConnectorDeclaration[] {
  const violations = found.flatMap(({ trouble }) => trouble ?? [])
  if (violations.length > 0) throw new DeclarationError(violations)
  return found.flatMap(({ declaration }) => declaration ?? [])
}

async function readFolder(folder: string, importMs = IMPORT_MS): Promise<Found[]> {
  // A link to a folder is a connector, too: an agency's may be kept elsewhere.
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort()
  return Promise.all(names.map((name) => readOne(folder, name, importMs)))
}

async function readOne(folder: string, name: string, importMs: number): Promise<Found> {
  const file = `${folder}${name}/index${CODE}`
  const source = `connectors/${name}/index${CODE}`
  const refuse = (cause: RefusalCause, problem: string): Found => {
    return { id: name, source, place: `${folder}${name}`, declaration: null, trouble: `${name}: ${problem}`, cause }
  }
  if (!existsSync(file)) return refuse('missing', `${source} is missing`)
  try {
    const declaration = await importDefault(file, importMs)
    if (!declaration) return refuse('empty', `${source} has no default export`)
    if (declaration.id !== name) return refuse('id', `the id is ${declaration.id}, but must be the folder's name`)
    return { id: name, source, place: realpathSync(`${folder}${name}`), declaration, trouble: null }
  } catch (error) {
    return refuse('unloaded', `${source} cannot be loaded: ${importTrouble(error, `${folder}${name}`)}`)
  }
}

function readCandidate(root: string, named: NamedPackage, importMs: number): Promise<Found> {
  return /^[./]/.test(named.name) ? readCandidateFolder(root, named, importMs) : readPackage(root, named, 'CONNECTOR_CANDIDATES', importMs)
}

async function readCandidateFolder(root: string, { id, name }: NamedPackage, importMs: number): Promise<Found> {
  const place = resolve(root, name)
  const refuse = (cause: RefusalCause, problem: string): Found => {
    return { id, source: name, place, declaration: null, trouble: `${id}: ${name} ${problem}`, cause }
  }
  const file = [`index${CODE}`, 'index.js'].map((each) => join(place, each)).find(existsSync)
  if (!file) return refuse('missing', `has no index${CODE}`)
  try {
    offerApi()
    const declaration = await importDefault(file, importMs)
    if (!declaration) return refuse('empty', 'has no default export')
    if (declaration.id !== id) return refuse('id', `says that its id is ${declaration.id}`)
    return { id, source: name, place, declaration, trouble: null }
  } catch (error) {
    return refuse('unloaded', `cannot be loaded: ${importTrouble(error, place)}`)
  }
}

async function readPackage(root: string, { id, name }: NamedPackage, setting: string, importMs: number): Promise<Found> {
  const base = { id, source: name, place: '' }
  const refuse = (cause: RefusalCause, problem: string): Found => {
    return { ...base, declaration: null, trouble: `${id}: package ${name} ${problem}`, cause }
  }
  try {
    const { file, version } = locatePackage(root, name)
    const declared = await importDefault(file, importMs).catch((error: unknown) => {
      throw new Error(`cannot be loaded: ${importTrouble(error, join(root, 'node_modules', name))}`)
    })
    if (!declared) return refuse('empty', 'has no default export')
    // A package has its version in any case; the declaration may say it, too.
    const declaration = declared.version === undefined && version !== undefined ? Object.freeze({ ...declared, version }) : declared
    if (declaration.id !== id) return refuse('id', `says that its id is ${declaration.id}, and ${setting} says ${id}`)
    if (declaration.internal) return refuse('own', 'cannot be one that the hub asks for itself')
    return { ...base, place: realpathSync(join(root, 'node_modules', name)), declaration, trouble: null }
  } catch (error) {
    return refuse(error instanceof PackageTrouble ? error.sort : 'unloaded', wordsOf(error))
  }
}

/** By what modules export: another hub of the process has the same copy, and what is known of it. */
const copies = new WeakMap<ConnectorDeclaration, ConnectorDeclaration>()

/** → what a module exports by default, copied once, so that a property that is computed says the same ever after. */
async function importDefault(file: string, importMs: number): Promise<ConnectorDeclaration | null> {
  const late = new AbortController()
  // It keeps the process: one file that waits for nothing would let it end before the others are read.
  const limit = wait(importMs, null, { signal: late.signal }).then(() => Promise.reject(new Error('it takes too long')))
  try {
    const { default: declaration } = (await Promise.race([import(pathToFileURL(file).href), limit])) as { default?: ConnectorDeclaration }
    if (!declaration) return null
    const copy = copies.get(declaration) ?? Object.freeze({ ...declaration })
    copies.set(declaration, copy)
    return copy
  } finally {
    limit.catch(() => undefined)
    late.abort()
  }
}
