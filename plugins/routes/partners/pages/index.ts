import formbody from '@fastify/formbody'
import fp from 'fastify-plugin'
import { servePages } from '../../../web/answer.ts'
import { problemPage, wayOn } from '../../../web/parts.ts'
import { applicationDeeds, sendRegistration, showApplication } from './application-page.ts'
import { showCallsPage } from './calls-page.ts'
import { listDeeds, partnerDeeds, showPartner, showPartners } from './partner-page.ts'
import { pathOf, seated, takeDeed } from './seat.ts'

/** `/partners…`: what the people of a partner see and do, as pages without a script, through the API's own routes (docs/partners.md). */
export default fp(
  async (app) => {
    await app.register(async (scope) => {
      servePages(scope, (problem) => problemPage(problem, wayOn('/partners', '回到我的接入方')), {
        always: true,
        audit: { due: true, service: 'partner-pages', purpose: '能力开放平台' },
      })
      await scope.register(formbody, { bodyLimit: 128 * 1024 })
      const options = {
        exposeHeadRoute: false,
        schema: { hide: true },
        preHandler: scope.limitRate({ key: 'partner-member-pages', rate: { max: 300, perSeconds: 60 } }),
      }
      const api = ({ id, applicationId }: { id: string; applicationId: string }) => `/v1/partners/${id}/applications/${applicationId}`

      scope.get('/partners', options, async (request, reply) =>
        seated(scope, request, reply, '/partners', (seat) => showPartners(seat, '')),
      )
      scope.post('/partners', options, async (request, reply) =>
        seated(scope, request, reply, '/partners', (seat) => takeDeed(scope, seat, listDeeds, showPartners)),
      )

      scope.get('/partners/:id', options, async (request, reply) => {
        const { id, partner } = pathOf(request)
        return seated(scope, request, reply, partner, (seat) => showPartner(id)(seat, ''))
      })
      scope.post('/partners/:id', options, async (request, reply) => {
        const { id, partner } = pathOf(request)
        return seated(scope, request, reply, partner, (seat) => takeDeed(scope, seat, partnerDeeds(id), showPartner(id)))
      })

      scope.get('/partners/:id/applications/:applicationId', options, async (request, reply) => {
        const place = pathOf(request)
        return seated(scope, request, reply, place.application, (seat) => showApplication(scope, api(place))(seat, ''))
      })
      scope.post('/partners/:id/applications/:applicationId', options, async (request, reply) => {
        const place = pathOf(request)
        const show = showApplication(scope, api(place))
        return seated(scope, request, reply, place.application, (seat) => takeDeed(scope, seat, applicationDeeds(api(place)), show))
      })
      scope.get('/partners/:id/applications/:applicationId/sandbox', options, async (request, reply) => {
        const place = pathOf(request)
        return seated(scope, request, reply, `${place.application}/sandbox`, (seat) => sendRegistration(seat, api(place)))
      })
      scope.get('/partners/:id/applications/:applicationId/calls', options, async (request, reply) => {
        const place = pathOf(request)
        return seated(scope, request, reply, `${place.application}/calls`, (seat) => showCallsPage(seat, api(place)))
      })
    })
  },
  {
    name: 'partner-member-pages',
    dependencies: ['partner-routes', 'partner-pages', 'hall', 'charts', 'sign-on', 'audit', 'rate-limit', 'validation'],
  },
)
