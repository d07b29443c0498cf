import type { Static } from 'typebox'
import type { ConnectorSettings } from './connectors.ts'
import { plainAddresses } from './deployment.ts'
import type { settingsSchema } from './schema/index.ts'

type Given = Static<typeof settingsSchema>
type Name = keyof Given

const IN_PRODUCTION = ['MASTER_KEY', 'TOKEN_ISSUER', 'TOKEN_JWKS_URL', 'AUDIT_HEADS', 'AUDIT_KEY_FILE', 'ADMIN_ADDRESSES'] as const

/** A setting that the one before it needs beside it. */
const TOGETHER: readonly (readonly [Name, ...Name[]])[] = [
  ['TOKEN_ISSUER', 'TOKEN_JWKS_URL'],
  ['SIGN_ON_BASE_URL', 'SIGN_ON_APP_ID', 'SIGN_ON_APP_SECRET'],
  ['FACE_BASE_URL', 'FACE_APP_ID', 'FACE_APP_SECRET'],
  ['MESSAGE_PUSH_URL', 'MESSAGE_PUSH_KEY'],
  ['MESSAGE_SMS_URL', 'MESSAGE_SMS_KEY'],
  ['MESSAGE_MAIL_URL', 'MESSAGE_MAIL_FROM'],
  ['MASTER_KEYS_OLD', 'LOOKUP_KEY'],
]

export interface Deployment {
  /** Whether the sandbox is on. */
  sandbox: boolean
  /** The first setting that is no sandbox's. */
  real: string | undefined
  connectors: Readonly<Record<string, ConnectorSettings>>
}

/** What is wrong with settings that are each well-formed, but not together. */
export function demandsOf(settings: Given, deployment: Deployment): string[] {
  const inProduction = settings.NODE_ENV === 'production' ? production(settings, deployment) : []
  return [...inProduction, ...apart(settings), ...exchange(settings, deployment), ...together(settings)]
}

function production(settings: Given, { connectors }: Deployment): string[] {
  const problems = missing(settings, IN_PRODUCTION, 'when NODE_ENV=production')
  if (!settings.PUBLIC_URL.startsWith('https://')) problems.push('PUBLIC_URL: required, with https, when NODE_ENV=production')
  if (settings.SANDBOX === 'on') problems.push('SANDBOX: cannot be on when NODE_ENV=production')
  for (const name of plainAddresses(settings, connectors, new Set(settings.PLAIN_HTTP_HOSTS.split(','))))
    problems.push(`${name}: must be https when NODE_ENV=production, or its host listed in PLAIN_HTTP_HOSTS`)
  return problems
}

/** What must differ from each other. */
function apart({ ADMIN_AUDIENCE, TOKEN_AUDIENCE, AUDIT_HEADS, DATABASE_URL }: Given): string[] {
  const problems: string[] = []
  if (ADMIN_AUDIENCE === TOKEN_AUDIENCE) problems.push('ADMIN_AUDIENCE: must be another audience than TOKEN_AUDIENCE')
  if (AUDIT_HEADS && AUDIT_HEADS === DATABASE_URL) problems.push('AUDIT_HEADS: must be another place than DATABASE_URL')
  return problems
}

function exchange(settings: Given, { sandbox, real }: Deployment): string[] {
  if (sandbox && !settings.EXCHANGE_BASE_URL) return []
  const turnedOff = real === undefined || settings.NODE_ENV === 'production' ? '' : `, which ${real} turns off (or SANDBOX=on)`
  const why = sandbox ? 'with EXCHANGE_BASE_URL' : `without the sandbox${turnedOff}`
  return missing(settings, ['EXCHANGE_BASE_URL', 'EXCHANGE_REQUESTER_ID', 'EXCHANGE_APP_KEY'], why)
}

function together(settings: Given): string[] {
  const problems = TOGETHER.flatMap(([by, ...needed]) => (settings[by] ? missing(settings, needed, `with ${by}`) : []))
  if (!/^https?:/.test(settings.FILE_STORE)) return problems
  return [...problems, ...missing(settings, ['FILE_S3_KEY_ID', 'FILE_S3_SECRET'], 'with FILE_STORE at an address')]
}

function missing(settings: Given, names: readonly Name[], why: string): string[] {
  return names.filter((name) => !settings[name]).map((name) => `${name}: required ${why}`)
}
