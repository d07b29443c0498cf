import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import type { ConnectorDeclaration, ServiceContract } from '../../core/connector.ts'
import { checkDeclarations } from '../../core/contract/check.ts'
import type { FieldNotes } from '../../core/contract/fields.ts'
import { canMove } from '../../core/contract/states.ts'
import { systemOf } from '../../core/contract/systems.ts'
import { kinds as serviceKinds } from '../../plugins/kinds/index.ts'

/** A service as the contract names it, word for word; kept by hand in test/data, apart from the declaration. */
export interface Promised extends Pick<ServiceContract, 'id' | 'name' | 'section' | 'kind' | 'audience' | 'identity'> {
  inputs: [name: string, title: string][]
  fields: [name: string, title: string, type: string][]
}

export function promisesOf(connectorId: string): Promised[] {
  return JSON.parse(readFileSync(new URL(`../data/${connectorId}.services.json`, import.meta.url), 'utf8')) as Promised[]
}

/** Everything in which declared services fall short of the promise. Further inputs may follow those promised. */
export function shortfalls(promised: readonly Promised[], declared: readonly ServiceContract[]): string[] {
  const found = declared.filter(({ id }) => !promised.some((service) => service.id === id)).map(({ id }) => `${id}: not promised`)
  for (const service of promised) {
    const contract = declared.find(({ id }) => id === service.id)
    if (!contract) {
      found.push(`${service.id}: missing`)
      continue
    }
    for (const key of ['name', 'section', 'kind', 'audience', 'identity'] as const) {
      if (contract[key] !== service[key]) found.push(`${service.id}: ${key} is ${contract[key]}`)
    }
    const inputs = titles(contract.inputs).slice(0, service.inputs.length)
    if (inputs.join('\n') !== service.inputs.map(([name, title]) => `${name} ${title}`).join('\n')) found.push(`${service.id}: inputs`)
    if (titles(contract.fields).join('\n') !== service.fields.map(([name, title]) => `${name} ${title}`).join('\n'))
      found.push(`${service.id}: fields`)
  }
  return found
}

function titles(declared: Readonly<Record<string, { notes: { title: string } }>>): string[] {
  return Object.entries(declared).map(([name, { notes }]) => `${name} ${notes.title}`)
}

export interface DeclaredField {
  /** Service id. */
  id: string
  /** `list.column` for a column. */
  name: string
  notes: FieldNotes
}

/** Fields of all services, and the columns of list fields. */
export function everyField({ services }: ConnectorDeclaration): DeclaredField[] {
  return services.flatMap(({ contract: { id, fields } }) =>
    Object.entries(fields).flatMap(([name, { notes }]) => [
      { id, name, notes },
      ...Object.entries(notes.columns ?? {}).map(([column, inner]) => ({ id, name: `${name}.${column}`, notes: inner.notes })),
    ]),
  )
}

/** Forms of a field that do justice to the contract's: reasons may come as codes, months as months, several persons as a list. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  string: ['text', 'month', 'code', 'list'],
  number: ['number', 'integer'],
  money: ['money'],
  boolean: ['flag'],
  date: ['date'],
  datetime: ['datetime'],
  enum: ['code'],
  list: ['list'],
  file: ['files'],
}

/** What holds for the declaration of every connector; `totals` keep the promise itself from shrinking unseen. */
export function checkPromises(t: Test, connector: ConnectorDeclaration, totals: { services: number; fields: number }): void {
  const promised = promisesOf(connector.id)
  const contracts = connector.services.map(({ contract }) => contract)
  const fields = everyField(connector)
  const inputs = contracts.flatMap((contract) => Object.entries(contract.inputs).map(([name, { notes }]) => ({ contract, name, notes })))

  t.test('every service, input and field of the contract is declared in its words and order', async (t) => {
    t.same({ services: promised.length, fields: promised.flatMap((service) => service.fields).length }, totals)
    t.same(shortfalls(promised, contracts), [])
  })

  t.test('the start-up checks find nothing to say', async (t) => {
    t.same(checkDeclarations([connector], serviceKinds), [])
  })

  t.test('fields have the kind that the contract gives them', async (t) => {
    for (const service of promised) {
      const contract = contracts.find(({ id }) => id === service.id)
      for (const [name, , type] of service.fields)
        t.ok(kinds[type]?.includes(contract?.fields[name]?.notes.type ?? ''), `${service.id}.${name}: ${type}`)
    }
  })

  t.test('no request names a person or a firm', async (t) => {
    for (const { contract, name, notes } of inputs) {
      if (notes.type === 'verified') continue
      const { subject, owner } = systemOf(connector, contract)
      const naming = new Set([subject.person, subject.enterprise].flatMap((keys) => Object.keys(keys ?? {})))
      for (const key of [...(owner?.person ?? []), ...(owner?.enterprise ?? [])]) naming.add(key)
      t.notOk(
        notes.codes.some((code) => naming.has(code)) || /证件|身份|姓名|单位名称|信用代码|社保账号|个人信息/.test(notes.title),
        `${contract.id}.${name}`,
      )
    }
  })

  t.test('numbers of persons are masked', async (t) => {
    for (const { id, name, notes } of fields)
      if (/证件号码|身份证|身份信息/.test(notes.title)) t.equal(notes.mask, 'idNumber', `${id}.${name}`)
  })

  t.test('periods and filters point at fields of their kind', async (t) => {
    for (const { contract, name, notes } of inputs) {
      if (notes.field === undefined) continue
      const target = fields.find((field) => field.id === contract.id && field.name === notes.field)?.notes.type ?? ''
      const expected = notes.type === 'period' ? ['date', 'month', 'datetime'] : notes.type === 'choice' ? ['code'] : [notes.type]
      t.ok(expected.includes(target), `${contract.id}.${name} → ${notes.field}`)
    }
  })

  t.test('every answer has something without which it is refused', async (t) => {
    for (const contract of contracts)
      t.ok(
        Object.values(contract.fields).some(({ notes }) => notes.required),
        contract.id,
      )
  })

  t.test('filings walk through states that follow each other, by codes that their lists name', async (t) => {
    for (const { id, fields, submission } of contracts) {
      if (!submission) continue
      t.equal(fields[submission.reference]?.notes.required, true, id)
      for (const { state, when } of submission.progress) {
        t.ok(canMove('submitted', state), `${id}: ${state}`)
        for (const [name, codes] of Object.entries(when))
          for (const code of codes ?? []) t.ok(fields[name]?.notes.list?.values[code], `${id}: ${name} ${code}`)
      }
    }
  })
}
