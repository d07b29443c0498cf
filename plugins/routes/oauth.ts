import fp from 'fastify-plugin'

const ADDRESSES = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/oauth/*']

/** The authorization server under `/oauth`, its discovery at the root: oidc-provider reads these requests itself. */
export default fp(
  async (app) => {
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      const schema = { hide: true }
      for (const url of ADDRESSES)
        scope.route({ method: ['GET', 'POST', 'OPTIONS'], url, schema, exposeHeadRoute: false, handler: app.authorization.hand })
    })
  },
  { name: 'oauth-routes', dependencies: ['authorization-server'] },
)
