import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import scalar from '@scalar/fastify-api-reference'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { escapeHtml } from '../../web/page.ts'

/** The viewer's one script is served from here by its own plugin; its page is not used. */
const VIEWER = '/docs/viewer'

/** `GET /docs` for apps and `GET /docs/admin` for administrators: the documents to read and to try. Nothing comes from another host. */
export default fp(
  async (app) => {
    await app.register(async (scope) => {
      let packed: Promise<Buffer> | null = null
      scope.addHook('onSend', async (request, reply, payload) => {
        if (!String(reply.getHeader('content-type')).startsWith('application/javascript')) return payload
        reply.header('cache-control', 'public, max-age=86400').header('vary', 'accept-encoding')
        if (!request.headers['accept-encoding']?.includes('gzip')) return payload
        packed ??= promisify(gzip)(payload as string)
        const body = await packed
        reply.header('content-encoding', 'gzip').header('content-length', body.length)
        return body
      })
      const onRequest = async (request: FastifyRequest, reply: FastifyReply) =>
        request.url.split('?', 1)[0]?.endsWith('.js') ? undefined : reply.redirect('/docs')
      await scope.register(scalar, { routePrefix: VIEWER, configuration: { url: '/openapi.json' }, hooks: { onRequest } })
    })

    for (const { url, title, document } of PAGES)
      app.get(url, { schema: { hide: true } }, async (_request, reply) => {
        const nonce = randomBytes(16).toString('base64')
        return reply
          .header('content-security-policy', policyOf(nonce))
          .header('referrer-policy', 'no-referrer')
          .header('cache-control', 'no-store')
          .type('text/html; charset=utf-8')
          .send(viewerPage(title, document, nonce))
      })
  },
  { name: 'docs', dependencies: ['openapi'] },
)

const PAGES = [
  { url: '/docs', title: '接口文档', document: '/openapi.json' },
  { url: '/docs/admin', title: '管理接口文档', document: '/openapi-admin.json' },
] as const

/** The viewer puts style sheets of its own into the page as it runs, so styles may stand inline; scripts are the two with the nonce. */
const policyOf = (nonce: string) =>
  `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** What reaches out to the maker's hosts is turned off: assistant, SDK generation, sharing, deploying, telemetry, proxy, fonts. */
const QUIET = {
  authentication: { preferredSecurityScheme: 'token' },
  localization: { locale: 'zh-CN' },
  agent: { disabled: true },
  mcp: { disabled: true },
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  withDefaultFonts: false,
  proxyUrl: '',
  persistAuth: false,
  defaultOpenAllTags: false,
  documentDownloadType: 'json',
}

const FONT = 'system-ui,-apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif'
const STYLE = `body{margin:0}:root{--scalar-font:${FONT}}`

function viewerPage(title: string, document: string, nonce: string): string {
  const configuration = JSON.stringify({ url: document, ...QUIET })
  return `<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><div id="app"></div><noscript>接口文档需要浏览器启用脚本；也可以直接读 <a href="${document}">OpenAPI 文件</a>。</noscript><script nonce="${nonce}" src="${VIEWER}/js/scalar.js"></script><script nonce="${nonce}">Scalar.createApiReference('#app', ${configuration})</script></body></html>`
}
