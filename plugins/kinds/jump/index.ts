import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { agencyClientId } from '../../oauth/agency-clients.ts'
import { consentRoutes } from './consent-routes.ts'
import { createJumpConsents, type JumpConsents } from './consents.ts'
import { createJumpRows, type JumpRows } from './rows.ts'

declare module 'fastify' {
  interface FastifyInstance {
    jumps: {
      readonly rows: JumpRows
      readonly consents: JumpConsents
      /** Address of an agency's own pages, without a slash at its end. Throws where none is set. */
      pagesOf(connector: string): string
      /** As which OAuth client of the hub an agency's platform asks. */
      clientOf(connector: string): string
      /** Whether a user may be sent back there. */
      readonly returnUrls: readonly string[]
    }
  }
}

/** Ways to agencies' own pages (docs/jumps.md). */
export default fp(
  async (app) => {
    const { database, vault, settings } = app
    const rows = createJumpRows(database, vault)
    app.decorate('jumps', {
      rows,
      consents: createJumpConsents(database),
      pagesOf: (connector) => pagesOf(app, connector),
      clientOf: (connector) => app.connectorSettings[connector]?.oauthClient ?? agencyClientId(connector),
      returnUrls: settings.ACCOUNT_RETURN_URLS.split(',').filter(Boolean),
    })
    app.schedules.add({ name: 'jumps.purge', title: '清理过期的跳转', pattern: '*/10 * * * *', run: () => rows.purge() })
    await app.register(async (scope) => consentRoutes(scope))
  },
  {
    name: 'jumps',
    dependencies: [
      'settings',
      'schedules',
      'connectors',
      'database',
      'accounts',
      'upstreams',
      'sign-on',
      'auth',
      'rate-limit',
      'problems',
      'validation',
      'openapi',
    ],
  },
)

function pagesOf({ connectorSettings, sandbox }: FastifyInstance, connector: string): string {
  const { pagesBaseUrl, baseUrl } = connectorSettings[connector] ?? {}
  const address = pagesBaseUrl ?? baseUrl ?? sandbox?.pagesOf(connector)
  if (!address) throw new Error(`${connector}: no address of its pages; set pagesBaseUrl in CONNECTORS_FILE`)
  return address.replace(/\/$/, '')
}
