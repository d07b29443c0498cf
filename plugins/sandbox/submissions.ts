import { appendFileSync, closeSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ActKind, SandboxRow } from '../../core/contract/types.ts'
import type { Answers, Params } from './answers.ts'
import { findSubject } from './answers.ts'
import { type Act, type Filing, progressRow, stateAt } from './progress.ts'
import type { SandboxService } from './services.ts'
import type { Reply } from './wrapping.ts'

export interface Submissions {
  /** Files what the parameters describe; under a serial number that is known, answers what became of it. */
  file(service: SandboxService, params: Params, options: { rejected: boolean }): Reply
  /** Cancels or changes a filing of these services', if it is the asker's own and its state allows it. */
  act(services: readonly SandboxService[], kind: ActKind, params: Params): Reply
  /** What became of the filing that the parameters name, if it is one of these services' and the asker's own. */
  status(services: readonly SandboxService[], params: Params): Reply
  /** serial → how many times it was filed; the sandbox's proof that nothing was sent twice. */
  counts(): ReadonlyMap<string, number>
  close(): void
}

const NOTHING: Reply = { rows: [], total: null }

/**
 * The agency's filings. They stand in a file of the data folder, appended to and re-read by every
 * process with that folder, because a filing outlives the process that took it in.
 */
export function createSubmissions(dataDir: string, answers: Answers, stepMs: () => number): Submissions {
  const filings = new Map<string, Filing>()
  const counts = new Map<string, number>()
  const acts = new Map<string, Act[]>()
  const journal = createJournal<Filing | Act>(join(dataDir, 'sandbox-filings.jsonl'), (filing) => {
    if ('act' in filing) return void acts.set(filing.serial, [...(acts.get(filing.serial) ?? []), filing])
    // Whoever was first wins; later ones only count.
    if (!filings.has(filing.serial)) filings.set(filing.serial, filing)
    counts.set(filing.serial, (counts.get(filing.serial) ?? 0) + 1)
  })

  /** What the agency knows of the asker; null where the asker has nothing there to apply for. */
  function recordOf(service: SandboxService, params: Params): SandboxRow | null {
    const subject = findSubject(service, params)
    return subject && (answers.rowsOf(service, subject)[0] ?? null)
  }

  function report(service: SandboxService, filing: Filing): Reply {
    const base = recordOf(service, filing.params)
    return base ? { rows: [progressRow(service, filing, base, Date.now(), stepMs(), acts.get(filing.serial))], total: null } : NOTHING
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

  return {
    file(service, params, { rejected }) {
      const serial = serialOf(service, params)
      if (serial === null) return { refusal: '缺少流水号' }
      if (!recordOf(service, params)) return { refusal: '查无账户' }
      journal.append({ sid: service.sid, serial, at: Date.now(), params, rejected })
      const filing = filings.get(serial)
      return filing?.sid === service.sid ? report(service, filing) : { refusal: '流水号已被使用' }
    },
    status(services, params) {
      const found = find(services, params)
      return found ? report(...found) : NOTHING
    },
    act(services, kind, params) {
      const found = find(services, params)
      if (!found) return { refusal: '查无此申请' }
      const [service, filing] = found
      const when = service.contract.submission?.[kind]?.when ?? []
      const cancelled = acts.get(filing.serial)?.some(({ act }) => act === 'cancel')
      if (cancelled || !when.includes(stateAt(service, filing, Date.now(), stepMs()))) return { refusal: '申请的状态不允许这样办理' }
      journal.append({ act: kind, serial: filing.serial, at: Date.now(), params })
      return report(service, filing)
    },
    counts() {
      journal.catchUp()
      return new Map(counts)
    },
    close: journal.close,
  }
}

function serialOf({ contract }: SandboxService, params: Params): string | null {
  const serial = params[contract.submission?.serial ?? '']
  return typeof serial === 'string' && serial !== '' ? serial : null
}

/** Lines of JSON that several processes append to; each sees them all, in the same order. */
function createJournal<T>(path: string, onLine: (entry: T) => void) {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a+', 0o600)
  const chunk = Buffer.alloc(65_536)
  let offset = 0
  let rest = Buffer.alloc(0)

  function catchUp(): void {
    for (;;) {
      const length = readSync(file, chunk, 0, chunk.length, offset)
      if (length === 0) return
      offset += length
      rest = Buffer.concat([rest, chunk.subarray(0, length)])
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        const entry = parse<T>(rest.toString('utf8', 0, end))
        if (entry !== null) onLine(entry)
        rest = rest.subarray(end + 1)
      }
    }
  }

  return {
    catchUp,
    append(entry: T): void {
      appendFileSync(file, `${JSON.stringify(entry)}\n`)
      catchUp()
    },
    close: () => closeSync(file),
  }
}

/** A line torn by a crash was never acknowledged, so nobody misses it. */
function parse<T>(line: string): T | null {
  try {
    return JSON.parse(line) as T
  } catch {
    return null
  }
}
