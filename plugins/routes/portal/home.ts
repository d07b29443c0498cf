import fp from 'fastify-plugin'
import { version } from '../../../config/version.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'
import { sendPage } from '../../web/answer.ts'
import { escapeHtml, page, SITE, wantsPage } from '../../web/page.ts'

/** `GET /`: what this is and where to go. A page in a browser, links as JSON otherwise. */
export default fp(
  async (app) => {
    const sandbox = app.sandbox !== null
    const html = homePage(app.connectors, sandbox)
    const links = {
      name: SITE,
      version,
      sandbox,
      links: { hall: '/hall', catalog: '/v1/catalog', openapi: '/openapi.json', docs: '/docs', verify: '/verify', health: '/health' },
    }
    app.get('/', { schema: { hide: true } }, async (request, reply) => {
      reply.header('vary', 'accept')
      if (!wantsPage(request.headers.accept)) return links
      return sendPage(reply, html)
    })
  },
  { name: 'home', dependencies: ['connectors', 'sandbox'] },
)

const SANDBOX = `<p class="note"><strong>这是沙箱。</strong>这里的人、企业和记录都是虚构的，没有连接任何部门的真实系统，办理的事项不会生效。</p>`

function homePage(connectors: readonly ConnectorDeclaration[], sandbox: boolean): string {
  const agencies = connectors.map(({ name, agency }) => `<li>${escapeHtml(name)}：${escapeHtml(agency)}</li>`).join('')
  return page(
    '一个入口，连接各部门的业务系统',
    `${sandbox ? SANDBOX : ''}<p>市民登录一次，就能在“我的许昌”里查询、办理和开具证明。</p>
<div class="cards">
<section><h2>市民</h2><p>服务在“我的许昌”应用里使用。在这里您可以：</p><ul><li><a href="/hall">到办事大厅查找服务</a></li><li><a href="/verify">核验一份证明的真伪</a></li><li><a href="/receipts">凭回执查询办理状态</a></li><li><a href="/sign-on">查看这个浏览器里的登录状态</a></li></ul></section>
<section><h2>应用开发者</h2><ul><li><a href="/docs">接口文档</a></li><li><a href="/docs/capabilities">能力目录</a>，按分组和关键词查找</li><li><a href="/openapi.json">OpenAPI 文件</a>，可以生成客户端</li><li><a href="/partners/apply">申请成为接入方</a></li><li><a href="/v1/catalog">服务目录</a>（JSON）</li><li><a href="/.well-known/openid-configuration">登录与授权的配置</a>（JSON）</li></ul></section>
<section><h2>部门</h2><p>每个部门的系统由一份声明接入，不需要改动平台。已经接入：</p><ul>${agencies}</ul></section>
<section><h2>运维人员</h2><ul><li><a href="/console">管理控制台</a></li><li><a href="/health">各系统健康状况</a>（JSON）</li><li><a href="/docs/admin">管理接口文档</a>（操作须有管理权限）</li></ul><p class="muted">版本 ${escapeHtml(version)}</p></section>
</div>`,
    { home: true, wide: true },
  )
}
