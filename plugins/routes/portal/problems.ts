import fp from 'fastify-plugin'
import { type ErrorCode, errorTable, HubError } from '../../../core/base/errors.ts'
import { pathPart } from '../../route-kit/kit.ts'
import { sendPage } from '../../web/answer.ts'
import { escapeHtml, page, wantsPage } from '../../web/page.ts'

/** `GET /problems/{code}`: what the `type` of a problem document (RFC 9457) leads to. A page in a browser, JSON otherwise. */
export default fp(
  async (app) => {
    app.get('/problems/:code', { schema: { hide: true } }, async (request, reply) => {
      const code = pathPart(request, 'code')
      if (!Object.hasOwn(errorTable, code)) throw new HubError('HUB_SERVICE_UNKNOWN')
      const known = code as ErrorCode
      const [status, title, detail] = errorTable[known]
      reply.header('vary', 'accept')
      if (!wantsPage(request.headers.accept)) return reply.send({ type: `/problems/${code}`, status, title, detail })
      return sendPage(reply, problemTypePage(known))
    })
  },
  { name: 'problem-pages', dependencies: ['problems'] },
)

function problemTypePage(code: ErrorCode): string {
  const [status, title, detail] = errorTable[code]
  const { citizen, developer } = advice(code, status)
  return page(
    title,
    `<p>${escapeHtml(detail)}</p>
<h2>您可以怎么做</h2><p>${citizen}</p>
<p>联系客服时，请提供出错页面或应用里显示的“追踪号”，可以据此查到当时的情况。</p>
<h2>给开发者</h2><dl><dt>错误码</dt><dd><code>${code}</code></dd><dt>状态码</dt><dd>${status}</dd><dt>媒体类型</dt><dd><code>application/problem+json</code></dd></dl>
<p>${developer}</p><p><a href="/docs">接口文档</a></p>`,
    { home: true },
  )
}

interface Advice {
  citizen: string
  developer: string
}

const SAME_KEY = '办理类请求重试时使用同一个 <code>Idempotency-Key</code>，不会重复办理。'

/** What to do, by what kind of trouble it is; HTML. */
function advice(code: ErrorCode, status: number): Advice {
  if (code === 'HUB_UPSTREAM_CREDENTIAL' || code === 'HUB_UPSTREAM_INVALID' || code === 'HUB_UPSTREAM_WRONG_SUBJECT')
    return {
      citizen: '这不是您的操作造成的。请稍后再试；如果一直这样，请联系客服。',
      developer: `不要立即重试。<code>agency</code> 是出问题的系统，<code>field</code>（如有）是对方给错的字段。${SAME_KEY}`,
    }
  switch (status) {
    case 401:
      return {
        citizen: '请回到“我的许昌”重新登录，再做一次刚才的操作。',
        developer: '重新取得访问令牌后再试，响应头 <code>WWW-Authenticate</code> 说明令牌是缺失还是无效。不要用同一个令牌重试。',
      }
    case 403:
      return {
        citizen: '请先完成应用提示的步骤（例如人脸核验、实名认证或授权），再做一次刚才的操作。',
        developer: '成员 <code>stepUp</code>（如有）写明先要做什么；做完之后再发一次请求。没有 <code>stepUp</code> 的，重试没有用。',
      }
    case 404:
      return {
        citizen: '请核对填写的内容或查询条件。确认无误仍查不到的，可以向数据提供单位咨询。',
        developer:
          '<code>HUB_NO_RECORD</code> 是正常的业务结果；<code>HUB_SERVICE_UNKNOWN</code> 说明地址不对，见 <a href="/v1/catalog">服务目录</a>。',
      }
    case 409:
      return {
        citizen: '请按应用里列出的办法选一种处理。',
        developer: '成员 <code>choices</code> 列出可选的记录，<code>ways</code> 列出解决冲突的办法；照着其中之一再发请求。',
      }
    case 410:
      return {
        citizen: '这项服务已经停止。请改用提示里接替它的服务，或者到办事大厅查找。',
        developer: '不要重试。成员 <code>ways</code> 和响应头 <code>Link</code>（<code>rel="successor-version"</code>）给出接替它的接口。',
      }
    case 429:
      return {
        citizen: '请等一会儿再试，不需要联系客服。',
        developer: '等待 <code>Retry-After</code> 响应头（也是成员 <code>retryAfter</code>）给出的秒数之后再试。',
      }
    case 500:
      return {
        citizen: '这不是您的操作造成的。请稍后再试；如果一直这样，请联系客服。',
        developer: `请把 <code>traceId</code> 告诉运维人员。${SAME_KEY}`,
      }
    case 502:
    case 503:
    case 504:
      return {
        citizen: '这不是您的操作造成的，您的申请不会因此丢失或重复。请稍后再试。',
        developer: `按 <code>Retry-After</code>（如有）等待后再试，间隔逐次加长；<code>agency</code>（如有）是出问题的系统。${SAME_KEY}`,
      }
    default:
      return {
        citizen: '请按应用里的提示修改之后再提交。',
        developer: '成员 <code>errors</code>（如有）用 RFC 6901 指针指出请求中的哪一处有误。改正之前重试没有用。',
      }
  }
}
