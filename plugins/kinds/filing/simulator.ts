import { join } from 'node:path'
import type { ActKind, SandboxRow, SandboxSubject } from '../../../core/contract/types.ts'
import { createJournal } from '../journal.ts'
import { keepFiles } from '../simulated-files.ts'
import { type CreateSimulator, HOLDER, type Params, type Reply, type SandboxService } from '../simulation.ts'
import { actKinds } from './act-states.ts'
import type { SandboxFiling } from './policy.ts'
import { isFinal } from './progress.ts'
import { createCodes } from './simulated-codes.ts'
import { type Act, type Filing, type Pause, progressRow, referenceOf, stateAt, stepsAhead } from './simulated-progress.ts'

const NOTHING: Reply = { rows: [], total: null }

/**
 * The agency's filings. They stand in a file of the data folder, appended to and re-read by every
 * process with that folder, because a filing outlives the process that took it in.
 */
export const simulateFilings: CreateSimulator = ({ dataDir, stepMs, findSubject, rowsOf, paidAt, notify }) => {
  const filings = new Map<string, Filing>()
  const counts = new Map<string, number>()
  const acts = new Map<string, Act[]>()
  const bySid = new Map<string, Filing[]>()
  const codes = createCodes(join(dataDir, 'sandbox-codes.jsonl'))
  const journal = createJournal<Filing | Act>(join(dataDir, 'sandbox-filings.jsonl'), (line) => {
    if ('act' in line) return void acts.set(line.serial, [...(acts.get(line.serial) ?? []), line])
    const filing = withHolder(line)
    // Whoever was first wins; later ones only count.
    if (!filings.has(filing.serial)) {
      filings.set(filing.serial, filing)
      bySid.set(filing.sid, [...(bySid.get(filing.sid) ?? []), filing])
    }
    counts.set(filing.serial, (counts.get(filing.serial) ?? 0) + 1)
  })

  /** What the agency knows of the asker; null where the asker has nothing there to apply for. */
  function recordOf(service: SandboxService, params: Params, at?: number): SandboxRow | null {
    const subject = findSubject(service, params)
    return subject && (rowsOf(service, subject, at, params)[0] ?? null)
  }

  function actsOn(service: SandboxService, filing: Filing): readonly Act[] {
    const own = acts.get(filing.serial) ?? []
    const paid = service.contract.submission?.joint ? paidAt(service, referenceOf(filing)) : null
    return paid === null ? own : [...own, { act: 'payment', serial: filing.serial, at: paid, params: {} }]
  }

  /** Something will happen to the filing: the agency says when it has. */
  function announce(service: SandboxService, filing: Filing): void {
    const names = { serial: filing.serial, reference: referenceOf(filing) }
    for (const wait of stepsAhead(service, filing, Date.now(), stepMs(), actsOn(service, filing))) notify?.(service, names, wait)
  }

  function report(service: SandboxService, filing: Filing): Reply {
    const base = recordOf(service, filing.params, filing.at)
    return base ? { rows: [progressRow(service, filing, base, Date.now(), stepMs(), actsOn(service, filing))], total: null } : NOTHING
  }

  /** Under a serial number that is known, answers what became of it. */
  function file(service: SandboxService, params: Params, rejected: boolean, pause: Pause | null): Reply {
    const serial = serialOf(service, params)
    if (serial === null) return { refusal: '缺少流水号' }
    const known = filings.get(serial)
    const subject = findSubject(service, params)
    if (!known && !recordOf(service, params)) return { refusal: '查无账户' }
    if (!known && subject && !codes.isProved(service, subject, params)) return { refusal: '未通过验证码核验' }
    const kept = keepFiles(service.contract.inputs, params)
    if (!kept) return { refusal: '附件无法读取' }
    const holder = params[HOLDER]
    const filed = { sid: service.sid, serial, at: Date.now(), params: kept, rejected }
    journal.append({ ...filed, ...(pause ? { pause } : {}), ...(holder ? { holder } : {}) })
    const filing = filings.get(serial)
    if (filing?.sid !== service.sid) return { refusal: '流水号已被使用' }
    if (!known) announce(service, filing)
    return report(service, filing)
  }

  function find(services: readonly SandboxService[], params: Params): [SandboxService, Filing] | null {
    journal.catchUp()
    for (const service of services) {
      const filing = filings.get(serialOf(service, params) ?? '')
      const isOwn = filing?.sid === service.sid && findSubject(service, params)?.number === findSubject(service, filing.params)?.number
      if (filing && isOwn) return [service, filing]
    }
    return null
  }

  /** What became of the filing that the parameters name, if it is one of these services' and the asker's own. */
  function status(services: readonly SandboxService[], params: Params): Reply {
    const found = find(services, params)
    return found ? report(...found) : NOTHING
  }

  /** Cancels, changes or supplements a filing of these services', if it is the asker's own and its state allows it. */
  function act(services: readonly SandboxService[], kind: ActKind, params: Params): Reply {
    const found = find(services, params)
    if (!found) return { refusal: '查无此申请' }
    const [service, filing] = found
    const when = service.contract.submission?.[kind]?.when ?? []
    const done = actsOn(service, filing)
    const isOver = done.some(({ act }) => act === 'cancel' || (kind === 'cancel' && act === 'payment'))
    if (isOver || !when.includes(stateAt(service, filing, Date.now(), stepMs(), done))) return { refusal: '申请的状态不允许这样办理' }
    const kept = keepFiles(service.contract.submission?.[kind]?.inputs ?? {}, params)
    if (!kept) return { refusal: '附件无法读取' }
    journal.append({ act: kind, serial: filing.serial, at: Date.now(), params: kept })
    announce(service, filing)
    return report(service, filing)
  }

  function filed(service: SandboxService, subject: SandboxSubject, before: number): SandboxFiling[] {
    journal.catchUp()
    const isTheirs = ({ params }: Filing) => subject.number === '' || findSubject(service, params)?.number === subject.number
    return (bySid.get(service.sid) ?? [])
      .filter((filing) => filing.at < before && isTheirs(filing))
      .map((filing) => describe(service, filing, before))
  }

  /** A filing as it was before a time, with what was changed of it until then. */
  function describe(service: SandboxService, filing: Filing, before: number): SandboxFiling {
    const { cancel } = service.contract.submission ?? {}
    const own = actsOn(service, filing).filter(({ at }) => at < before)
    const cancelled = own.some(({ act }) => act === 'cancel')
    const state = cancel && cancelled ? cancel.to : stateAt(service, filing, before, stepMs(), own)
    const final = cancelled || isFinal(state, service.contract.submission ?? { progress: [] })
    const changes = own.flatMap(({ act, params }) => (act === 'change' ? [params] : []))
    const params = Object.assign({}, filing.params, ...changes)
    return { service: service.contract.id, state, final, reference: referenceOf(filing), at: filing.at, params }
  }

  return {
    filed,
    codes: codes.sent,
    answer({ offered, service, sid, method, params, faults }) {
      const subject = findSubject(service, params)
      const reply = subject && codes.answer(offered, sid, subject, params)
      if (reply) return reply
      if (method === 'GET') return status(offered, params)
      if (faults.has('refuse-submission')) return { refusal: '申请材料不全，不予受理' }
      for (const kind of actKinds) if (service.contract.submission?.[kind]?.sid === sid) return act(offered, kind, params)
      const asked = (['supplement', 'suspension'] as const).find((kind) => faults.has(`ask-${kind}`))
      const pause = asked ?? (faults.has('hold-submission') ? 'hold' : null)
      return file(service, params, faults.has('reject-submission'), pause)
    },
    counts() {
      journal.catchUp()
      return new Map(counts)
    },
    close() {
      codes.close()
      journal.close()
    },
  }
}

function serialOf({ contract }: SandboxService, params: Params): string | null {
  const serial = params[contract.submission?.serial ?? '']
  return typeof serial === 'string' && serial !== '' ? serial : null
}

/** A journal's line has no symbols: the holder stands beside the parameters there. */
function withHolder(filing: Filing): Filing {
  const { holder } = filing
  return holder ? { ...filing, params: { ...filing.params, [HOLDER]: holder } } : filing
}
