import { join } from 'node:path'
import { beijing } from '../../../core/base/time.ts'
import type { SandboxRow } from '../../../core/contract/types.ts'
import { createJournal } from '../journal.ts'
import type { CreateSimulator, Params, Reply } from '../simulation.ts'
import type { CompanyLedger, WriteOff } from './policy.ts'

interface Entry {
  readonly sid: string
  readonly serial: string
  readonly bill: string
  readonly amount: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly params: Params
}

const NOTHING: Reply = { rows: [], total: null }

/** A company's books: a bill is written off once, under one number, and whoever asks for the number is told. */
export const simulateWriteOffs: CreateSimulator = ({ dataDir }) => {
  const entries = new Map<string, Entry>()
  const bills = new Map<string, string>()
  const counts = new Map<string, number>()
  const journal = createJournal<Entry>(join(dataDir, 'sandbox-write-offs.jsonl'), (entry) => {
    const bill = `${entry.sid}/${entry.bill}`
    const holder = bills.get(bill)
    if (holder !== undefined && holder !== entry.serial) return
    bills.set(bill, entry.serial)
    if (!entries.has(entry.serial)) entries.set(entry.serial, entry)
    counts.set(entry.serial, (counts.get(entry.serial) ?? 0) + 1)
  })

  /** The books of some days, a page of them where pages are asked for. */
  function exported(sid: string, rule: WriteOff, { from, to, serial, amount, channel, paging }: CompanyLedger, params: Params): Reply {
    const [first, last] = [digits(text(params, from)), digits(text(params, to))]
    const isOf = ({ at }: Entry) => digits(beijing(at).slice(0, 10)) >= first && digits(beijing(at).slice(0, 10)) <= last
    const rows = [...entries.values()]
      .filter((entry) => entry.sid === sid && isOf(entry))
      .map((entry) => ({
        [serial]: entry.serial,
        [rule.bill]: entry.bill,
        [amount]: entry.amount,
        ...(channel === undefined || rule.channel === undefined ? {} : { [channel]: text(entry.params, rule.channel) }),
      }))
    if (!paging) return { rows, total: null }
    const start = (Number(params[paging.page]) - 1) * paging.rows
    return { rows: rows.slice(start, start + paging.rows), total: rows.length }
  }

  return {
    answer({ service, sid, method, params, faults }) {
      const { writeOff: rule, ledger } = service.contract.order ?? {}
      if (!rule) return NOTHING
      journal.catchUp()
      if (ledger && sid === ledger.sid) return exported(service.sid, rule, ledger, params)
      const serial = text(params, rule.serial)
      if (method === 'GET') {
        const entry = entries.get(serial)
        return entry
          ? { rows: [{ ...writtenOff(rule, entry), [rule.bill]: entry.bill, [rule.amount]: entry.amount }], total: null }
          : NOTHING
      }
      if (faults.has('refuse-submission')) return { refusal: '账单已结清，不能销账' }
      if (serial === '') return { refusal: '缺少流水号' }
      const bill = text(params, rule.bill)
      journal.append({ sid: service.sid, serial, bill, amount: text(params, rule.amount), at: Date.now(), params })
      if (bills.get(`${service.sid}/${bill}`) !== serial) return { refusal: '账单已由另一笔缴费结清' }
      return { rows: [writtenOff(rule, entries.get(serial) as Entry)], total: null }
    },
    /** The agency's whole books: a bill's number says whose it is. */
    filed({ sid, contract }, _subject, before) {
      journal.catchUp()
      const own = [...entries.values()].filter((entry) => entry.sid === sid && entry.at < before)
      return own.map(({ serial, at, params }) => ({
        service: contract.id,
        state: 'approved',
        final: true,
        reference: serial,
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

/** An invented number of a receipt has the day and the end of the order's. */
function writtenOff({ serial, receipt }: WriteOff, entry: Entry): SandboxRow {
  const number = `34110${digits(beijing(entry.at).slice(0, 10))}0${entry.serial.slice(-4)}`
  return { [serial]: entry.serial, xzzt: '1', ...(receipt === undefined ? {} : { [receipt]: number }) }
}

function text(params: Params, name: string): string {
  return params[name] === undefined ? '' : String(params[name])
}

/** A day in any form whose parts stand from the year to the day. */
function digits(day: string): string {
  return day.replace(/\D/g, '')
}
