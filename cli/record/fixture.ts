import type { Row } from '../../core/answer/reading.ts'
import { unreadableIn } from '../../core/answer/unreadable.ts'
import { HubError } from '../../core/base/errors.ts'
import { execute } from '../../core/call/execute.ts'
import { compileService } from '../../core/call/service.ts'
import { type Asker, NOBODY } from '../../core/contract/asker.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'
import { readInputs } from '../attempt/inputs.ts'

/** An answer of an agency without the people in it, and what the hub reads of it. */
export interface Fixture {
  service: string
  /** Who asks: person 1, or enterprise 1, of the sandbox. */
  asker: 'person' | 'enterprise' | 'nobody'
  /** `name=value`, as they were typed. */
  input: string[]
  answer: { status: number; contentType: string; body: unknown }
  read: Outcome
}

export type Outcome = { rows: Row[]; unreadable: string[] } | { error: string }

/** Reads the answer of a fixture as the hub would read it off the wire. */
export async function replay(connector: ConnectorDeclaration, fixture: Omit<Fixture, 'read'>): Promise<Outcome> {
  const declared = connector.services.find(({ contract }) => contract.id === fixture.service)
  if (!declared) throw new Error(`${connector.id} has no service ${fixture.service}`)
  const service = compileService(connector, declared)
  const { status, contentType, body } = fixture.answer
  const reply = { status, contentType, body: Buffer.from(JSON.stringify(body)) }
  const call: Upstream['call'] = async (_outgoing, read) => ({ ...read(reply), status, at: 0 })
  const { input, selection } = readInputs(service, fixture.input)
  try {
    const { rows } = await execute(service, { call } as Upstream, askerOf(fixture.asker), input, selection)
    return { rows, unreadable: rows.flatMap((row) => [...unreadableIn(row)]) }
  } catch (error) {
    if (error instanceof HubError) return { error: error.code }
    throw error
  }
}

function askerOf(who: Fixture['asker']): Asker {
  const [person] = people
  const [firm] = enterprises
  if (who === 'person' && person)
    return { person: { id: '', name: person.name, idType: '居民身份证', idNumber: person.number }, enterprise: null }
  if (who === 'enterprise' && firm) return { person: null, enterprise: { id: '', name: firm.name, uscc: firm.number } }
  return NOBODY
}
