import t, { type Test } from 'tap'
import { bronzePapers } from '../../conformance/bronze.ts'
import { gold } from '../../conformance/gold.ts'
import { readPaper } from '../../conformance/paper.ts'
import { shortfalls } from '../../conformance/promise.ts'
import type { ConnectorDeclaration } from '../../core/connector.ts'
import { systemOf } from '../../core/contract/systems.ts'
import { statesOf } from '../../plugins/kinds/filing/states.ts'
import { kindOf } from '../../plugins/kinds/index.ts'
import { loadConnectors, loadInternalConnectors } from '../../plugins/load-connectors.ts'
import { indexServices } from '../../plugins/sandbox/services.ts'
import { build } from '../helper/hub.ts'
import { everyField, promisesOf } from '../helper/promises.ts'

/** Of the contract as it was signed, 1.4.1 to 1.4.21. */
const CLAUSES = /^1\.4\.(?:[1-9]|1\d|2[01])(?:\.|$)/

const connectors = [...(await loadConnectors()), ...(await loadInternalConnectors())]
for (const connector of connectors) t.test(connector.id, async (t) => checkFolder(t, connector))

// The sandbox knows a service by its id at the agency alone: of two with one id, one would get the other's answers.
t.test('in the sandbox no two connectors share the id of a service', async (t) => {
  const shared = [...indexServices(connectors)].filter(([, services]) => new Set(services.map(({ connector: { id } }) => id)).size > 1)
  t.same(
    shared.map(([sid, services]) => [sid, ...services.map(({ connector, contract }) => `${connector.id}.${contract.id}`)]),
    [],
  )
})

/** What holds for every folder of `connectors/`; what is special to one stands in its own `test/`. */
async function checkFolder(t: Test, connector: ConnectorDeclaration): Promise<void> {
  const promised = promisesOf(connector.id)
  const contracts = connector.services.map(({ contract }) => contract)
  const fields = everyField(connector)
  const inputs = contracts.flatMap((contract) => Object.entries(contract.inputs).map(([name, { notes }]) => ({ contract, name, notes })))

  t.test('every service, input and field of the contract is declared in its words and order, and of its type', async (t) => {
    t.same(shortfalls(promised, contracts), [])
  })

  // Else the kit would find every demand met.
  if (CLAUSES.test(connector.section ?? ''))
    t.test('what the contract demands of its services is on paper', async (t) => {
      const asked = (await readPaper(connector)).promise?.flatMap(({ demands = [] }) => demands) ?? []
      t.ok(asked.length > 0, `connectors/${connector.id}/promise.json`)
    })

  t.test('what can be read of it has no fault: declaration, credentials, README, codes and their sources, rows', async (t) => {
    const paper = await readPaper(connector)
    for (const { id, read } of [...bronzePapers, ...gold]) t.same(read(paper), [], id)
  })

  t.test('no request names a person or a firm', async (t) => {
    for (const { contract, name, notes } of inputs) {
      // What everybody may see is searched by whom it is about.
      if (notes.type === 'verified' || contract.identity === 'none' || contract.audience === 'public') continue
      const { subject, owner } = systemOf(connector, contract)
      const naming = new Set([subject.person, subject.enterprise].flatMap((keys) => Object.keys(keys ?? {})))
      for (const key of [...(owner?.person ?? []), ...(owner?.enterprise ?? [])]) naming.add(key)
      // The bank that lends is a party whom only the applicant can name.
      if (notes.title.startsWith('抵押权人')) continue
      // Whoever comes along is named by whoever brings him, with a paper that is looked at.
      if (notes.paper || Object.values(contract.inputs).some(({ notes: { paper } }) => paper && ['personName', paper.kind].includes(name)))
        continue
      t.notOk(
        notes.codes.some((code) => naming.has(code)) || /证件|身份|姓名|单位名称|信用代码|社保账号|个人信息/.test(notes.title),
        `${contract.id}.${name}`,
      )
    }
  })

  t.test('numbers of persons are masked', async (t) => {
    // A code is the kind of document, no number.
    for (const { id, name, notes } of fields)
      if (notes.type !== 'code' && /证件号码|身份证|身份信息/.test(notes.title)) t.equal(notes.mask, 'idNumber', `${id}.${name}`)
  })

  t.test('periods and filters point at fields of their kind, a key is an input and a field', async (t) => {
    for (const { contract, name, notes } of inputs) {
      if (notes.field === undefined) continue
      const target = fields.find((field) => field.id === contract.id && field.name === notes.field)?.notes.type ?? ''
      // What an agency lists itself has no code list that a field could show it by.
      const choices = notes.from ? ['code', 'text'] : ['code']
      const others: Readonly<Record<string, string[]>> = { period: ['date', 'month', 'datetime'], choice: choices, near: ['integer'] }
      t.ok((others[notes.type] ?? [notes.type]).includes(target), `${contract.id}.${name} → ${notes.field}`)
    }
    for (const { id, key, inputs, fields } of contracts) if (key) t.ok(key in inputs && key in fields, `${id}: key ${key}`)
  })

  t.test('every answer has something without which it is refused', async (t) => {
    for (const contract of contracts.filter((each) => !kindOf(each).recordless))
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
        const { canMove, pathTo } = statesOf(submission)
        // A halt is reached from where it may begin.
        t.ok(submission.states?.[state]?.pause ? pathTo('submitted', state) : canMove('submitted', state), `${id}: ${state}`)
        for (const [name, codes] of Object.entries(when))
          for (const code of codes ?? []) t.ok(fields[name]?.notes.list?.values[code], `${id}: ${name} ${code}`)
      }
    }
  })
}

t.test('what the hub keeps of a promise is an operation of its interface documents', async (t) => {
  const promised = connectors.flatMap(({ id }) => promisesOf(id).map((service) => ({ ...service, place: `${id}.${service.id}` })))
  const { app } = await build(t)
  const documents = await Promise.all(['/openapi.json', '/openapi-admin.json'].map((url) => app.inject({ url })))
  const operations = new Set(documents.flatMap((response) => operationIds(response.json())))
  for (const { by, place } of promised) if (by !== undefined && by !== 'hub') t.ok(operations.has(by), `${place}: ${by}`)
  t.notOk(operations.has('accounts.nowhere.bind'))
})

function operationIds({ paths }: { paths: Record<string, Record<string, { operationId?: string }>> }): string[] {
  return Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ operationId }) => operationId ?? []))
}
