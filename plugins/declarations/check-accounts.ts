import type { AccountLookUp } from '../../core/contract/accounts.ts'
import { systemsOf, usesAccount } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { checkExpression } from './check-request.ts'
import { type KindRules, rulesOf } from './kind-rules.ts'

const PARTS = { oauth: 'oauth', 'id-match': 'idMatch', 'account-number': 'accountNumber' } as const

/** What is wrong with a connector's `accounts`, as `<connector>.accounts…: problem`. */
export function checkAccounts(connector: ConnectorDeclaration, kinds: readonly KindRules[]): string[] {
  const { id, accounts } = connector
  const needsUser = systemsOf(connector).some(([, , system]) => system.dialect.name === 'oauth2-user')
  const asked = checkUses(connector)
  if (!accounts) return [...(needsUser ? [`${id}: the dialect oauth2-user needs accounts.oauth`] : []), ...asked]
  const at = `${id}.accounts`
  const problems: string[] = [...asked]
  const ticketed = systemsOf(connector).some(([, , system]) => system.dialect.name === 'signed-ticket')
  if (ticketed && accounts.cardinality !== 'one-to-one')
    problems.push(`${at}: a signed-ticket names one account, so they must be one-to-one`)
  if (needsUser && !accounts.oauth) problems.push(`${at}: the dialect oauth2-user needs oauth`)
  if (accounts.bind.length === 0) problems.push(`${at}.bind: no way to bind`)
  if (!accounts.contact) problems.push(`${at}: missing contact`)
  for (const method of accounts.bind) if (!accounts[PARTS[method]]) problems.push(`${at}.bind: ${method} needs ${PARTS[method]}`)
  if (accounts.oauth) problems.push(...checkOAuth(connector, at))
  for (const part of ['idMatch', 'accountNumber'] as const) {
    const lookUp = accounts[part]
    if (lookUp) problems.push(...checkLookUp(connector, kinds, `${at}.${part}`, lookUp))
  }
  for (const problem of checkExpression(accounts.accountNumber?.pattern)) problems.push(`${at}.accountNumber: ${problem}`)
  return problems
}

/** Services that declare `account.externalId`: an account is its user's alone, and must be bound before it is asked about. */
function checkUses(connector: ConnectorDeclaration): string[] {
  const { id, accounts, systems, services } = connector
  const finders = [accounts?.idMatch?.service, accounts?.accountNumber?.service]
  const misplaced = systemsOf(connector).flatMap(([key, , { subject }]) =>
    Object.values(subject.enterprise ?? {}).includes('account.externalId') ? [`${key}: an enterprise has no account.externalId`] : [],
  )
  const misused = services.flatMap(({ contract }) => {
    const { system } = contract.upstream ?? {}
    // A system that isn't there is named elsewhere.
    if (system !== undefined && !systems?.[system]) return []
    if (!usesAccount(connector, contract)) return []
    const problems = [
      ...(accounts ? [] : ['account.externalId needs the connector to declare accounts']),
      ...(contract.audience === 'person' && contract.identity !== 'none' && !contract.agents && !contract.dependants
        ? []
        : ['account.externalId is for persons who ask about themselves']),
      // Before the real name is verified, a call carries no subject at all.
      ...(contract.identity === 'login' && !Object.values(contract.inputs).some(({ notes }) => notes.fact === 'account.externalId')
        ? ['with identity login, account.externalId must be an input']
        : []),
      ...(finders.includes(contract.id) ? ['a service that finds an account cannot need one'] : []),
      ...('binding' in contract.inputs || 'binding' in contract.fields
        ? ['binding belongs to the hub where account.externalId is used']
        : []),
    ]
    return problems.map((problem) => `${id}.${contract.id}: ${problem}`)
  })
  return [...misplaced, ...misused]
}

function checkOAuth({ accounts, credentials, upstream }: ConnectorDeclaration, at: string): string[] {
  const oauth = accounts?.oauth
  if (!oauth) return []
  const declared = { ...upstream.dialect.credentials, ...credentials }
  const { clientIdCredential: client = 'clientId', clientSecretCredential: secret = 'clientSecret' } = oauth
  return [
    ...(client in declared ? [] : [`${at}.oauth: no such credential: ${client}`]),
    ...(declared[secret]?.secret ? [] : [`${at}.oauth: the credential must be declared and secret: ${secret}`]),
    ...[oauth.externalId, oauth.unionId, oauth.idNumber].flatMap((pointer) =>
      pointer === undefined || pointer.startsWith('/') ? [] : [`${at}.oauth: not a JSON pointer: ${pointer}`],
    ),
  ]
}

function checkLookUp(
  { services }: ConnectorDeclaration,
  kinds: readonly KindRules[],
  at: string,
  { service, input, externalId, unionId, shows = [] }: AccountLookUp,
): string[] {
  const found = services.find(({ contract }) => contract.id === service)?.contract
  if (!found) return [`${at}: no such service: ${service}`]
  return [
    ...(rulesOf(kinds, found)?.asks === false ? [`${at}: a submission finds nothing: ${service}`] : []),
    ...(input === undefined || input in found.inputs ? [] : [`${at}: no such input: ${input}`]),
    ...[externalId, unionId, ...shows].flatMap((name) =>
      name === undefined || name in found.fields ? [] : [`${at}: no such field: ${name}`],
    ),
  ]
}
