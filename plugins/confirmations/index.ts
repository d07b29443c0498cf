import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { listScopes } from '../oauth/scopes.ts'
import type { CandidateParts, DeleteUser, OrderParts } from './change.ts'
import { createRequests, type Requests } from './requests.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Acts of administrators that take two persons (docs/identity.md). */
    requests: Requests
    /** What of orders takes two persons, from whoever keeps them (plugins/kinds/order). */
    orderParts: OrderParts
    /** The same of candidate versions. */
    candidateParts: CandidateParts
    /** From whoever knows what all capabilities keep of a user. */
    deleteUser: DeleteUser
  }
}

/** Orders are kept by their kind, which stands above: it is asked when there is something to do. */
function orderParts(app: FastifyInstance): OrderParts {
  return {
    refund: (...given) => app.orderParts.refund(...given),
    resolve: (...given) => app.orderParts.resolve(...given),
    settle: (...given) => app.orderParts.settle(...given),
    wake: (id) => app.orderParts.wake(id),
  }
}

function candidateParts(app: FastifyInstance): CandidateParts {
  return {
    promote: (...given) => app.candidateParts.promote(...given),
    refresh: () => app.candidateParts.refresh(),
  }
}

const HOUR = 3_600_000

/** What one administrator asks for and another one confirms. */
export default fp(
  async (app) => {
    const { database, vault, users, accounts, settings } = app
    const parts = {
      vault,
      moves: accounts.moves,
      scopes: listScopes(app.connectors),
      forget: (id: string) => users.forget(id),
      orders: orderParts(app),
      candidates: candidateParts(app),
      security: app.security,
      deleteUser: ((...given) => app.deleteUser(...given)) satisfies DeleteUser,
    }
    const requests = createRequests({ database, parts, openMs: settings.ADMIN_REQUEST_HOURS * HOUR })
    app.decorate('requests', requests)
    app.schedules.add({ name: 'requests.expire', title: '结束过期的申请', pattern: '*/10 * * * *', run: () => requests.expire() })
  },
  { name: 'confirmations', dependencies: ['settings', 'connectors', 'database', 'schedules', 'auth', 'accounts', 'security-settings'] },
)
