import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { RegisteredClient } from '../../oauth/client-registry.ts'
import { grantTypes } from '../../oauth/client-rules.ts'
import { clientKinds, clientStatuses } from '../../oauth/clients.ts'
import { answer, answerOf, pathPart, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { ask, asked } from './requests.ts'
import { adminRoute } from './route.ts'

const params = part.input({ id: part.text('应用编号', { maxLength: 64 }) }, ['id'])
const words = (title: string, items: string) => part.list(title, part.text(items, { maxLength: 2000 }), { maxItems: 100 })

const item = {
  id: part.text('应用编号'),
  name: part.text('应用名称'),
  purpose: part.text('用途（授权页上给市民看）'),
  kind: part.choice('种类', clientKinds),
  redirectUris: part.list('回调地址', part.text('回调地址')),
  scopes: part.list('授权项', part.text('授权项')),
  grantTypes: part.list('授权方式', part.text('授权方式')),
  sector: part.text('专属编号的范围：同一范围的应用看到同一个用户编号'),
  idTokenAlg: part.text('ID 令牌的签名算法'),
  trusted: part.flag('可信：可以交换本应用的令牌（须由两位管理员，或在命令行上）'),
  status: part.choice('状态', clientStatuses),
  createdAt: part.text('登记时间'),
  updatedAt: part.text('修改时间'),
}
const detail = { ...item, icon: part.maybe('图标（data: URI）') }
const secret = part.maybe('密钥：只显示这一次，本机应用没有')

// Only types are checked here, so that plugins/oauth/client-rules.ts can name everything that is wrong at once.
const changeable = {
  name: part.text('应用名称（必填，2 至 40 个字）', { maxLength: 1000 }),
  purpose: part.text('用途，授权页上给市民看（必填，4 至 100 个字）', { maxLength: 1000 }),
  icon: part.maybe('图标：PNG、JPEG 或 WebP 的 data: URI，不超过 32 KiB'),
  redirectUris: words('回调地址：https；本机应用还可用本机回环地址（http）和带点的自有协议', '回调地址'),
  scopes: words('授权项（缺省：openid）', '授权项'),
}
const kinds = Object.entries(clientKinds)
  .map((pair) => pair.join(' '))
  .join('；')
const draft = {
  id: part.text('应用编号（必填，小写字母、数字、连字符）', { maxLength: 1000 }),
  ...changeable,
  kind: part.text(`种类（缺省：web）：${kinds}`, { maxLength: 100 }),
  grantTypes: words(`授权方式（缺省：authorization_code）：${Object.keys(grantTypes).join('、')}`, '授权方式'),
  sector: part.text('专属编号的范围（缺省：应用编号）', { maxLength: 1000 }),
  idTokenAlg: part.text('ID 令牌的签名算法：ES256（缺省）、RS256（首个在一分钟内可用）', { maxLength: 100 }),
}

/** Applications of third parties (docs/authorization.md); the acts are those of plugins/oauth/client-registry.ts. */
export function clientRoutes(app: FastifyInstance): void {
  const { registry } = app.authorizationStore
  const known = { 200: answerOf(part.row(detail)) }

  const filter = { status: part.choice('状态', clientStatuses), text: part.text('编号或名称（部分）', { minLength: 1, maxLength: 100 }) }
  typed(app).get(
    '/admin/clients',
    adminRoute(app, {
      key: 'clients.list',
      summary: '应用列表',
      permission: 'clients.read',
      schema: { querystring: part.input({ ...filter, ...paging }), response: { 200: answerOf(part.list('应用', part.row(item))) } },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await registry.list(query)
      const list = rows.map(present).map(({ icon: _icon, ...row }) => row)
      return answer(request, list, { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).get(
    '/admin/clients/:id',
    adminRoute(app, { key: 'clients.read', summary: '应用详情', permission: 'clients.read', schema: { params, response: known } }),
    async (request) => answer(request, present(await registry.get(targetOf(request)))),
  )

  const body = part.input({ client: part.input(draft), purpose }, ['client', 'purpose'])
  typed(app).post(
    '/admin/clients',
    adminRoute(app, {
      key: 'clients.register',
      summary: '登记应用',
      permission: 'clients.change',
      schema: { body, response: { 201: answerOf(part.row({ ...detail, secret })) } },
    }),
    async (request, reply) => {
      const { client } = request.body
      const made = await registry.register({ id: '', name: '', purpose: '', ...client })
      request.audit.target = made.client.id
      return showOnce(request, reply.code(201), made)
    },
  )

  const changes = part.input({ client: part.input(changeable, [], 1), purpose }, ['client', 'purpose'])
  typed(app).patch(
    '/admin/clients/:id',
    adminRoute(app, {
      key: 'clients.change',
      summary: '修改应用（可信应用的修改须由另一位管理员确认）',
      permission: 'clients.change',
      schema: { params, body: changes, response: { ...known, ...asked } },
    }),
    async (request, reply) => {
      const id = await unownedTarget(request)
      const { client } = request.body
      const { trusted, updatedAt } = await registry.get(id)
      if (!trusted) return answer(request, present(await registry.change(id, client)))
      return ask(app, request, reply, 'clients.trusted-change', { id, version: String(updatedAt), changes: client })
    },
  )

  typed(app).put(
    '/admin/clients/:id/trusted',
    adminRoute(app, {
      key: 'clients.trust',
      summary: '把应用定为可信（须由另一位管理员确认），或收回（立即生效）',
      permission: 'clients.change',
      schema: {
        params,
        body: part.input({ trusted: part.flag('是否可信'), purpose }, ['trusted', 'purpose']),
        response: { ...known, ...asked },
      },
    }),
    async (request, reply) => {
      const id = await unownedTarget(request)
      const { updatedAt, scopes, redirectUris } = await registry.get(id)
      if (!request.body.trusted) return answer(request, present(await registry.setTrusted(id, false)))
      const seen = { version: String(updatedAt), scopes: [...scopes], redirectUris: [...redirectUris] }
      return ask(app, request, reply, 'clients.trust', { id, ...seen })
    },
  )

  for (const [act, summary] of [
    ['disable', '停用应用'],
    ['enable', '启用应用'],
  ] as const)
    typed(app).post(`/admin/clients/:id/${act}`, acting(act, summary, known), async (request) => {
      // Stopping is safe, whoever does it.
      const id = act === 'disable' ? targetOf(request) : await ownTarget(request)
      return answer(request, present(await registry.setStatus(id, act === 'disable' ? 'disabled' : 'active')))
    })

  const rotated = { 200: answerOf(part.row({ ...detail, secret })) }
  typed(app).post('/admin/clients/:id/rotate', acting('rotate', '更换应用的密钥', rotated), async (request, reply) =>
    showOnce(request, reply, await registry.rotate(await ownTarget(request))),
  )

  function acting(act: string, summary: string, response: Record<number, Type.TSchema>) {
    const schema = { params, body: part.input({ purpose }, ['purpose']), response }
    return adminRoute(app, { key: `clients.${act}`, summary, permission: 'clients.change', schema })
  }

  /** What a partner's application is, two people reviewed: here it can only be stopped. */
  async function unownedTarget(request: FastifyRequest): Promise<string> {
    const id = targetOf(request)
    if (await app.partners.owns(id)) throw new HubError('HUB_ROLE_REQUIRED', { detail: '这是接入方的应用，请在能力开放平台里变更。' })
    return id
  }

  /** A trusted client stands for the whole of every user: nobody gets hold of its secret, or starts it, from a browser. */
  async function ownTarget(request: FastifyRequest): Promise<string> {
    const id = await unownedTarget(request)
    if ((await registry.get(id)).trusted) throw new HubError('HUB_ROLE_REQUIRED', { detail: '可信应用只能在命令行上变更。' })
    return id
  }
}

function targetOf(request: FastifyRequest): string {
  const id = pathPart(request, 'id')
  request.audit.target = id
  return id
}

function showOnce(request: FastifyRequest, reply: FastifyReply, made: { client: RegisteredClient; secret: string | null }) {
  reply.header('cache-control', 'no-store')
  return reply.send(answer(request, { ...present(made.client), secret: made.secret }))
}

function present({ createdAt, updatedAt, ...client }: RegisteredClient) {
  return { ...client, createdAt: beijing(createdAt), updatedAt: beijing(updatedAt) }
}
