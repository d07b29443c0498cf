import { checkFiles } from '../../agency-files/check.ts'
import type { ServiceKind } from '../kind.ts'
import { queryRoute } from './routes.ts'
import { simulateQueries } from './simulator.ts'

/** A question: asked, mapped, narrowed, answered, in one call. Nothing is kept of it but its audit row. */
export default {
  name: 'query',
  serves: ['query', 'list', 'status', 'catalog'],
  asks: true,
  method: 'GET',
  check({ connector, contract, own, report }) {
    if (own) for (const problem of checkFiles(connector, contract)) report(problem)
  },
  routes: (app, service) => queryRoute(app, service),
  sids: ({ upstream }) => (upstream?.async?.resultSid === undefined ? [] : [upstream.async.resultSid]),
  simulate: simulateQueries,
} satisfies ServiceKind
