import type { FieldNotes, Fields } from '../../core/contract/fields.ts'
import { rowsOf, systemsOf } from '../../core/contract/systems.ts'
import type { Asynchronous, ConnectorDeclaration, Service } from '../../core/contract/types.ts'
import type { CredentialNotes } from '../../core/upstream/dialect.ts'
import { checkCalendars } from '../calendar/check.ts'
import { checkAccounts } from './check-accounts.ts'
import { checkHealth } from './check-health.ts'
import { checkChoices, checkInput, checkUnit } from './check-inputs.ts'
import { checkExpression, checkFieldPattern, checkRequest, checkSystems } from './check-request.ts'
import { checkShape } from './check-shape.ts'
import { type KindRules, rulesOf } from './kind-rules.ts'

/** All mistakes of a start, at once: `<connector>.<service>.<field>: what is wrong`. */
export class DeclarationError extends Error {
  readonly violations: string[]
  constructor(violations: string[]) {
    super(`connectors:\n${violations.map((violation) => `  ${violation}`).join('\n')}`)
    this.name = 'DeclarationError'
    this.violations = violations
  }
}

/** Of connectors and services. */
export const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const NAME = /^[a-z][A-Za-z0-9]*$/
/** Query parameters of the hub itself, and route parts that would shadow a connector. */
const RESERVED_INPUTS = new Set(['fields', 'format', 'sort', 'page', 'pageSize', 'dependant', 'reveal', 'list', 'summary', 'summaryBy'])
export const RESERVED_CONNECTORS: ReadonlySet<string> = new Set([
  'callbacks',
  'catalog',
  'entry-codes',
  'me',
  'enterprises',
  'verify',
  'sign-on',
])
/** Settings whose values connectors may send to their agencies; all others are the hub's own. */
const LENT = /^EXCHANGE_/
const SECRET_NAME = /key|secret|password|token|private/i
const ID_NUMBER_INPUT = /身份证|证件号/

type Report = (place: string, problem: string) => void

/** Checks what the types say, for those that no compiler saw, and what they can't: names, titles, clashes, rules between parts of a declaration. */
export function checkDeclarations(connectors: readonly ConnectorDeclaration[], kinds: readonly KindRules[]): string[] {
  const ids = new Set<string>()
  return connectors.flatMap((connector) => {
    const clash = ids.has(connector.id) ? [`${connector.id}: duplicate connector id`] : []
    ids.add(connector.id)
    return [...clash, ...checkOne(connector, kinds)]
  })
}

/** What was found before: a start looks at each when it is loaded, and once more together with the others. */
const checked = new WeakMap<readonly KindRules[], WeakMap<ConnectorDeclaration, readonly string[]>>()

function checkOne(connector: ConnectorDeclaration, kinds: readonly KindRules[]): readonly string[] {
  const known = checked.get(kinds) ?? new WeakMap<ConnectorDeclaration, readonly string[]>()
  checked.set(kinds, known)
  const before = known.get(connector)
  if (before) return before
  const shape = checkShape(connector)
  const violations = [...new Set([...shape, ...checkSense(connector, kinds, shape.length === 0)])]
  // What is loaded is frozen; any other may be changed in between.
  if (Object.isFrozen(connector)) known.set(connector, violations)
  return violations
}

/** What has not its shape is looked at as far as it can be read: all mistakes are named at once. */
function checkSense(connector: ConnectorDeclaration, kinds: readonly KindRules[], isWhole: boolean): string[] {
  const violations: string[] = []
  try {
    checkConnector(connector, kinds, (place, problem) => violations.push(`${place}: ${problem}`))
    violations.push(...checkSystems(connector), ...checkAccounts(connector, kinds), ...checkHealth(connector, kinds))
    violations.push(...checkCalendars(connector, (contract) => rulesOf(kinds, contract)?.asks ?? false))
  } catch (error) {
    if (isWhole) throw error
  }
  return violations
}

function checkConnector(connector: ConnectorDeclaration, kinds: readonly KindRules[], report: Report): void {
  const { id } = connector
  if (!ID.test(id)) report(id, 'the id must be kebab-case')
  if (RESERVED_CONNECTORS.has(id)) report(id, `route clash: /v1/${id} belongs to the hub`)
  for (const part of ['name', 'agency'] as const) if (!connector[part]) report(id, `missing ${part}`)
  if (connector.owner && !(connector.owner.name && connector.owner.contact)) report(`${id}.owner`, 'needs a name and a contact')
  if (connector.documentation !== undefined && !/^https?:\/\/\S+$/.test(connector.documentation))
    report(`${id}.documentation`, 'must be an address')
  for (const [key, , { dialect, callback }] of systemsOf(connector)) {
    if (dialect.baseUrlSetting && !LENT.test(dialect.baseUrlSetting))
      report(`${key}.dialect`, `no setting for connectors: ${dialect.baseUrlSetting}`)
    checkCredentials(key, { ...dialect.credentials, ...callback?.credentials }, report)
    for (const problem of dialect.check?.() ?? []) report(`${key}.dialect`, problem)
    for (const problem of callback?.check() ?? []) report(`${key}.callback`, problem)
  }
  checkCredentials(id, connector.credentials ?? {}, report)
  const services = new Set<string>()
  for (const service of connector.services) {
    const place = `${id}.${service.contract.id}`
    if (services.has(service.contract.id)) report(place, 'duplicate service id: route clash')
    services.add(service.contract.id)
    checkService(place, connector, service, kinds, report)
  }
  for (const name of Object.keys(connector.systems ?? {}))
    if (!connector.services.some(({ contract }) => contract.upstream?.system === name)) report(id, `no service uses the system ${name}`)
  for (const name of Object.keys(connector.sandbox)) if (!services.has(name)) report(id, `sandbox has rows for no service: ${name}`)
}

