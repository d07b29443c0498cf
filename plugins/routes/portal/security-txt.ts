import fp from 'fastify-plugin'

const VALID_DAYS = 180
const DAY_MS = 86_400_000

/** `GET /.well-known/security.txt` (RFC 9116), where an operator has said whom to tell. */
export default fp(
  async (app) => {
    const { SECURITY_CONTACT, PUBLIC_URL } = app.settings
    if (!SECURITY_CONTACT) return
    app.get('/.well-known/security.txt', { schema: { hide: true } }, async (_request, reply) => {
      const lines = [
        `Contact: ${SECURITY_CONTACT}`,
        `Expires: ${new Date(Date.now() + VALID_DAYS * DAY_MS).toISOString()}`,
        'Preferred-Languages: zh, en',
        ...(PUBLIC_URL ? [`Canonical: ${PUBLIC_URL}/.well-known/security.txt`] : []),
      ]
      return reply.type('text/plain; charset=utf-8').send(`${lines.join('\n')}\n`)
    })
  },
  { name: 'security-txt', dependencies: ['settings'] },
)
