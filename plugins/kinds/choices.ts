import { HubError } from '../../core/base/errors.ts'
import { execute, textOf, wordOf } from '../../core/call/execute.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { type Asker, NOBODY } from '../../core/contract/asker.ts'
import type { ChoiceSource } from '../../core/contract/inputs.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'

export interface Agencies {
  /** By `<connector>.<service>`. */
  readonly services: ReadonlyMap<string, CompiledService>
  readonly upstreams: ReadonlyMap<string, Upstream>
}

const SHOWN = 50
const EVERYTHING = { keep: () => true, sort: null, columns: null, page: 1, pageSize: 1 }

/**
 * Compares what was chosen with what the agency offers now. A public list is asked for by nobody, so that its cache
 * serves all; any other as the caller. Throws a HUB_VALIDATION that names the choices. `part`: where the input came from.
 */
export async function assertChoices(
  service: CompiledService,
  input: Readonly<Record<string, unknown>>,
  asker: Asker,
  agencies: Agencies,
  part: 'query' | 'body',
): Promise<void> {
  for (const { input: name, source } of service.offered) {
    const given = input[name]
    if (given === undefined) continue
    const choices = await choicesFrom(service, source, input, asker, agencies)
    const wanted = [given].flat().map(String)
    if (wanted.every((value) => choices.get(value)?.open)) continue
    const offered = [...choices].filter(([, { open }]) => open).slice(0, SHOWN)
    const values = offered.map(([value]) => value)
    const words = offered.map(([value, { label }]) => (label === undefined ? value : `${value} ${label}`))
    const options = offered.map(([value, { label = value }]) => ({ value, label }))
    const closed = wanted.filter((value) => choices.get(value)?.open === false).map((value) => `${value} 现在不能选，`)
    const detail = closed.join('') + (values.length === 0 ? '目前没有可选的内容' : `可选：${words.join('，')}`)
    throw new HubError('HUB_VALIDATION', {
      errors: [{ pointer: `/${part}/${name}`, detail }],
      choices: { parameter: name, values, options },
    })
  }
}

interface Choice {
  label: string | undefined
  open: boolean
}

/** → what there is to choose from, what it is called, and whether it can be had. */
async function choicesFrom(
  { connector }: CompiledService,
  { from, value, name, open }: ChoiceSource,
  input: Readonly<Record<string, unknown>>,
  asker: Asker,
  { services, upstreams }: Agencies,
): Promise<Map<string, Choice>> {
  const source = services.get(`${connector.id}.${from}`)
  const upstream = source && upstreams.get(source.system)
  // The check of declarations has made sure of both.
  if (!source || !upstream) throw new Error(`no service ${connector.id}.${from}`)
  const own = Object.fromEntries(
    Object.keys(source.contract.inputs).flatMap((key) => (input[key] === undefined ? [] : [[key, input[key]]])),
  )
  const as = source.contract.identity === 'none' ? NOBODY : asker
  const { rows } = await execute(source, upstream, as, own, EVERYTHING, true)
  return new Map(
    rows.map((row) => [
      textOf(row[value]),
      { label: name === undefined ? undefined : wordOf(row[name]), open: open === undefined || row[open] === true },
    ]),
  )
}
