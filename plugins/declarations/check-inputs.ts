import { choicesOf } from '../../core/contract/choices.ts'
import type { FieldNotes } from '../../core/contract/fields.ts'
import type { ChoiceSource, DaysAhead, InputNotes, InputType } from '../../core/contract/inputs.ts'
import { rowsOf, usesAccount } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'
import { checkInputPattern } from './check-request.ts'
import { type KindRules, rulesOf } from './kind-rules.ts'

/** What the values of a list may be. */
const ITEMS: ReadonlySet<InputType> = new Set(['text', 'integer', 'money', 'choice', 'date', 'time', 'file'])
/** What goes along in one body is held in memory, a third larger. */
const LARGEST_FILE = 8 * 1024 * 1024

/** What is wrong with one input, apart from its name and title. */
export function checkInput(notes: InputNotes, contract: ServiceContract, asks: boolean): string[] {
  const { method } = contract.upstream ?? {}
  const { type, item, join, from, list, ahead } = notes
  const inQuery = method === 'GET' || method === 'DELETE'
  return [
    ...checkInputPattern(notes),
    ...checkUnit(notes),
    ...checkFact(notes, contract),
    ...(type === 'choice' && !from && Object.keys(list?.values ?? {}).length === 0 ? ['a choice needs a code list'] : []),
    ...(type === 'list' && item && !ITEMS.has(item.type) ? [`a list holds no ${item.type}`] : []),
    ...(type === 'list' && item ? [...checkInputPattern(item), ...checkUnit(item)] : []),
    ...(type === 'list' && join === undefined && inQuery ? ['a list in a query string needs join'] : []),
    ...(type === 'address' && asks ? ['an address is for services that take a body'] : []),
    ...(type === 'file' ? checkFile(notes, asks) : type === 'list' && item?.type === 'file' ? checkFile(item, asks) : []),
    ...(type === 'list' && item?.type === 'file' && join !== undefined ? ['files are not joined'] : []),
    ...Object.entries(notes.requiredWhen ?? {}).flatMap(([name, codes]) => checkCondition(contract, name, codes)),
    ...(notes.requiredWhen && (notes.required || notes.fact) ? ['is required anyway'] : []),
    ...(type === 'near' ? checkNear(notes, contract, asks) : []),
    ...(ahead && asks ? ['ahead is for what is booked, not asked'] : []),
    ...(ahead && !isSpan(ahead) ? ['ahead counts whole days from today on, the first before the last'] : []),
  ]
}

/** Money alone is converted: elsewhere the number would go as it is, whatever its unit says. */
export function checkUnit({ type, unit }: Pick<FieldNotes | InputNotes, 'type' | 'unit'>): string[] {
  return unit === undefined || type === 'money' ? [] : [`a ${type} takes no unit: only money is in ${unit} (money?)`]
}

/** A fact that who asks has not could only fail when it is asked. */
function checkFact({ fact }: InputNotes, { audience, identity, agents }: ServiceContract): string[] {
  if (!fact) return []
  if (fact.startsWith('enterprise.') && audience !== 'enterprise' && !agents) return [`no enterprise asks: ${fact}`]
  const isNameless = audience === 'public' || identity === 'none' || identity === 'login'
  return fact.startsWith('person.') && isNameless ? [`needs an identity of real-name or above: ${fact}`] : []
}

function checkCondition({ inputs }: ServiceContract, name: string, codes: readonly string[]): string[] {
  const { values } = inputs[name]?.notes.list ?? {}
  if (!values) return [`requiredWhen names no choice of the service: ${name}`]
  return codes.filter((code) => !Object.hasOwn(values, code)).map((code) => `requiredWhen: ${name} has no code ${code}`)
}

function checkNear({ near, field = '' }: InputNotes, { fields, upstream }: ServiceContract, asks: boolean): string[] {
  const typeOf = (path: string) => {
    const [name = '', column] = path.split('.')
    return (column === undefined ? fields[name] : fields[name]?.notes.columns?.[column])?.notes.type
  }
  const listOf = (path: string) => path.slice(0, path.lastIndexOf('.') + 1)
  const { longitude = '', latitude = '' } = near ?? {}
  return [
    ...(asks && !upstream?.paging?.through ? [] : ['near is for questions whose rows come whole']),
    ...[longitude, latitude].flatMap((path) => (typeOf(path) === 'number' ? [] : [`near needs a number: ${path}`])),
    ...(typeOf(field) === 'integer' ? [] : [`near writes a whole number: ${field}`]),
    ...(new Set([longitude, latitude, field].map(listOf)).size === 1 ? [] : ['near looks at one list']),
  ]
}

function isSpan({ from, to }: DaysAhead): boolean {
  return Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to
}

function checkFile({ file }: InputNotes, asks: boolean): string[] {
  const { mediaTypes = [], maxBytes = 0 } = file ?? {}
  return [
    ...(asks ? ['a file is for services that take a body'] : []),
    ...(mediaTypes.length === 0 ? ['a file needs its media types'] : []),
    ...(maxBytes > 0 && maxBytes <= LARGEST_FILE ? [] : [`a file has up to ${LARGEST_FILE} bytes`]),
  ]
}

/** What is wrong with choices that another service lists. */
export function checkChoices(connector: ConnectorDeclaration, contract: ServiceContract, kinds: readonly KindRules[]): string[] {
  const { cancel, change, supplement } = contract.submission ?? {}
  // An act on a filing chooses without an account of its own.
  const asking = [contract, ...[cancel, change, supplement].map((act) => ({ ...contract, inputs: act?.inputs ?? {} }))]
  return asking.flatMap((asks) =>
    choicesOf(asks.inputs).flatMap(({ input, source }) =>
      checkSource(connector, asks, source, kinds).map((problem) => `${input}: ${problem}`),
    ),
  )
}

function checkSource(
  connector: ConnectorDeclaration,
  contract: ServiceContract,
  { from, value, name, open }: ChoiceSource,
  kinds: readonly KindRules[],
): string[] {
  const source = connector.services.find((service) => service.contract.id === from)?.contract
  if (!source) return [`choices from no service: ${from}`]
  const isOpen = source.identity === 'none'
  const asSame =
    source.audience === contract.audience &&
    source.identity === contract.identity &&
    (!source.face || contract.face !== undefined) &&
    // Whoever asks for somebody else gets no list that is for oneself alone.
    (!contract.agents || source.agents === true) &&
    (!contract.dependants || source.dependants === true)
  const missing = Object.entries(source.inputs).filter(
    ([input, { notes }]) => notes.required && !notes.fact && !contract.inputs[input]?.notes.required,
  )
  return [
    ...(rowsOf(source) === 'many' && rulesOf(kinds, source)?.asks ? [] : [`choices come from a list: ${from}`]),
    ...[value, ...(name === undefined ? [] : [name])].flatMap((field) => {
      const notes = source.fields[field]?.notes
      return notes && !notes.mask && !notes.columns ? [] : [`choices need an open field of ${from}: ${field}`]
    }),
    ...(open === undefined || source.fields[open]?.notes.type === 'flag' ? [] : [`choices are open by a flag of ${from}: ${open}`]),
    ...(isOpen || asSame ? [] : [`who may ask the service may not ask ${from} for its choices`]),
    ...(!isOpen && usesAccount(connector, source) && !usesAccount(connector, contract)
      ? [`${from} needs an account that the service doesn't`]
      : []),
    ...missing.map(([input]) => `${from} needs the input ${input}, which the service does not require`),
    ...(choicesOf(source.inputs).length > 0 ? [`${from} has choices of another service itself`] : []),
  ]
}