function checkCredentials(id: string, credentials: Readonly<Record<string, CredentialNotes>>, report: Report): void {
  for (const [name, { title, secret, setting }] of Object.entries(credentials)) {
    if (setting && !LENT.test(setting)) report(`${id}.credentials.${name}`, `no setting for connectors: ${setting}`)
    if (!title) report(`${id}.credentials.${name}`, 'missing title')
    if (SECRET_NAME.test(name) && !secret) report(`${id}.credentials.${name}`, 'secret not marked')
  }
}

function checkService(
  place: string,
  connector: ConnectorDeclaration,
  { contract }: Service,
  kinds: readonly KindRules[],
  report: Report,
): void {
  if (!ID.test(contract.id)) report(place, 'the id must be kebab-case')
  if (!contract.name) report(place, 'missing name')
  if (Object.keys(contract.fields).length === 0 && !rulesOf(kinds, contract)?.recordless) report(place, 'no fields')
  for (const part of ['audience', 'identity', 'timeoutMs', 'rate'] as const)
    if (contract[part] === undefined) report(place, `missing ${part}: the service or the connector's defaults must say it`)
  if (contract.timeoutMs < 100 || contract.timeoutMs > 60_000) report(place, 'timeoutMs must lie between 100 and 60000')
  if (contract.rate && (contract.rate.max < 1 || contract.rate.perSeconds < 1)) report(place, 'rate must allow at least one call')
  const { maxConcurrent = 1 } = contract.upstream ?? {}
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1) report(place, 'maxConcurrent must allow at least one call')
  checkFields(place, contract.fields, report)
  const kind = rulesOf(kinds, contract)
  checkInputs(place, contract, kind?.asks ?? false, report)
  // Of which kind it is meant to be, nobody knows, and so not what it lacks.
  if (!kind) return
  checkPolicies(place, connector, contract, kind.asks, report)
  for (const each of kinds)
    each.check?.({ connector, contract, own: each === kind, report: (problem, at = '') => report(place + at, problem) })
  for (const problem of [...checkRequest(connector, contract), ...checkChoices(connector, contract, kinds)]) report(place, problem)
}

function checkFields(place: string, fields: Fields, report: Report): void {
  for (const [name, { notes }] of Object.entries(fields)) {
    const at = `${place}.${name}`
    if (!NAME.test(name)) report(at, 'the field name must be camelCase')
    if (!notes.title) report(at, 'missing title')
    if (notes.reveal && (!notes.mask || notes.mask === 'idNumber')) report(at, 'reveal is for what is masked, and never for an id number')
    if (notes.reveal === 'members' && notes.mask !== 'name') report(at, 'members have names: nothing else is revealed as theirs')
    if (notes.type === 'code' && Object.keys(notes.list?.values ?? {}).length === 0) report(at, 'a code field needs a code list')
    for (const problem of [...checkFieldPattern(notes), ...checkUnit(notes)]) report(at, problem)
    checkSensitivity(at, notes, report)
    if (notes.columns) checkFields(at, notes.columns, report)
  }
}

/** An id number or account must never leave in clear because a line was forgotten. */
function checkSensitivity(at: string, { title, mask, type }: FieldNotes, report: Report): void {
  if (type === 'text' && /证件号码|身份证号|手机号|电话号/.test(title) && !mask) report(at, 'personal data without a mask')
}

function checkInputs(place: string, contract: Service['contract'], asks: boolean, report: Report): void {
  const { inputs, fields, audience } = contract
  for (const [name, { notes, schema }] of Object.entries(inputs)) {
    const at = `${place}.${name}`
    if (!NAME.test(name)) report(at, 'the input name must be camelCase')
    if (RESERVED_INPUTS.has(name)) report(at, 'the input name belongs to the hub')
    for (const problem of [...checkInput(notes, contract, asks), ...checkExpression((schema as { pattern?: string }).pattern)])
      report(at, problem)
    if (!notes.title) report(at, 'missing title')
    for (const path of [...(notes.field ? [notes.field, ...(notes.also ?? [])] : []), ...Object.values(notes.shows ?? {}).flat()]) {
      const [field = '', column] = path.split('.')
      const target = column ? fields[field]?.notes.columns?.[column] : fields[field]
      if (!target) report(at, `narrows no field: ${path}`)
    }
    if (!notes.fact && !notes.paper && audience !== 'public' && ID_NUMBER_INPUT.test(notes.title))
      report(at, 'an id number is never taken from a request')
  }
}

