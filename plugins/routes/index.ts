import type { FastifyPluginAsync } from 'fastify'
import administration from './admin/index.ts'
import agents from './agents.ts'
import callbackRoutes from './callbacks.ts'
import capabilityRoutes from './capabilities/index.ts'
import catalogRoutes from './catalog/index.ts'
import connectorRoutes from './connectors.ts'
import consolePages from './console/index.ts'
import documentRoutes from './documents.ts'
import enterprises from './enterprises.ts'
import eventRoutes from './events.ts'
import hallRoutes from './hall/index.ts'
import health from './health.ts'
import hotWords from './hot-words.ts'
import layoutRoutes from './layouts.ts'
import meLedger from './ledger/index.ts'
import me from './me.ts'
import accountRoutes from './me-accounts.ts'
import agencyOauth from './me-accounts-oauth.ts'
import authorizations from './me-authorizations.ts'
import meConsents from './me-consents.ts'
import meFace from './me-face.ts'
import family from './me-family.ts'
import meFavourites from './me-favourites.ts'
import fileRoutes from './me-files.ts'
import meMessages from './me-messages.ts'
import meSessions from './me-sessions.ts'
import meStatisticsConsent from './me-statistics-consent.ts'
import submissionsOverview from './me-submissions.ts'
import meSubscriptions from './me-subscriptions.ts'
import uploadRoutes from './me-uploads.ts'
import oauthRoutes from './oauth.ts'
import authorizationPages from './oauth-consent.ts'
import partnerApplications from './partner-applications.ts'
import partnerPages from './partners/apply-page.ts'
import partnerRoutes from './partners/index.ts'
import partnerMemberPages from './partners/pages/index.ts'
import paymentNotices from './payment-notices.ts'
import paymentPage from './payment-page.ts'
import capabilityDocs from './portal/capability-docs.ts'
import docs from './portal/docs.ts'
import home from './portal/home.ts'
import problemPages from './portal/problems.ts'
import securityTxt from './portal/security-txt.ts'
import receipts from './receipts.ts'
import securityPolicy from './security-policy.ts'
import signOnRoutes from './sign-on.ts'
import signOnFailures from './sign-on-failures.ts'
import verify from './verify.ts'

/** What the hub answers over HTTP, on top of its capabilities. In this order: a route may lean on one above it. */
export const routes: readonly FastifyPluginAsync[] = [
  signOnRoutes,
  signOnFailures,
  securityPolicy,
  meFace,
  meConsents,
  verify,
  eventRoutes,
  paymentNotices,
  paymentPage,
  callbackRoutes,
  receipts,
  docs,
  capabilityDocs,
  home,
  securityTxt,
  problemPages,
  me,
  meMessages,
  meFavourites,
  meSubscriptions,
  meSessions,
  meStatisticsConsent,
  submissionsOverview,
  enterprises,
  agents,
  documentRoutes,
  partnerApplications,
  partnerRoutes,
  partnerPages,
  partnerMemberPages,
  fileRoutes,
  uploadRoutes,
  administration,
  oauthRoutes,
  authorizationPages,
  authorizations,
  meLedger,
  family,
  connectorRoutes,
  agencyOauth,
  accountRoutes,
  catalogRoutes,
  capabilityRoutes,
  layoutRoutes,
  hotWords,
  hallRoutes,
  consolePages,
  health,
]
