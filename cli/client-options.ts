import { readFileSync } from 'node:fs'
import { HubError } from '../core/base/errors.ts'
import { iconOf } from '../plugins/oauth/client-icon.ts'
import type { ClientChanges } from '../plugins/oauth/client-registry.ts'
import { AT } from '../plugins/oauth/client-rules.ts'
import { TOKEN_EXCHANGE } from '../plugins/oauth/clients.ts'
import { UsageError } from './usage.ts'

export const changeable = {
  name: { type: 'string', describe: '名称，市民在同意页面上看到' },
  purpose: { type: 'string', describe: '用途，市民在同意页面上看到' },
  icon: { type: 'string', describe: '图标文件（PNG、JPEG 或 WebP）' },
  redirect: { type: 'string', array: true, describe: '回调地址，可以多次' },
  scope: { type: 'string', array: true, describe: '授权项，可以多次，也可以用空格隔开' },
} as const
export const fixed = {
  kind: { type: 'string', describe: '种类：web（网站，有密钥）或 native（本机应用，凭 PKCE）' },
  grant: {
    type: 'string',
    array: true,
    describe: '授权方式，可以多次：authorization_code、refresh_token、client_credentials、token-exchange',
  },
  sector: { type: 'string', describe: '专属编号的范围：范围相同的应用看到的用户编号相同' },
  algorithm: { type: 'string', describe: 'ID 令牌的签名算法：ES256 或 RS256' },
  trusted: { type: 'boolean', default: false, describe: '可信：可以交换本应用的令牌' },
} as const
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
  name?: string | undefined
  purpose?: string | undefined
  icon?: string | undefined
  redirect?: string[] | undefined
  scope?: string[] | undefined
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
