import type { Test } from 'tap'
import { readPaper } from '../../conformance/paper.ts'
import { formatReport } from '../../conformance/report.ts'
import { checkConnector, conformanceChecks } from '../../conformance/run.ts'
import { loadConnectors } from '../../plugins/load-connectors.ts'
import { openLab } from './lab.ts'

/** What a connector may have nothing for. */
const OPTIONAL: ReadonlySet<string> = new Set([
  'accounts',
  'calendar',
  'acts',
  'bookings',
  'submissions',
  'jumps',
  'orders',
  'callbacks',
  'lists',
  'several',
  'documents',
  'subscriptions',
  'demands',
])

/** Tries every second connector of the folder with the whole kit, beginning with the first or the second: two files share the work. */
export async function proveConnectors(t: Pick<Test, 'test'>, turn: 0 | 1): Promise<void> {
  const connectors = (await loadConnectors()).filter((_, position) => position % 2 === turn)
  for (const connector of connectors)
    t.test(connector.id, async (t) => {
      const report = await checkConnector(await readPaper(connector), openLab)
      t.match(report.tier, /^(silver|gold)$/, formatReport(report))
      t.strictSame(
        report.checks.map(({ id }) => id),
        conformanceChecks.map(({ id }) => id),
        'every check is in the report',
      )
      for (const { id, result } of report.checks) if (result === 'skip') t.ok(OPTIONAL.has(id), `${id} was left out`)
    })
}
