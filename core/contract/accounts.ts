import type { VerifiedPerson } from './asker.ts'

/** How a mapping came about. */
export type BindingMethod = 'oauth' | 'id-match' | 'account-number'

/**
 * The agency's authorization server (RFC 6749 §4.1 with PKCE, RFC 7636). Paths are relative to the
 * connector's `oauthBaseUrl` in CONNECTORS_FILE, or to its `baseUrl`.
 */
export interface AgencyOAuth {
  authorizePath: string
  tokenPath: string
  /** RFC 7009; without it, unbinding only forgets the tokens. */
  revokePath?: string
  /** Answers GET with a bearer token in JSON: who authorised. */
  userInfoPath: string
  scope: readonly string[]
  /** Further parameters of the authorization request, such as `prompt`. */
  authorizeParams?: Readonly<Record<string, string>>
  /** Names of the connector's credentials that hold the client's id and secret. Default `clientId`, `clientSecret`. */
  clientIdCredential?: string
  clientSecretCredential?: string
  /** How the client shows its secret at the token endpoint (RFC 6749 §2.3.1). Default `header`. */
  clientAuthentication?: 'header' | 'body'
  /** RFC 6901 pointers into the user info: the account's id at the agency, its id across the agency's systems … */
  externalId: string
  unionId?: string
  /** … and the holder's id number, where the agency gives it: it must be the hub user's own. */
  idNumber?: string
}

/**
 * A service of the connector that finds an account: by the number that the user typed (`input` names the
 * service's input for it), or, without `input`, by the verified person. It must answer exactly one row.
 */
export interface AccountLookUp {
  service: string
  input?: string
  /** Field of the row that is the account's id; for a typed number the same number. */
  externalId: string
  unionId?: string
  /** Fields of the row with which the user knows the account again, such as its holder and address; they are kept masked. */
  shows?: readonly string[]
  /** Whether the row is the asking person's account; `row` is unmasked. Default: yes, since the agency was asked as that person. */
  accepts?(row: Readonly<Record<string, unknown>>, person: VerifiedPerson): boolean
}

/** Users' own accounts at the agency. */
export interface AccountsDeclaration {
  /** `one-to-one`: a user has one account and an account one user. `many-to-many`: 户号, shared by a household. */
  cardinality: 'one-to-one' | 'many-to-many'
  /** Ways to bind, each with its part below. */
  bind: readonly BindingMethod[]
  oauth?: AgencyOAuth
  idMatch?: AccountLookUp
  accountNumber?: AccountLookUp & { input: string /** What the number is called. */; title: string; pattern?: string }
  /** Whom to ask when somebody else holds the account: a full Chinese sentence. */
  contact: string
}
