import { rowsOf } from '../../../core/contract/systems.ts'
import { checkFiles } from '../../agency-files/check.ts'
import { printingOf } from '../document/printing.ts'
import type { ServiceKind } from '../kind.ts'
import { checkAssists } from './assists.ts'
import { checkComparison } from './comparison.ts'
import { queryRoute } from './routes.ts'
import { simulateQueries } from './simulator.ts'
import { checkSubscriptions } from './subscriptions.ts'
import { checkSummaries } from './summaries.ts'

/** A question: asked, mapped, narrowed, answered, in one call. Nothing is kept of it but its audit row. */
export default {
  name: 'query',
  serves: ['query', 'list', 'status', 'catalog'],
  words: { category: '查询', button: '查询' },
  asks: true,
  check(subject) {
    const { connector, contract, own, report } = subject
    checkSubscriptions(subject)
    checkSummaries(subject)
    checkComparison(subject)
    checkAssists(subject)
    if (own) for (const problem of checkFiles(connector, contract)) report(problem)
    if (!own || rowsOf(contract) !== 'one') return
    if ((contract.key === undefined) === (contract.single === undefined))
      report('one record needs a key by which several are told apart, or a word why there is but one (single)')
  },
  method: 'GET',
  routes: (app, service) => queryRoute(app, service, printingOf(app, service)),
  sids: ({ upstream }) => (upstream?.async?.resultSid === undefined ? [] : [upstream.async.resultSid]),
  simulate: simulateQueries,
} satisfies ServiceKind
