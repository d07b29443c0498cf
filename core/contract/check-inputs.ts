import { checkInputPattern } from './check-request.ts'
import { choicesOf } from './choices.ts'
import { isQuestion } from './defaults.ts'
import type { ChoiceSource, InputNotes, InputType } from './inputs.ts'
import { rowsOf, usesAccount } from './systems.ts'
import type { ConnectorDeclaration, ServiceContract } from './types.ts'

/** What the values of a list may be. */
const ITEMS: ReadonlySet<InputType> = new Set(['text', 'integer', 'money', 'choice', 'date', 'time'])
const TYPES: ReadonlySet<string> = new Set([...ITEMS, 'period', 'flag', 'list', 'address', 'file', 'verified'])

/** What is wrong with one input, apart from its name and title. */
export function checkInput(notes: InputNotes, contract: ServiceContract): string[] {
  const { method } = contract.upstream ?? {}
  const { type, item, join, from, list } = notes
  const inQuery = method === 'GET' || method === 'DELETE'
  return [
    ...(TYPES.has(type) ? [] : [`unknown input type: ${type}`]),
    ...checkInputPattern(notes),
    ...(type === 'choice' && !from && Object.keys(list?.values ?? {}).length === 0 ? ['a choice needs a code list'] : []),
    ...(type === 'list' && item && !ITEMS.has(item.type) ? [`a list holds no ${item.type}`] : []),
    ...(type === 'list' && item ? checkInputPattern(item) : []),
    ...(type === 'list' && join === undefined && inQuery ? ['a list in a query string needs join'] : []),
    ...(type === 'address' && isQuestion(contract) ? ['an address is for services that take a body'] : []),
  ]
}

/** What is wrong with choices that another service lists. */
export function checkChoices(connector: ConnectorDeclaration, contract: ServiceContract): string[] {
  return choicesOf(contract.inputs).flatMap(({ input, source }) =>
    checkSource(connector, contract, source).map((problem) => `${input}: ${problem}`),
  )
}

function checkSource(connector: ConnectorDeclaration, contract: ServiceContract, { from, value, name }: ChoiceSource): string[] {
  const source = connector.services.find((service) => service.contract.id === from)?.contract
  if (!source) return [`choices from no service: ${from}`]
  const isOpen = source.identity === 'none'
  const asSame =
    source.audience === contract.audience && source.identity === contract.identity && (!source.face || contract.face !== undefined)
  const missing = Object.entries(source.inputs).filter(
    ([input, { notes }]) => notes.required && !notes.fact && !contract.inputs[input]?.notes.required,
  )
  return [
    ...(rowsOf(source) === 'many' && isQuestion(source) ? [] : [`choices come from a list: ${from}`]),
    ...[value, ...(name === undefined ? [] : [name])].flatMap((field) => {
      const notes = source.fields[field]?.notes
      return notes && !notes.mask && !notes.columns ? [] : [`choices need an open field of ${from}: ${field}`]
    }),
    ...(isOpen || asSame ? [] : [`who may ask the service may not ask ${from} for its choices`]),
    ...(!isOpen && usesAccount(connector, source) && !usesAccount(connector, contract)
      ? [`${from} needs an account that the service doesn't`]
      : []),
    ...missing.map(([input]) => `${from} needs the input ${input}, which the service does not require`),
    ...(choicesOf(source.inputs).length > 0 ? [`${from} has choices of another service itself`] : []),
  ]
}
