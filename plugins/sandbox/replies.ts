import type { ConnectorDeclaration, SandboxSubject } from '../../core/contract/types.ts'
import type { SandboxFiling } from '../kinds/filing/policy.ts'
import { kindOf, kinds } from '../kinds/index.ts'
import type { PageAnswer, PageRequest, Params, SandboxService, Simulation, Simulator } from '../kinds/simulation.ts'
import { flatten } from './addresses.ts'
import { type Answers, createAnswers, findSubject, somebodyElse } from './answers.ts'
import { distort } from './distortions.ts'
import { type Active, spend } from './faults.ts'
import type { ServiceIndex } from './services.ts'
import { findVoucher, type Voucher } from './vouchers.ts'
import { wrap } from './wrapping.ts'

/** → body of the answer to a call that a gateway has let pass: text, or a file as it is. */
export type Replies = (sid: string, method: string, params: Params, faults: Active) => string | Voucher

/** The file that the parameters name, where it is in a record of whoever they name. */
function giveFile(offered: readonly SandboxService[], answers: Answers, sid: string, params: Params, faults: Active): string | Voucher {
  for (const service of offered) {
    const { files } = service.contract
    const subject = findSubject(service, params)
    if (files?.sid !== sid || !subject) continue
    const voucher = findVoucher(service, answers.rowsOf(service, subject), String(params[files.parameter]))
    if (!voucher) continue
    if (files.content === undefined) return voucher
    return wrap({ ...service, one: true }, { rows: [{ [files.content]: voucher.body.toString('base64') }], total: null }, faults)
  }
  return wrap(offered[0] as SandboxService, { refusal: '文件不存在' }, faults)
}

/** Of several records none is chosen: an agency that takes no notice of the key. */
function unchosen({ contract: { key, inputs } }: SandboxService, params: Params): Params {
  const code = key === undefined ? undefined : inputs[key]?.notes.codes[0]
  return code === undefined ? params : { ...params, [code]: undefined }
}

interface Options extends Pick<Simulation, 'dataDir' | 'stepMs' | 'hubUrl' | 'notify'> {
  /** The clock by which the invented lives go on. */
  now(): number
}

/** A company's books are the same for everybody. */
const NOBODY = { index: 0, name: '', number: '' }

/** The business systems behind all gateways: one simulator for each kind of service. */
export function createReplies(services: ServiceIndex, { now, ...options }: Options) {
  const answers = createAnswers(now, filedBy)
  const simulation: Simulation = {
    ...options,
    findSubject,
    somebodyElse,
    rowsOf: (service, subject, at, asked) => answers.rowsOf(service, subject, at, asked),
    find: answers.find,
    paidAt,
    distort: (rows, fields, faults) => distort(rows, fields, faults as Active),
  }
  const simulators: ReadonlyMap<string, Simulator> = new Map(kinds.map((kind) => [kind.name, kind.simulate(simulation)]))
  const simulatorOf = (kind: string) => simulators.get(kind)

  const filing = new Map<ConnectorDeclaration, SandboxService[]>()
  for (const service of new Set([...services.values()].flat()))
    if (simulatorOf(kindOf(service.contract).name)?.filed)
      filing.set(service.connector, [...(filing.get(service.connector) ?? []), service])

  function paidAt({ connector }: SandboxService, reference: string): number | null {
    for (const service of filing.get(connector) ?? []) {
      const { order } = service.contract
      if (!order) continue
      const books = simulatorOf(kindOf(service.contract).name)?.filed?.(service, NOBODY, now()) ?? []
      const paid = books.find(({ params }) => params[order.writeOff.bill] === reference)
      if (paid) return paid.at
    }
    return null
  }

  function filedBy({ connector }: SandboxService, subject: SandboxSubject, before: number): readonly SandboxFiling[] {
    const own = (filing.get(connector) ?? []).flatMap(
      (service) => simulatorOf(kindOf(service.contract).name)?.filed?.(service, subject, before) ?? [],
    )
    return own.length > 1 ? own.sort((a, b) => a.at - b.at) : own
  }

  const reply: Replies = (sid, method, given, faults) => {
    spend(faults)
    // Beside what a body holds there may be whose token it came with, under a symbol.
    const all = { ...given, ...flatten(given) }
    const offered = services.get(sid) ?? []
    const service = offered.find((candidate) => candidate.sid === sid) ?? (offered[0] as SandboxService)
    const params = faults.has('many') ? unchosen(service, all) : all
    if (offered.some(({ contract }) => contract.files?.sid === sid)) return giveFile(offered, answers, sid, params, faults)
    const simulator = simulatorOf(kindOf(service.contract).name)
    if (!simulator) throw new Error(`nobody simulates ${sid}`)
    const found = simulator.answer({ offered, service, sid, method, params, faults })
    return wrap(service, 'rows' in found ? { ...found, rows: distort(found.rows, service.contract.fields, faults) } : found, faults)
  }

  return {
    reply,
    async page(connector: ConnectorDeclaration, request: PageRequest): Promise<PageAnswer | null> {
      for (const simulator of simulators.values()) {
        const answer = await simulator.page?.(connector, request)
        if (answer) return answer
      }
      return null
    },
    /** What the simulator of a kind was told to do, by number, and how often. */
    counts: (kind: string): ReadonlyMap<string, number> => simulatorOf(kind)?.counts?.() ?? new Map(),
    codes: (): ReadonlyMap<string, string> => new Map([...simulators.values()].flatMap((simulator) => [...(simulator.codes?.() ?? [])])),
    close: () => {
      for (const simulator of simulators.values()) simulator.close?.()
    },
  }
}
