import fp from 'fastify-plugin'
import type { AdminRole } from '../../users/roles.ts'
import { accessRoutes } from './access.ts'
import { alertRoutes } from './alerts.ts'
import { auditRoutes } from './audit.ts'
import { candidateRoutes } from './candidates.ts'
import { capabilityRoutes } from './capabilities.ts'
import { catalogueRoutes } from './catalogue.ts'
import { clientRoutes } from './clients.ts'
import { closingRoutes } from './closings.ts'
import { comparisonRoutes } from './comparisons.ts'
import { credentialRoutes } from './credentials.ts'
import { documentRoutes } from './documents.ts'
import { enterpriseChangeRoutes } from './enterprise-changes.ts'
import { enterpriseGraphRoutes } from './enterprise-graph.ts'
import { enterpriseRoutes } from './enterprises.ts'
import { eventSourceRoutes } from './event-sources.ts'
import { healthRoutes } from './health.ts'
import { healthHistoryRoutes } from './health-history.ts'
import { jobRoutes } from './jobs.ts'
import { layoutRoutes } from './layouts.ts'
import { ledgerRoutes } from './ledger.ts'
import { mandateRoutes } from './mandates.ts'
import { messageRoutes } from './messages.ts'
import { moveRoutes } from './moves.ts'
import { orderRoutes } from './orders.ts'
import { partnerApplicationRoutes } from './partner-applications.ts'
import { partnerPaperRoutes } from './partner-papers.ts'
import { partnerRoutes } from './partners.ts'
import { realNameRecordRoutes } from './real-name-records.ts'
import { reconciliationRoutes } from './reconciliations.ts'
import { requestRoutes } from './requests.ts'
import { searchingRoutes } from './searching.ts'
import { secondFactorRoutes } from './second-factor.ts'
import { securitySettingsRoutes } from './security-settings.ts'
import { statisticsRoutes } from './statistics.ts'
import { pageStatisticsRoutes } from './statistics-pages.ts'
import { switchRoutes } from './switches.ts'
import { userChangeRoutes } from './user-changes.ts'
import { userServiceRoutes } from './user-services.ts'
import { userSessionRoutes } from './user-sessions.ts'
import { userRoutes } from './users.ts'

declare module 'fastify' {
  interface FastifyRequest {
    adminRole: AdminRole | null
  }
}

/** `/admin/…`, one file a subject, by role (plugins/users/roles.ts). */
export default fp(
  async (app) => {
    app.decorateRequest('adminRole', null)
    userRoutes(app)
    userChangeRoutes(app)
    realNameRecordRoutes(app)
    userServiceRoutes(app)
    userSessionRoutes(app)
    enterpriseRoutes(app)
    enterpriseChangeRoutes(app)
    enterpriseGraphRoutes(app)
    mandateRoutes(app)
    accessRoutes(app)
    documentRoutes(app)
    clientRoutes(app)
    partnerRoutes(app)
    partnerApplicationRoutes(app)
    partnerPaperRoutes(app)
    moveRoutes(app)
    orderRoutes(app)
    comparisonRoutes(app)
    reconciliationRoutes(app)
    messageRoutes(app)
    jobRoutes(app)
    closingRoutes(app)
    switchRoutes(app)
    candidateRoutes(app)
    credentialRoutes(app)
    catalogueRoutes(app)
    capabilityRoutes(app)
    layoutRoutes(app)
    searchingRoutes(app)
    healthRoutes(app)
    healthHistoryRoutes(app)
    alertRoutes(app)
    statisticsRoutes(app)
    pageStatisticsRoutes(app)
    eventSourceRoutes(app)
    ledgerRoutes(app)
    requestRoutes(app)
    auditRoutes(app)
    secondFactorRoutes(app)
    securitySettingsRoutes(app)
  },
  {
    name: 'administration',
    dependencies: [
      'agents',
      'identity',
      'accounts',
      'documents',
      'catalogue',
      'capabilities',
      'layouts',
      'hall',
      'authorization-store',
      'confirmations',
      'messages',
      'alerts',
      'health-history',
      'statistics',
      'partners',
      'charts',
      'events',
      'ledger',
      'candidates',
    ],
  },
)
