import { UsageError } from '../usage.ts'
import { readJson } from './description.ts'
import type { Subject } from './subject.ts'

/** What belongs to an OAuth side, beside what the dialect wants. */
const OF_OAUTH = ['oauthClientId', 'oauthClientSecret', 'refreshToken']

/** `clientSecret` → `HUB_AGENCY_CLIENT_SECRET`. */
export const variableOf = (name: string) => `HUB_AGENCY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

/** From a file, or variables of the environment; never from the command line, which others on the machine can read. */
export function readCredentials(
  { dialect, callback }: Subject,
  { file, env, listens }: { file: string | undefined; env: NodeJS.ProcessEnv; listens: boolean },
): Record<string, string> {
  const wanted = { ...dialect.credentials, ...(listens ? callback?.credentials : {}) }
  const given = file === undefined ? {} : readJson(file)
  if (typeof given !== 'object' || given === null) throw new UsageError(`${file} 须是 JSON 对象：{"名称":"值"}`)
  const inFile = given as Readonly<Record<string, unknown>>
  const found: Record<string, string> = {}
  for (const name of [...Object.keys(wanted), ...OF_OAUTH]) {
    const value = inFile[name] ?? env[variableOf(name)]
    if (typeof value === 'string' && value !== '') found[name] = value
  }
  const missing = Object.entries(wanted).filter(([name]) => found[name] === undefined && !hasDefault(name))
  if (missing.length > 0) {
    const lines = missing.map(([name, { title }]) => `  ${name}  ${title}（或环境变量 ${variableOf(name)}）`)
    throw new UsageError(['缺少凭据，请写进 --credentials 指明的 JSON 文件：', ...lines].join('\n'))
  }
  return found
}

/** The platform's prefix of headers has one that nearly all use. */
const hasDefault = (name: string) => name === 'headerPrefix'
