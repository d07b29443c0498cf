import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { CODE } from '../core/base/code.ts'
import { API } from '../core/connector.ts'
import { PackageTrouble } from './refusal-causes.ts'

/** A connector that an operator has named: the id that it is to have, and the package that it comes in; of a candidate, or its folder. */
export interface NamedPackage {
  id: string
  name: string
}

/** `CONNECTOR_PACKAGES`, whose form the settings have checked. */
export function readPackageList(text: string): NamedPackage[] {
  return text.split(',').flatMap((entry) => {
    const [id = '', name = ''] = entry.split('=')
    return id === '' ? [] : [{ id, name }]
  })
}

interface Manifest {
  version?: string
  'xuchang-hub'?: { api?: unknown }
}

/**
 * The file that a package starts with, found from `root`, the folder with node_modules, and its version. Nothing of it runs before
 * it is known to be what the lock file lists and to be written for this API. Throws what is wrong.
 */
export function locatePackage(root: string, name: string): { file: string; version: string | undefined } {
  const manifest = readJson<Manifest>(join(root, 'node_modules', name, 'package.json'))
  if (!manifest) throw new PackageTrouble('absent', 'is not installed (npm ci)')
  assertLocked(root, name, manifest.version)
  const api = manifest['xuchang-hub']?.api
  if (api !== API)
    throw new PackageTrouble(
      'api',
      `is written for ${api === undefined ? 'no API that it names' : `API ${api}`}, and this hub has API ${API}`,
    )
  offerApi()
  return { file: createRequire(join(root, 'package.json')).resolve(name), version: manifest.version }
}

interface Lock {
  packages?: Readonly<Record<string, { version?: string; integrity?: string } | undefined>>
}

/** npm compared what it unpacked with the integrity that the lock file holds, and wrote down what it has installed. */
function assertLocked(root: string, name: string, version: string | undefined): void {
  const [locked, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
    (file) => readJson<Lock>(join(root, file))?.packages?.[`node_modules/${name}`],
  )
  if (!locked?.integrity) throw new PackageTrouble('unlocked', 'is not in package-lock.json with an integrity')
  if (installed?.integrity !== locked.integrity || version !== locked.version)
    throw new PackageTrouble('unlocked', 'is installed as something else than package-lock.json lists (npm ci)')
}

let isOffered = false

/** `import … from 'xuchang-hub'` in a package is this hub's own API, wherever the hub lies. */
export function offerApi(): void {
  if (isOffered) return
  isOffered = true
  const url = new URL(`../core/connector${CODE}`, import.meta.url).href
  registerHooks({
    resolve: (specifier, context, next) => (specifier === 'xuchang-hub' ? { url, shortCircuit: true } : next(specifier, context)),
  })
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return null
  }
}
