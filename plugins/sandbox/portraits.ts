import { rowsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, SandboxRow, SandboxSubject, ServiceContract } from '../../core/contract/types.ts'
import { adminRoles } from '../users/roles.ts'
import { enterprises, mandates, people } from './people.ts'
import { ADMINISTRATORS } from './seed.ts'
import { valueIn } from './services.ts'
import { worldAt } from './world.ts'

/** What an invented person or enterprise has at one agency. */
export interface Holdings {
  connector: string
  name: string
  /** Services that have something to tell, and those that have not: good for trying both. */
  with: string[]
  without: string[]
  /** States by their titles: `个人账户状态：封存`. */
  states: string[]
  /** Whether the person's account there has to be bound first. */
  bind: boolean
}

export interface PersonPortrait {
  index: number
  id: string
  name: string
  idNumber: string
  age: number
  sex: string
  role: string | null
  /** Enterprises that the person may act for. */
  enterprises: number[]
  holdings: Holdings[]
}

export interface EnterprisePortrait {
  index: number
  id: string
  name: string
  uscc: string
  /** People who may act for it. */
  people: number[]
  holdings: Holdings[]
}

/** What each invented person is good for, read from what the sandbox would answer. */
export function portrayPeople(connectors: readonly ConnectorDeclaration[], today = new Date()): PersonPortrait[] {
  return people.map((person) => {
    const { index, id, name, number } = person
    const role = ADMINISTRATORS[index - 1]
    return {
      ...{ index, id, name, idNumber: number },
      age: ageOf(number, today),
      sex: person.life.sex,
      role: role ? adminRoles[role] : null,
      enterprises: mandates.filter((mandate) => mandate.person === index).map(({ enterprise }) => enterprise),
      holdings: holdingsOf(connectors, 'person', person, today),
    }
  })
}

export function portrayEnterprises(connectors: readonly ConnectorDeclaration[], today = new Date()): EnterprisePortrait[] {
  return enterprises.map((enterprise) => {
    const { index, id, name, number } = enterprise
    return {
      ...{ index, id, name, uscc: number },
      people: mandates.filter((mandate) => mandate.enterprise === index).map(({ person }) => person),
      holdings: holdingsOf(connectors, 'enterprise', enterprise, today),
    }
  })
}

/** Public services, and those whose answers are made up alike for everybody, tell nobody from anybody. */
function holdingsOf(
  connectors: readonly ConnectorDeclaration[],
  audience: ServiceContract['audience'],
  subject: SandboxSubject,
  today: Date,
): Holdings[] {
  return connectors.flatMap((connector) => {
    const world = worldAt(today.getTime())
    const told = connector.services.flatMap(({ contract }) => {
      const rows =
        contract.identity === 'none' || contract.audience !== audience ? undefined : connector.sandbox[contract.id]?.(subject, world)
      return rows ? [{ contract, rows }] : []
    })
    if (told.length === 0) return []
    const names = (having: boolean) => told.filter(({ rows }) => rows.length > 0 === having).map(({ contract }) => contract.id)
    const states = told.flatMap(({ contract, rows: [row] }) => (row && rowsOf(contract) === 'one' ? statesIn(contract, row) : []))
    return [
      {
        connector: connector.id,
        name: connector.name,
        with: names(true),
        without: names(false),
        states: [...new Set(states)],
        bind: connector.accounts !== undefined,
      },
    ]
  })
}

function statesIn({ fields }: ServiceContract, row: SandboxRow): string[] {
  return Object.entries(fields).flatMap(([name, { notes }]) => {
    if (notes.type !== 'code' || !notes.title.includes('状态')) return []
    const value = notes.list?.values[String(valueIn(row, name, notes))]
    return value === undefined ? [] : [`${notes.title}：${value}`]
  })
}

function ageOf(number: string, today: Date): number {
  const born = number.slice(6, 14)
  const day = today.toISOString().slice(0, 10).replaceAll('-', '')
  return Number(day.slice(0, 4)) - Number(born.slice(0, 4)) - (day.slice(4) < born.slice(4) ? 1 : 0)
}
