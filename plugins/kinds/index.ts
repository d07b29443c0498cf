import { existsSync, readdirSync } from 'node:fs'
import { CODE } from '../../core/base/code.ts'
import type { ServiceContract } from '../../core/contract/types.ts'
import type { ServiceKind } from './kind.ts'

const FOLDER = new URL('./', import.meta.url)

/** Imports every `plugins/kinds/<name>/kind.ts`. */
async function loadKinds(folder: URL): Promise<ServiceKind[]> {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  const files = names.sort().map((name) => new URL(`${name}/kind${CODE}`, folder))
  return Promise.all(files.filter(existsSync).map(async ({ href }) => ((await import(href)) as { default: ServiceKind }).default))
}

/** Every kind of service there is; the folder is the list. */
export const kinds: readonly ServiceKind[] = await loadKinds(FOLDER)

export function kindOf({ kind }: Pick<ServiceContract, 'kind'>): ServiceKind {
  const found = kinds.find(({ serves }) => serves.includes(kind))
  // The checks at start let no other pass.
  if (!found) throw new Error(`there is no kind ${kind}`)
  return found
}
