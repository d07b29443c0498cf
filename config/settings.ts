import { randomBytes } from 'node:crypto'
import type { BlockList } from 'node:net'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import type { Static } from 'typebox'
import type { KeyRing } from '../core/base/vault.ts'
import { readAdminAddresses } from './admin-addresses.ts'
import { readConnectorSettings } from './connectors.ts'
import { demandsOf } from './demands.ts'
import { realSettings } from './deployment.ts'
import { readOrCreate } from './key-file.ts'
import { parseMasterKey, readKeyRing } from './key-ring.ts'
import { settingsSchema } from './schema/index.ts'
import { SettingsError } from './settings-error.ts'

export type Settings = Static<typeof settingsSchema> & {
  readonly masterKey: Buffer
  /** The master key with the ones it replaces, and the key of look-ups: what opens the store. */
  readonly keys: KeyRing
  readonly sandbox: boolean
  /** DRAIN_SECONDS, as a number. */
  readonly drainSeconds: number
  /** ADMIN_ADDRESSES; null for any. */
  readonly adminAddresses: BlockList | null
  /** Whether /admin asks for a second factor. */
  readonly secondFactor: boolean
}

/** Name, default, description and secrecy of every setting, for the generated documents. */
export function listSettings() {
  type Notes = { default?: unknown; description?: string; secret?: boolean }
  return Object.entries(settingsSchema.properties as Record<string, Notes>).map(([name, notes]) => ({
    name,
    default: String(notes.default ?? ''),
    description: notes.description ?? '',
    secret: notes.secret === true,
  }))
}

/** The process environment, with what `.env` in the working directory adds to it. */
export function environment(): NodeJS.ProcessEnv {
  try {
    process.loadEnvFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return process.env
}

/** Compiled once: a test reads the settings of many hubs. */
let checkSettings: ValidateFunction | null = null

/** Reads the environment; throws one {@link SettingsError} that lists everything wrong with it. */
export function readSettings(env: Record<string, string | undefined> = environment()): Settings {
  const known = Object.keys(settingsSchema.properties)
  const values: Record<string, unknown> = {}
  for (const name of known) if (env[name] !== undefined && env[name] !== '') values[name] = env[name]

  checkSettings ??= new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false }).compile(settingsSchema)
  const problems = checkSettings(values)
    ? []
    : (checkSettings.errors ?? []).map((error) => `${error.instancePath.slice(1)}: ${error.message}`)
  if (problems.length > 0) throw new SettingsError(problems)

  const given = values as unknown as Static<typeof settingsSchema>
  const settings = { ...given, ADMIN_AUDIENCE: given.ADMIN_AUDIENCE || `${given.TOKEN_AUDIENCE}-admin` }
  const connectors = readConnectorSettings(settings.CONNECTORS_FILE)
  const production = settings.NODE_ENV === 'production'
  const [real] = realSettings(settings, connectors)
  const sandbox = settings.SANDBOX === 'on' || (settings.SANDBOX === 'auto' && !production && real === undefined)
  const admin = readAdminAddresses(settings.ADMIN_ADDRESSES)
  problems.push(...admin.problems, ...demandsOf(settings, { sandbox, real, connectors }))
  if (problems.length > 0) throw new SettingsError(problems)
  const master = parseMasterKey(settings.MASTER_KEY || developmentKey(settings.DATA_DIR))
  return {
    ...settings,
    adminAddresses: admin.list,
    secondFactor: settings.ADMIN_SECOND_FACTOR === 'on' || (settings.ADMIN_SECOND_FACTOR === 'auto' && !sandbox),
    sandbox,
    drainSeconds: settings.DRAIN_SECONDS === 'auto' ? (production ? 10 : 0) : Number(settings.DRAIN_SECONDS),
    masterKey: master.key,
    keys: readKeyRing(master, settings.MASTER_KEYS_OLD, settings.LOOKUP_KEY),
  }
}

/** A key that outlives restarts of a developer's hub; production brings its own. */
function developmentKey(dataDir: string): string {
  try {
    return readOrCreate(join(dataDir, 'master.key'), () => `${randomBytes(32).toString('base64')}\n`).trim()
  } catch (error) {
    throw new SettingsError([`DATA_DIR: ${dataDir} cannot be read or written (${(error as NodeJS.ErrnoException).code})`])
  }
}
