import { join } from 'node:path'
import type { SandboxRow } from '../../../core/contract/types.ts'
import { createJournal } from '../journal.ts'
import type { CreateSimulator, Params, Reply, SandboxService } from '../simulation.ts'
import { type Filing, progressRow } from './simulated-progress.ts'

const NOTHING: Reply = { rows: [], total: null }

/**
 * The agency's filings. They stand in a file of the data folder, appended to and re-read by every
 * process with that folder, because a filing outlives the process that took it in.
 */
export const simulateFilings: CreateSimulator = ({ dataDir, stepMs, findSubject, rowsOf }) => {
  const filings = new Map<string, Filing>()
  const counts = new Map<string, number>()
  const journal = createJournal<Filing>(join(dataDir, 'sandbox-filings.jsonl'), (filing) => {
    // Whoever was first wins; later ones only count.
    if (!filings.has(filing.serial)) filings.set(filing.serial, filing)
    counts.set(filing.serial, (counts.get(filing.serial) ?? 0) + 1)
  })

  /** What the agency knows of the asker; null where the asker has nothing there to apply for. */
  function recordOf(service: SandboxService, params: Params): SandboxRow | null {
    const subject = findSubject(service, params)
    return subject && (rowsOf(service, subject)[0] ?? null)
  }

  function report(service: SandboxService, filing: Filing): Reply {
    const base = recordOf(service, filing.params)
    return base ? { rows: [progressRow(service, filing, base, Date.now(), stepMs())], total: null } : NOTHING
  }

  /** Under a serial number that is known, answers what became of it. */
  function file(service: SandboxService, params: Params, rejected: boolean): Reply {
    const serial = serialOf(service, params)
    if (serial === null) return { refusal: '缺少流水号' }
    if (!recordOf(service, params)) return { refusal: '查无账户' }
    journal.append({ sid: service.sid, serial, at: Date.now(), params, rejected })
    const filing = filings.get(serial)
    return filing?.sid === service.sid ? report(service, filing) : { refusal: '流水号已被使用' }
  }

  /** What became of the filing that the parameters name, if it is one of these services' and the asker's own. */
  function status(services: readonly SandboxService[], params: Params): Reply {
    journal.catchUp()
    for (const service of services) {
      const filing = filings.get(serialOf(service, params) ?? '')
      if (filing?.sid === service.sid && findSubject(service, params)?.number === findSubject(service, filing.params)?.number) {
        return report(service, filing)
      }
    }
    return NOTHING
  }

  return {
    answer({ offered, service, method, params, faults }) {
      if (method === 'GET') return status(offered, params)
      if (faults.has('refuse-submission')) return { refusal: '申请材料不全，不予受理' }
      return file(service, params, faults.has('reject-submission'))
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