function checkPolicies(place: string, connector: ConnectorDeclaration, contract: Service['contract'], asks: boolean, report: Report): void {
  const method = contract.upstream?.method ?? 'POST'
  const system = contract.upstream?.system ? connector.systems?.[contract.upstream.system] : connector.upstream
  if (contract.cache && (contract.identity !== 'none' || !asks)) report(place, 'cache is only for public queries')
  if (contract.retry && method !== 'GET') report(place, 'retry is only for GET: a POST may have been acted on')
  if (contract.identity === 'face' && !contract.face) report(place, 'identity face needs a face policy')
  if (contract.identity === 'none' && contract.face) report(place, 'a face policy needs an identity of login or above')
  if (contract.audience === 'public' && !['none', 'login'].includes(contract.identity))
    report(place, 'audience public needs identity none or login')
  if (contract.anyOf) for (const problem of checkAnyOf(contract, contract.anyOf, asks)) report(place, `anyOf: ${problem}`)
  if (contract.audience === 'enterprise' && ['none', 'login'].includes(contract.identity))
    report(place, 'audience enterprise needs an identity of real-name or above: it takes a mandate')
  if (contract.dependants && (contract.audience !== 'person' || contract.identity === 'none' || contract.agents || !asks))
    report(place, 'dependants are for queries of a verified person')
  if (contract.audience === 'person' && !['none', 'login'].includes(contract.identity) && !system?.subject.person)
    report(place, 'upstream.subject.person is missing')
  for (const problem of checkKinship(connector, contract)) report(place, `kinship: ${problem}`)
  if (contract.upstream?.async && (contract.upstream.paging || !asks)) report(place, 'async is for queries whose rows come all at once')
  if (contract.upstream?.async) checkAsynchronous(place, contract.upstream.async, contract.timeoutMs, report)
  if (contract.parties && (contract.parties.length === 0 || contract.identity === 'none'))
    report(place, 'parties name keys and need a verified asker')
  if (contract.key && !(contract.key in contract.inputs && contract.key in contract.fields))
    report(place, `key must be an input and a field: ${contract.key}`)
  if (contract.upstream?.system && !connector.systems?.[contract.upstream.system])
    report(place, `no such system: ${contract.upstream.system}`)
}

/** Nobody fills in for the caller, so what asks by itself (health apart) can't ask such a service. */
function checkAnyOf({ inputs, subscriptions }: Service['contract'], names: readonly string[], asks: boolean): string[] {
  return [
    ...(asks ? [] : ['is for what is asked']),
    ...(names.length > 1 ? [] : ['needs two inputs at least']),
    ...names.flatMap((name) => (inputs[name] ? [] : [`no such input: ${name}`])),
    ...names.flatMap((name) => (inputs[name]?.notes.required || inputs[name]?.notes.fact ? [`${name} is given anyway`] : [])),
    ...(subscriptions ? ['is asked by its users alone: it has no subscriptions'] : []),
  ]
}

function checkKinship({ services }: ConnectorDeclaration, { kinship, dependants, identity, face }: Service['contract']): string[] {
  if (!kinship) return []
  const source = services.find(({ contract }) => contract.id === kinship.service)?.contract
  if (!source || rowsOf(source) !== 'many') return [`no list: ${kinship.service}`]
  const field = source.fields[kinship.idNumber]?.notes
  return [
    ...(dependants ? [] : ['is for a service with dependants']),
    ...(field?.mask === 'idNumber' && field.subject === undefined ? [] : [`${source.id} has no id number of others: ${kinship.idNumber}`]),
    ...(Object.values(source.inputs).some(({ notes }) => notes.required && !notes.fact) || source.anyOf
      ? [`${source.id} needs inputs`]
      : []),
    ...(source.audience === 'person' && source.identity === identity && (!source.face || face !== undefined)
      ? []
      : [`whoever may ask the service may not ask ${source.id}`]),
  ]
}

function checkAsynchronous(place: string, { running, done, refused, pollMs }: Asynchronous, timeoutMs: number, report: Report): void {
  const states = [...running, ...done, ...refused]
  if (running.length === 0 || done.length === 0) report(place, 'async needs a state for being at work and one for being done')
  if (new Set(states).size < states.length) report(place, 'async gives one state two meanings')
  // The agency is asked at least once whether it is done, and no oftener than it can stand.
  if (pollMs < 10 || pollMs >= timeoutMs) report(place, 'async.pollMs must lie between 10 and timeoutMs')
}
