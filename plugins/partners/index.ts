import fp from 'fastify-plugin'
import { listScopes } from '../oauth/scopes.ts'
import { type Applications, createApplications } from './applications.ts'
import { type Applying, createApplying } from './applying.ts'
import { createDeciding, type Deciding } from './deciding.ts'
import { createInvitations, type Invitations } from './invitations.ts'
import { createLimits, type Limits } from './limits.ts'
import { createListing, type Listing } from './listing.ts'
import { createMembers, type Members } from './members.ts'
import { createPapers, type Papers } from './papers.ts'
import { createQuota, type Quota } from './quota.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** 能力开放平台 (docs/partners.md). */
    partners: {
      readonly applying: Applying
      readonly papers: Papers
      readonly members: Members
      readonly invitations: Invitations
      readonly applications: Applications
      readonly deciding: Deciding
      readonly listing: Listing
      readonly limits: Limits
      readonly quota: Quota
      /** Whether a client is a partner's application. */
      owns(clientId: string): Promise<boolean>
      /** Whether a user may authorise an application: one that is being tested, only the partner's own people. */
      mayAuthorise(clientId: string, userId: string): Promise<boolean>
    }
  }
}

/** Partners, their applications, and how much those may ask. */
export default fp(
  async (app) => {
    const { database, vault, files, settings } = app
    const scopes = listScopes(app.connectors)
    const limits = createLimits(database)
    const quota = createQuota(database, limits)
    const applying = createApplying(database, vault)
    const invitations = createInvitations(database, vault)
    const papers = createPapers({ database, vault, files, keepMs: settings.PARTNER_PAPERS_DAYS * 86_400_000 })
    const judge = { scopes, isOffline: (service: string) => Boolean(app.catalogue.offline(service)) }

    app.decorate('partners', {
      applying,
      papers,
      limits,
      quota,
      members: createMembers({ database, vault, invitations }),
      invitations,
      applications: createApplications({ database, vault, judge, limits }),
      deciding: createDeciding({ database, vault, scopes, limits }),
      listing: createListing(database),
      owns: async (clientId) => (await database('partner_applications').where({ client_id: clientId }).first('id')) !== undefined,
      async mayAuthorise(clientId, userId) {
        const tested = await database('partner_applications').where({ client_id: clientId, state: 'testing' }).first('partner_id')
        if (!tested) return true
        const member = await database('partner_members').where({ partner_id: tested.partner_id, user_id: userId }).first('role')
        return member !== undefined
      },
    })

    // For whatever is registered from here on: who calls with a token of the exchange is an application, and has its limits.
    app.addHook('preHandler', (request, _reply, done) => {
      const { caller, audit } = request
      if (!caller || caller.claims.connector === null || caller.claims.app === null) return done()
      quota.spend(caller.claims.app, `${audit.connector}.${audit.service}`).then(() => done(), done)
    })

    app.schedules.add({
      name: 'partners.purge',
      title: '清理没有确认的入驻申请、到期的申请材料、早已结束的邀请和过期的用量',
      pattern: '19 * * * *',
      run: () => Promise.all([applying.purge(), papers.purge(), invitations.purge(), quota.purge()]),
    })
  },
  {
    name: 'partners',
    dependencies: ['database', 'schedules', 'connectors', 'catalogue', 'auth', 'messages', 'authorization-store', 'files'],
  },
)
