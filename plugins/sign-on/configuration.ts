import type { UserLevel } from '../users/users.ts'

/** Where each fact stands in the platform's answers: dotted paths from the root of the JSON. */
export interface SignOnFields {
  /** In the answer about the user. */
  subject: string
  level: string
  name: string
  idType: string
  idNumber: string
  phone: string
  nickname: string
  /** An https address. */
  avatar: string
  /** In the answer to the ticket or code: the access token, and – where the platform says so – for which app and when the ticket was made. */
  accessToken: string
  ticketApp: string
  ticketIssuedAt: string
}

export interface SignOnPaths {
  /** The sign-on page. */
  authorize: string
  token: string
  user: string
}

/** How the hub talks to the app's sign-on; everything a platform may do differently is here. */
export interface SignOnConfiguration {
  profile: 'ticket' | 'oauth2'
  baseUrl: string
  /** Names the users' ids: the issuer of the app's tokens, where those carry the same ids. */
  issuer: string
  appId: string
  accessKey: string
  secret: string
  scope: string
  pkce: boolean
  paths: SignOnPaths
  fields: SignOnFields
  /** The platform's levels → the hub's; a level that isn't listed counts as `login`. */
  levels: Readonly<Record<string, UserLevel>>
  /** The platform's id types → the hub's two digits (01: identity card). */
  idTypes: Readonly<Record<string, string>>
}

/** Everything is the standards' own or, where they are silent (standards.md §6), what the sandbox's simulator speaks. */
const DEFAULTS = {
  ticket: {
    paths: {
      authorize: '/uc/sso/login',
      token: '/restapi/prod/IC33000020220329000007/uc/sso/access_token',
      user: '/restapi/prod/IC33000020220329000008/uc/sso/getUserInfo',
    },
    fields: {
      subject: 'data.userId',
      level: 'data.authLevel',
      name: 'data.userName',
      idType: 'data.idType',
      idNumber: 'data.idNo',
      phone: 'data.mobile',
      nickname: 'data.nickName',
      avatar: 'data.avatar',
      accessToken: 'data.accessToken',
      ticketApp: 'data.appId',
      ticketIssuedAt: 'data.ticketIssuedAt',
    },
  },
  oauth2: {
    paths: { authorize: '/oauth2/authorize', token: '/oauth2/token', user: '/oauth2/userinfo' },
    fields: {
      subject: 'sub',
      level: 'auth_level',
      name: 'name',
      idType: 'id_type',
      idNumber: 'id_number',
      phone: 'phone_number',
      nickname: 'nickname',
      avatar: 'picture',
      accessToken: 'access_token',
      ticketApp: '',
      ticketIssuedAt: '',
    },
  },
} as const

const LEVELS: Readonly<Record<string, UserLevel>> = { '1': 'login', '2': 'real-name', '3': 'real-name' }
const ID_TYPES: Readonly<Record<string, string>> = { '1': '01', '01': '01', '111': '01' }

/** The settings this is made of. */
export interface SignOnSettings {
  SIGN_ON_PROFILE: 'ticket' | 'oauth2'
  SIGN_ON_APP_ID: string
  SIGN_ON_ACCESS_KEY: string
  SIGN_ON_APP_SECRET: string
  SIGN_ON_SCOPE: string
  SIGN_ON_PKCE: 'on' | 'off'
  SIGN_ON_PATHS: string
  SIGN_ON_FIELDS: string
  SIGN_ON_LEVELS: string
  SIGN_ON_ID_TYPES: string
}

/** Reads the settings; `problems` lists everything wrong with them. */
export function readSignOnConfiguration(
  settings: SignOnSettings,
  { baseUrl, issuer }: Pick<SignOnConfiguration, 'baseUrl' | 'issuer'>,
): { configuration: SignOnConfiguration; problems: string[] } {
  const problems: string[] = []
  const profile = settings.SIGN_ON_PROFILE
  const { paths, fields } = DEFAULTS[profile]

  /** Texts of a JSON setting: over the defaults where their names are fixed, instead of them otherwise. */
  function read(name: keyof SignOnSettings, defaults: Readonly<Record<string, string>>, allowed: RegExp, named: boolean) {
    if (settings[name] === '') return defaults
    const given = parse(settings[name])
    if (!given) {
      problems.push(`${name}: must be a JSON object of texts`)
      return defaults
    }
    for (const [key, value] of Object.entries(given)) {
      if (named && !Object.hasOwn(defaults, key)) problems.push(`${name}: knows only ${Object.keys(defaults).join(', ')}, not ${key}`)
      else if (!allowed.test(value)) problems.push(`${name}: ${key} cannot be "${value}"`)
    }
    return named ? { ...defaults, ...given } : given
  }

  const configuration: SignOnConfiguration = {
    profile,
    baseUrl,
    issuer,
    appId: settings.SIGN_ON_APP_ID,
    accessKey: settings.SIGN_ON_ACCESS_KEY || settings.SIGN_ON_APP_ID,
    secret: settings.SIGN_ON_APP_SECRET,
    scope: settings.SIGN_ON_SCOPE,
    pkce: settings.SIGN_ON_PKCE === 'on',
    paths: read('SIGN_ON_PATHS', paths, /^\/[\x21-\x7e]*$/, true) as unknown as SignOnPaths,
    fields: read('SIGN_ON_FIELDS', fields, /^[^.]*(\.[^.]+)*$/, true) as unknown as SignOnFields,
    levels: read('SIGN_ON_LEVELS', LEVELS, /^(login|real-name)$/, false) as Record<string, UserLevel>,
    idTypes: read('SIGN_ON_ID_TYPES', ID_TYPES, /^\d{2}$/, false),
  }
  for (const needed of ['subject', 'accessToken'] as const)
    if (!configuration.fields[needed]) problems.push(`SIGN_ON_FIELDS: ${needed} is needed`)
  return { configuration, problems }
}

function parse(text: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.values(value).every((entry) => typeof entry === 'string') ? (value as Record<string, string>) : null
  } catch {
    return null
  }
}
