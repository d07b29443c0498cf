import type { CompiledService } from '../../../../core/call/service.ts'
import { compileDatePattern } from '../../../../core/contract/date-pattern.ts'
import { systemOf } from '../../../../core/contract/systems.ts'
import type { SourceRow } from '../../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../../core/upstream/error.ts'
import { fenIn } from '../../../payments/fen.ts'
import type { CompanyLedger } from '../policy.ts'
import type { OrderContext } from '../task.ts'
import type { CompanyEntry } from './compare.ts'

/** More pages than a day of a city's payments has: an agency that never comes to an end. */
const MOST_PAGES = 1000

/** Asks the company for all that it has written off in the hub's name on those days. Rejects where it does not say all of it. */
export async function readCompany(
  { services, upstreams }: Pick<OrderContext, 'services' | 'upstreams'>,
  connector: string,
  days: readonly string[],
): Promise<CompanyEntry[]> {
  // Several services may take money for one ledger.
  const ledgers = new Map<string, { service: CompiledService; ledger: CompanyLedger }>()
  for (const service of services.values()) {
    const ledger = service.connector.id === connector ? service.contract.order?.ledger : undefined
    if (ledger) ledgers.set(`${service.system} ${ledger.sid}`, { service, ledger })
  }
  const entries: CompanyEntry[] = []
  for (const { service, ledger } of ledgers.values())
    for (const day of days) for (const row of await readDay(service, ledger, day)) entries.push(entryOf(service, ledger, day, row))
  return entries

  async function readDay(service: CompiledService, ledger: CompanyLedger, day: string): Promise<SourceRow[]> {
    const rows: SourceRow[] = []
    for (let page = 1; page <= MOST_PAGES; page++) {
      const answer = await ask(service, ledger, day, page)
      rows.push(...answer.rows)
      const { paging } = ledger
      if (paging ? answer.rows.length < paging.rows : true) {
        // Half a ledger would hide a difference.
        if (answer.total !== null && answer.total !== rows.length) throw incomplete(answer.status)
        return rows
      }
    }
    throw incomplete(200)
  }

  async function ask(service: CompiledService, { sid, path, from, to, paging }: CompanyLedger, day: string, page: number) {
    const upstream = upstreams.get(service.system)
    if (!upstream) throw new Error(`no upstream for ${service.key}`)
    const written = compileDatePattern(systemOf(service.connector, service.contract).dateFormat).write(day)
    const turned = paging ? { [paging.page]: page, [paging.size]: paging.rows } : {}
    const params = { [from]: written, [to]: written, ...turned }
    return upstream.call({ sid, method: 'GET', params, ...(path === undefined ? {} : { path }) }, service.open, {
      deadline: performance.now() + service.contract.timeoutMs,
      retries: 1,
      cacheSeconds: 0,
      asks: true,
    })
  }
}

function entryOf({ contract }: CompiledService, { serial, amount, channel }: CompanyLedger, day: string, row: SourceRow): CompanyEntry {
  return {
    day,
    number: String(row[serial] ?? ''),
    amountFen: fenIn(row[amount], contract.order?.writeOff.unit ?? 'yuan'),
    channel: channel === undefined || row[channel] === undefined ? null : String(row[channel]),
  }
}

function incomplete(status: number): UpstreamError {
  return new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status })
}
