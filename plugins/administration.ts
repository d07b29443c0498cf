import fp from 'fastify-plugin'
import type { AdminRole } from '../core/identity/roles.ts'
import { accessRoutes } from './administration/access.ts'
import { auditRoutes } from './administration/audit.ts'
import { clientRoutes } from './administration/clients.ts'
import { documentRoutes } from './administration/documents.ts'
import { enterpriseRoutes } from './administration/enterprises.ts'
import { mandateRoutes } from './administration/mandates.ts'
import { moveRoutes } from './administration/moves.ts'
import { userChangeRoutes } from './administration/user-changes.ts'
import { userRoutes } from './administration/users.ts'

declare module 'fastify' {
  interface FastifyRequest {
    adminRole: AdminRole | null
  }
}

/** `/admin/…`: users, enterprises, mandates, access, documents, applications, the audit log: by role (core/identity/roles.ts). */
export default fp(
  async (app) => {
    app.decorateRequest('adminRole', null)
    userRoutes(app)
    userChangeRoutes(app)
    enterpriseRoutes(app)
    mandateRoutes(app)
    accessRoutes(app)
    documentRoutes(app)
    clientRoutes(app)
    moveRoutes(app)
    auditRoutes(app)
  },
  { name: 'administration', dependencies: ['agents', 'identity', 'accounts', 'documents', 'authorization-store'] },
)
