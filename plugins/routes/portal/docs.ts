import { randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import fp from 'fastify-plugin'
import { type Frozen, freeze, sendFrozen } from '../../web/frozen.ts'
import { escapeHtml } from '../../web/page.ts'

const SCRIPT = '/docs/viewer.js'

/** `GET /docs` for apps and `GET /docs/admin` for administrators: the documents to read and to try. Nothing comes from another host. */
export default fp(
  async (app) => {
    let loading: Promise<Frozen> | null = null
    app.get(SCRIPT, { schema: { hide: true } }, async (request, reply) => {
      loading ??= loadScript()
      reply.header('cache-control', 'public, max-age=86400')
      return sendFrozen(request, reply, await loading, 'application/javascript; charset=utf-8')
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

/** The viewer's script is in its plugin and nowhere else, and takes half a second to load: not before somebody reads. */
async function loadScript(): Promise<Frozen> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const holder = Fastify()
  await holder.register(scalar, { routePrefix: '/viewer', configuration: { url: '/openapi.json' } })
  const { body, statusCode } = await holder.inject('/viewer/js/scalar.js')
  await holder.close()
  if (statusCode !== 200) throw new Error(`the viewer's plugin answered ${statusCode}`)
  return freeze(body)
}

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
/** The viewer's greys and the colours of its methods are too weak to be read (WCAG 2.2, 1.4.3). */
const COLOURS = {
  light: {
    2: '#4a4a4a',
    3: '#595959',
    blue: '#0b5394',
    green: '#1b5e20',
    red: '#a31515',
    orange: '#7a4300',
    yellow: '#6b5300',
    purple: '#5b2a86',
  },
  dark: {
    2: '#b8b8b8',
    3: '#a3a3a3',
    blue: '#7cb7f0',
    green: '#7fd08b',
    red: '#ff9c9c',
    orange: '#ffb86b',
    yellow: '#f0d060',
    purple: '#cfa8f5',
  },
}
const STYLE = `body{margin:0}:root{--scalar-font:${FONT}}${Object.entries(COLOURS)
  .map(([mode, colours]) => {
    const lines = Object.entries(colours).map(([name, value]) => `--scalar-color-${name}:${value} !important`)
    return `.${mode}-mode{${lines.join(';')}}`
  })
  .join('')}`
/** What it leaves without a name, or out of reach of a keyboard. */
const REACHABLE = `const mend=()=>{for(const e of document.querySelectorAll('.scalar-code-copy:not([aria-label])'))e.setAttribute('aria-label','复制');for(const e of document.querySelectorAll('.endpoints:not([tabindex])'))e.tabIndex=0};new MutationObserver(mend).observe(document.body,{childList:true,subtree:true})`

function viewerPage(title: string, document: string, nonce: string): string {
  const configuration = JSON.stringify({ url: document, ...QUIET })
  return `<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><div id="app"></div><noscript>接口文档需要浏览器启用脚本；也可以直接读 <a href="${document}">OpenAPI 文件</a>。</noscript><script nonce="${nonce}" src="${SCRIPT}"></script><script nonce="${nonce}">${REACHABLE};Scalar.createApiReference('#app', ${configuration})</script></body></html>`
}
