import { readFileSync } from 'node:fs'
import { HubError } from '../core/base/errors.ts'
import { iconOf } from '../plugins/oauth/client-icon.ts'
import type { ClientChanges } from '../plugins/oauth/client-registry.ts'
import { AT } from '../plugins/oauth/client-rules.ts'
import { TOKEN_EXCHANGE } from '../plugins/oauth/clients.ts'
import { UsageError } from './usage.ts'

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
export const flag = { type: 'boolean', default: false } as const
export const changeable = { name: text, purpose: text, icon: text, redirect: texts, scope: texts } as const
export const fixed = { kind: text, grant: texts, sector: text, algorithm: text, trusted: flag } as const
/** What a field of a client is typed as, where it isn't an option of its own name. */
const TYPED: Readonly<Record<string, string>> = {
  id: '应用编号',
  redirectUris: '--redirect',
  scopes: '--scope',
  grantTypes: '--grant',
  idTokenAlg: '--algorithm',
}

/** What can be typed for the URN of RFC 8693. */
export const fullNameOf = (grantType: string) => (grantType === 'token-exchange' ? TOKEN_EXCHANGE : grantType)

/** → the fields that were typed, and no others. */
export function changesOf(values: {
  name?: string
  purpose?: string
  icon?: string
  redirect?: string[]
  scope?: string[]
}): ClientChanges {
  const { name, purpose, icon, redirect, scope } = values
  return {
    ...(name === undefined ? {} : { name }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(icon === undefined ? {} : { icon: readIcon(icon) }),
    ...(redirect === undefined ? {} : { redirectUris: redirect }),
    ...(scope === undefined ? {} : { scopes: scope.flatMap((each) => each.split(' ')).filter(Boolean) }),
  }
}

function readIcon(path: string): string {
  try {
    return iconOf(readFileSync(path))
  } catch {
    throw new UsageError(`读不到图标文件：${path}`)
  }
}

/** → the error with the options that were typed instead of places in a request. */
export function named(error: HubError): HubError {
  const errors = error.extras.errors?.map(({ pointer, detail }) => {
    const [field = '', item] = pointer.slice(AT.length + 1).split('/')
    return { pointer: `${TYPED[field] ?? `--${field}`}${item === undefined ? '' : ` 第 ${Number(item) + 1} 项`}`, detail }
  })
  return errors ? new HubError(error.code, { ...error.extras, errors }, error) : error
}
