import { join } from 'node:path'
import { createJournal } from '../journal.ts'
import { keepFiles } from '../simulated-files.ts'
import { type CreateSimulator, keyOf, type Params, type Reply, type SandboxService } from '../simulation.ts'

interface Deed {
  readonly sid: string
  /** The caller's number, or one of the agency's own. */
  readonly number: string
  /** Number of whoever it was done for, epoch milliseconds, and whether it was. */
  readonly by: string | null
  readonly at: number
  readonly params: Params
}

const NOTHING: Reply = { rows: [], total: null }

/** An agency that does what it is told, at once, and knows a number that it has had before. */
export const simulateActs: CreateSimulator = ({ dataDir, findSubject, rowsOf }) => {
  const deeds = new Map<string, Deed>()
  const counts = new Map<string, number>()
  const journal = createJournal<Deed>(join(dataDir, 'sandbox-acts.jsonl'), (deed) => {
    // Whoever was first wins; later ones only count.
    if (!deeds.has(deed.number)) deeds.set(deed.number, deed)
    counts.set(deed.number, (counts.get(deed.number) ?? 0) + 1)
  })

  /** `asked`: the call that names whoever it is for. */
  function report(service: SandboxService, { number, params }: Pick<Deed, 'number' | 'params'>, asked: Params): Reply {
    const { inputs, fields, act } = service.contract
    const subject = findSubject(service, asked)
    const [record] = subject
      ? rowsOf(service, subject, undefined, { ...params, ...(act?.serial === undefined ? {} : { [act.serial]: number }) })
      : []
    if (!record) return { refusal: '查无可以办理的记录' }
    const row = { ...record, ...(act?.serial === undefined ? {} : { [act.serial]: number }) }
    for (const [name, { notes }] of Object.entries(inputs)) {
      const [code = ''] = notes.codes
      const field = fields[notes.field ?? name]
      if (field && !notes.fact && params[code] !== undefined) row[keyOf(notes.field ?? name, field.notes)] = params[code]
    }
    return { rows: [row], total: null }
  }

  return {
    answer({ offered, service, method, params, faults }) {
      journal.catchUp()
      const { serial } = service.contract.act ?? {}
      const given = serial === undefined ? undefined : params[serial]
      if (method === 'GET') {
        const deed = deeds.get(String(given))
        const asked = deed && offered.find(({ sid }) => sid === deed.sid)
        const isOwn = asked && (findSubject(asked, params)?.number ?? null) === deed.by
        return isOwn ? report(asked, deed, params) : NOTHING
      }
      if (faults.has('refuse-submission')) return { refusal: '不符合办理条件，不予受理' }
      if (serial !== undefined && (typeof given !== 'string' || given === '')) return { refusal: '缺少流水号' }
      const kept = keepFiles(service.contract.inputs, params)
      if (!kept) return { refusal: '附件无法读取' }
      const number = typeof given === 'string' ? given : `${service.sid}#${deeds.size}`
      const by = findSubject(service, params)?.number ?? null
      const answer = report(service, { number, params: kept }, params)
      if ('refusal' in answer) return answer
      journal.append({ sid: service.sid, number, by, at: Date.now(), params: kept })
      const first = deeds.get(number)
      return first?.sid === service.sid ? answer : { refusal: '流水号已被使用' }
    },
    filed({ sid, contract }, { number: by }, before) {
      journal.catchUp()
      const own = [...deeds.values()].filter((deed) => deed.sid === sid && deed.at < before && (by === '' || deed.by === by))
      return own.map(({ number: reference, at, params }) => ({
        service: contract.id,
        state: 'approved',
        final: true,
        reference,
        at,
        params,
      }))
    },
    counts() {
      journal.catchUp()
      return new Map(counts)
    },
    close: journal.close,
  }
}
