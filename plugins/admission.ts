import { compileService } from '../core/call/service.ts'
import type { ConnectorDeclaration } from '../core/contract/types.ts'
import { checkDeclarations, DeclarationError } from './declarations/check.ts'
import { wordsOf } from './import-trouble.ts'
import { kinds } from './kinds/index.ts'
import { type RefusalCause, refusalWords } from './refusal-causes.ts'

/** What was looked at: a folder or a package, with its declaration or with what is wrong. */
export interface Found {
  /** The name that it was given: the folder's, or that of `CONNECTOR_PACKAGES`. */
  readonly id: string
  /** For people: a file or a package. */
  readonly source: string
  /** The folder that its code is in; '' where nothing of it ran. */
  readonly place: string
  readonly declaration: ConnectorDeclaration | null
  readonly trouble: string | null
  /** Of what sort the trouble is. */
  readonly cause?: RefusalCause
}

/** Of what sort a fault is: not loaded, its id is another's, its declaration is wrong, or the start failed with it. */
export type RefusalCode = 'UNLOADED' | 'ID_TAKEN' | 'DECLARATION' | 'START_FAILED'

/** A connector that does not run, and why. */
export interface Refused {
  /** Under which it is known: the id that it was given, or where another has that, its source. */
  readonly id: string
  readonly source: string
  /** Why, in Chinese, for whoever operates the hub. */
  readonly said: string
  /** What exactly, for developers. */
  readonly reasons: readonly string[]
  readonly code: RefusalCode
  /** As it came, where it could be loaded. */
  readonly declaration: ConnectorDeclaration | null
}

export interface Loaded {
  readonly declarations: readonly ConnectorDeclaration[]
  readonly internal: readonly ConnectorDeclaration[]
  readonly refused: readonly Refused[]
  /** Second versions of those that run, sound by themselves. */
  readonly candidates: readonly ConnectorDeclaration[]
  readonly refusedCandidates: readonly Refused[]
  /** Folders of code, by id; of a candidate by `<id>@<version>`. */
  readonly places: ReadonlyMap<string, string>
}

/** Sorts what can run from what cannot: each is looked at by itself, and the first with an id has it. */
export function admit(all: readonly Found[]): Loaded {
  const admitted: ConnectorDeclaration[] = []
  const refused: Refused[] = []
  const places = new Map<string, string>()
  const taken = new Set<string>()
  for (const { id, source, place, declaration, trouble, cause = 'unloaded' } of all) {
    const isFree = !taken.has(id)
    taken.add(id)
    const reasons = [
      ...(isFree ? [] : [`${id}: the id of ${source} is taken`]),
      ...(declaration ? troublesOf(declaration) : [trouble ?? '']),
    ]
    if (declaration && reasons.length === 0) {
      admitted.push(declaration)
      places.set(id, place)
    } else {
      const code = isFree ? (declaration ? 'DECLARATION' : 'UNLOADED') : 'ID_TAKEN'
      const said = refusalWords(isFree ? (declaration ? 'declaration' : cause) : 'taken', reasons)
      refused.push({ id: isFree ? id : source, source, said, reasons, code, declaration })
    }
  }
  const [internal, declarations] = [true, false].map((own) => admitted.filter((each) => (each.internal ?? false) === own)) as [
    ConnectorDeclaration[],
    ConnectorDeclaration[],
  ]
  return { declarations, internal, refused, places, candidates: [], refusedCandidates: [] }
}

/** Adds the second versions: each of a connector that runs, with another version than that, and as sound. */
export function admitCandidates(loaded: Loaded, found: readonly Found[]): Loaded {
  const candidates: ConnectorDeclaration[] = []
  const refusedCandidates: Refused[] = []
  const places = new Map(loaded.places)
  for (const { id, source, place, declaration, trouble, cause = 'unloaded' } of found) {
    const running = loaded.declarations.find((each) => each.id === id)
    const own = declaration ? troublesOf(declaration) : [trouble ?? '']
    const reasons = [...own, ...(declaration ? troublesBeside(declaration, running) : [])]
    if (candidates.some((each) => each.id === id)) reasons.push(`${id}: there is another candidate`)
    if (declaration && reasons.length === 0) {
      candidates.push(declaration)
      places.set(`${id}@${declaration.version}`, place)
    } else {
      const said = refusalWords(declaration ? (own.length > 0 ? 'declaration' : 'beside') : cause, own)
      refusedCandidates.push({ id, source, said, reasons, code: declaration ? 'DECLARATION' : 'UNLOADED', declaration })
    }
  }
  return { ...loaded, candidates, refusedCandidates, places }
}

function troublesBeside({ id, version, internal }: ConnectorDeclaration, running: ConnectorDeclaration | undefined): string[] {
  if (!running || internal) return [`${id}: no connector runs of which it could be a candidate`]
  if (version === undefined) return [`${id}: a candidate needs a version`]
  // Texts of the store, and of the evidence.
  if (!/^[\w.+-]{1,40}$/.test(version)) return [`${id}: the version of a candidate is at most 40 letters, digits and .+-_`]
  return version === running.version ? [`${id}: the candidate has the version that runs, ${version}`] : []
}

/** Those that nothing was wrong with: another hub of the process need not compile them to know. */
const sound = new WeakSet<ConnectorDeclaration>()

/** Everything that the start would stumble over; a declaration that isn't even of its shape says so. */
function troublesOf(declaration: ConnectorDeclaration): string[] {
  if (sound.has(declaration)) return []
  try {
    const problems = checkDeclarations([declaration], kinds)
    if (problems.length > 0) return problems
    for (const service of declaration.services) compileService(declaration, service)
    if (Object.isFrozen(declaration)) sound.add(declaration)
    return []
  } catch (error) {
    return [`${declaration.id}: the declaration cannot be read: ${wordsOf(error)}`]
  }
}

/** → the same without the connectors that this error of a start speaks of; null where it speaks of anything else. */
export function without(loaded: Loaded, error: unknown): Loaded | null {
  if (!(error instanceof DeclarationError)) return null
  const blamed = error.violations.map((violation) => /^([a-z0-9-]+)[.:/]/.exec(violation)?.[1] ?? '')
  const guilty = new Set(blamed)
  if (blamed.some((id) => !loaded.declarations.some((each) => each.id === id))) return null
  const more = [...guilty].map((id) => ({
    id,
    source: id,
    declaration: null,
    code: 'START_FAILED' as const,
    said: refusalWords('start', []),
    reasons: error.violations.filter((_, index) => blamed[index] === id),
  }))
  return { ...loaded, declarations: loaded.declarations.filter(({ id }) => !guilty.has(id)), refused: [...loaded.refused, ...more] }
}
