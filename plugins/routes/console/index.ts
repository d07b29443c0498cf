import formbody from '@fastify/formbody'
import view from '@fastify/view'
import fp from 'fastify-plugin'
import { viewOptions } from '../../console/view.ts'
import { servePages } from '../../web/answer.ts'
import { problemPage, wayOn } from '../../web/parts.ts'
import { assertAdminAddress } from '../admin/route.ts'
import { createDesk } from './desk.ts'
import { enrolRoutes } from './enrol.ts'
import { enterRoutes } from './enter.ts'
import { sections } from './sections/index.ts'

/**
 * `/console…`: the hub's administration as pages (docs/console.md), filled by the routes of /admin. No page needs a script, and
 * none has rights of its own.
 */
export default fp(
  async (app) => {
    await app.register(async (scope) => {
      servePages(scope, (problem) => problemPage(problem, wayOn('/console', '回到管理控制台')), {
        always: true,
        audit: { due: true, service: 'console', purpose: '管理控制台' },
      })
      scope.addHook('onRequest', async (request) => assertAdminAddress(scope, request))
      await scope.register(formbody, { bodyLimit: 64 * 1024 })
      await scope.register(view, viewOptions)
      const options = {
        exposeHeadRoute: false,
        schema: { hide: true },
        preHandler: scope.limitRate({ key: 'console', rate: { max: 600, perSeconds: 60 } }),
      }
      enterRoutes(scope, options)
      enrolRoutes(scope, options)
      for (const section of sections) section.routes(createDesk(scope, section, options))
    })
  },
  { name: 'console', dependencies: ['administration', 'sign-on', 'auth', 'audit', 'problems', 'rate-limit', 'openapi', 'charts'] },
)
