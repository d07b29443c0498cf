import type { IncomingHttpHeaders } from 'node:http'
import type { ServiceContract } from '../../core/contract/types.ts'
import type { Params } from '../kinds/simulation.ts'

/** → what a path holds in the places of `{name}`; null for another path. */
export function compileAddress(template: string): (path: string) => Params | null {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
  if (names.length === 0) return (path) => (path === template ? {} : null)
  const texts = template.split(/\{[^{}]*\}/).map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  const form = new RegExp(`^${texts.join('([^/]+)')}$`)
  return (path) => {
    const found = form.exec(path)
    return found ? Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')])) : null
  }
}

/** What stands in a call's path and in the headers of its service, under the keys of parameters. */
export function placedParams(contract: ServiceContract, inPath: Params, headers: IncomingHttpHeaders): Params {
  const params: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(inPath)) params[keyOfInput(contract, name)] = value
  for (const [name, value] of Object.entries(contract.upstream?.headers ?? {})) {
    const given = headers[name.toLowerCase()]
    if (typeof value === 'string' || given === undefined) continue
    params['input' in value ? keyOfInput(contract, value.input) : value.fact] = decodeURIComponent(String(given))
  }
  return params
}

/** Where a service has no parameter for an input, the sandbox knows it by its own name. */
export function keyOfInput({ inputs }: ServiceContract, name: string): string {
  return inputs[name]?.notes.codes[0] ?? name
}

/** The values of a nested body by the paths that lead to them, beside the body's own keys. */
export function flatten(params: Params, prefix = ''): Params {
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => {
      const path = prefix + key
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
      return [[path, value], ...(isObject ? Object.entries(flatten(value as Params, `${path}.`)) : [])]
    }),
  )
}
