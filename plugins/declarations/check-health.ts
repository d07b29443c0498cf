import { Ajv } from 'ajv'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'
import { type KindRules, rulesOf } from './kind-rules.ts'

/** Formats are the door's to bring to their normal form; here it is enough that the form of a value is right. */
const ajv = new Ajv({ strict: false, validateFormats: false })

/**
 * What is wrong with how a connector's health is found out. A declaration that says whom or what to ask about means that the
 * service is asked: where it could not be, the hub would look at the gateway alone and nobody would know.
 */
export function checkHealth({ id, health, services }: ConnectorDeclaration, kinds: readonly KindRules[]): string[] {
  const contract = services.find((service) => service.contract.id === health.service)?.contract
  if (!contract) return [`${id}: health.service names no service: ${health.service}`]
  const at = `${id}.health`
  const asks = rulesOf(kinds, contract)?.asks ?? false
  const isAboutNobody = contract.identity === 'none' || contract.audience === 'public'
  const isAsked = health.inputs !== undefined || health.subject !== undefined
  return [
    ...(Number.isFinite(health.intervalSeconds) && health.intervalSeconds > 0 ? [] : [`${at}: intervalSeconds must be above zero`]),
    ...(asks || !isAsked ? [] : [`${at}: ${contract.id} is no query: asking it would do something at the agency`]),
    ...(asks && contract.upstream?.async && isAsked ? [`${at}: ${contract.id} is applied for, which leaves something behind`] : []),
    ...(isAboutNobody && health.subject ? [`${at}: ${contract.id} is asked about nobody, so it takes no subject`] : []),
    ...(!isAboutNobody && health.inputs && !health.subject ? [`${at}: ${contract.id} is asked about somebody: needs a subject`] : []),
    ...(health.subject && !(health.subject.name && health.subject.number) ? [`${at}.subject: needs a name and a number`] : []),
    ...(asks && isAsked ? checkInputs(at, contract, health.inputs ?? {}) : []),
  ]
}

function checkInputs(at: string, { inputs, anyOf }: ServiceContract, given: Readonly<Record<string, unknown>>): string[] {
  const missing = Object.entries(inputs).filter(([name, { notes }]) => notes.required && !notes.fact && given[name] === undefined)
  return [
    ...missing.map(([name]) => `${at}.inputs: ${name} is required`),
    ...(anyOf?.every((name) => given[name] === undefined) ? [`${at}.inputs: needs one of ${anyOf.join(', ')}`] : []),
    ...Object.entries(given).flatMap(([name, value]) => {
      const declared = inputs[name]
      if (!declared) return [`${at}.inputs: no such input: ${name}`]
      if (declared.notes.fact) return [`${at}.inputs: ${name} is verified, and comes from the subject`]
      return ajv.validate(declared.schema, value) ? [] : [`${at}.inputs.${name}: ${ajv.errorsText(ajv.errors, { dataVar: 'value' })}`]
    }),
  ]
}
