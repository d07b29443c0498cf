import { kindOf, kinds } from '../kinds/index.ts'
import type { Params, SandboxService, Simulation } from '../kinds/simulation.ts'
import { flatten } from './addresses.ts'
import { type Answers, findSubject, somebodyElse } from './answers.ts'
import { distort } from './distortions.ts'
import type { Active } from './faults.ts'
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

/** The business systems behind all gateways: one simulator for each kind of service. */
export function createReplies(services: ServiceIndex, answers: Answers, options: Pick<Simulation, 'dataDir' | 'stepMs'>) {
  const simulation: Simulation = {
    ...options,
    findSubject,
    somebodyElse,
    rowsOf: answers.rowsOf,
    find: answers.find,
    distort: (rows, fields, faults) => distort(rows, fields, faults as Active),
  }
  const simulators = new Map(kinds.map((kind) => [kind.name, kind.simulate(simulation)]))
  const simulatorOf = (kind: string) => simulators.get(kind)

  const reply: Replies = (sid, method, given, faults) => {
    // Beside what a body holds there may be whose token it came with, under a symbol.
    const params = { ...given, ...flatten(given) }
    const offered = services.get(sid) ?? []
    const service = offered.find((candidate) => candidate.sid === sid) ?? (offered[0] as SandboxService)
    if (offered.some(({ contract }) => contract.files?.sid === sid)) return giveFile(offered, answers, sid, params, faults)
    const simulator = simulatorOf(kindOf(service.contract).name)
    if (!simulator) throw new Error(`nobody simulates ${sid}`)
    const found = simulator.answer({ offered, service, sid, method, params, faults })
    return wrap(service, 'rows' in found ? { ...found, rows: distort(found.rows, service.contract.fields, faults) } : found, faults)
  }

  return {
    reply,
    /** What the simulator of a kind was told to do, by number, and how often. */
    counts: (kind: string): ReadonlyMap<string, number> => simulatorOf(kind)?.counts?.() ?? new Map(),
    close: () => {
      for (const simulator of simulators.values()) simulator.close?.()
    },
  }
}
