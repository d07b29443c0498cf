import type { Row } from '../../../core/answer/reading.ts'
import { textOf } from '../../../core/call/execute.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Agencies } from '../choices.ts'

/** The rows of another service of the connector, UNMASKED: for the hub to look at, never to hand on. */
export async function listed(
  { connector }: CompiledService,
  name: string,
  input: Readonly<Record<string, unknown>>,
  asker: Asker,
  { services, upstreams }: Agencies,
): Promise<Row[]> {
  const source = services.get(`${connector.id}.${name}`)
  const upstream = source && upstreams.get(source.system)
  // The check of declarations has made sure of both.
  if (!source || !upstream) throw new Error(`no service ${connector.id}.${name}`)
  const { contract } = source
  const own = Object.fromEntries(Object.keys(contract.inputs).flatMap((key) => (input[key] === undefined ? [] : [[key, input[key]]])))
  const options = {
    deadline: performance.now() + contract.timeoutMs,
    retries: contract.retry?.attempts ?? 0,
    cacheSeconds: 0,
    asks: true,
  }
  const answer = await upstream.call(
    source.outgoing(own, asker),
    (reply) => {
      const opened = source.open(reply)
      return { ...opened, read: opened.rows.map((row) => source.map(row, asker)) }
    },
    options,
  )
  return answer.read
}

/** What a field says, as a caller would write it; empty where it says nothing. */
export function told(row: Row, name: string | undefined): string {
  const value = name === undefined ? null : row[name]
  return value === null || value === undefined ? '' : textOf(value)
}
