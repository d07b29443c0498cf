import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { isOff, type OwnPreferences, type Silenced } from '../messages/preferences.ts'
import { QUIET_PATTERN } from '../messages/quiet-hours.ts'
import { type Channel, channels, type MessageTopic, topics, topicTitles } from '../messages/topics.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { paging, part } from '../route-kit/part.ts'

/** 消息中心: what a user was told, and how he wants to be told. */
export default fp(
  async (app) => {
    reading(app)
    keeping(app)
    preferences(app)
  },
  { name: 'me-messages', dependencies: ['messages', 'identity', 'validation', 'openapi'] },
)

const message = part.row({
  id: part.text('消息编号'),
  kind: part.choice('类别', topicTitles),
  kindName: part.text('类别名称'),
  title: part.text('标题'),
  body: part.text('内容'),
  urgent: part.flag('是否紧急'),
  connector: part.maybe('系统'),
  service: part.maybe('服务'),
  enterpriseId: part.maybe('单位编号'),
  about: part.text('所涉事项编号'),
  createdAt: part.moment('时间'),
  readAt: part.maybe('阅读时间'),
})
const params = part.input({ id: part.id('消息编号') }, ['id'])
const noMessage = () => new HubError('HUB_NO_RECORD', { detail: '没有这条消息。' })

function reading(app: FastifyInstance): void {
  const { centre } = app.messages
  const querystring = part.input({
    unread: part.flag('只看未读（true）或已读（false）'),
    kind: part.choice('类别', topicTitles),
    connector: part.text('系统', { maxLength: 64, pattern: '^[a-z0-9-]+$' }),
    since: part.moment('时间从'),
    ...paging,
  })
  typed(app).get(
    '/v1/me/messages',
    hubRoute(app, {
      key: 'me.messages',
      summary: '我的消息',
      tag: TAG_ME,
      schema: { querystring, response: { 200: answerOf(part.list('消息', message)) } },
    }),
    async (request) => {
      const { since, ...query } = request.query
      const filter = { ...query, ...(since === undefined ? {} : { since: Date.parse(since) }) }
      const { rows, total } = await centre.list(callerOf(request).user.id, filter)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  const counts = part.row({
    unread: Type.Unsafe<number>({ type: 'integer', title: '未读条数' }),
    byKind: Type.Unsafe<object>({ type: 'object', title: '各类未读条数', additionalProperties: { type: 'integer' } }),
  })
  typed(app).get(
    '/v1/me/messages/count',
    hubRoute(app, { key: 'me.messages.count', summary: '未读消息数', tag: TAG_ME, schema: { response: { 200: answerOf(counts) } } }),
    async (request) => answer(request, await centre.unread(callerOf(request).user.id)),
  )

  typed(app).get(
    '/v1/me/messages/:id',
    hubRoute(app, { key: 'me.messages.read', summary: '一条消息', tag: TAG_ME, schema: { params, response: { 200: answerOf(message) } } }),
    async (request) => {
      const found = await centre.read(callerOf(request).user.id, request.params.id)
      if (!found) throw noMessage()
      return answer(request, found)
    },
  )
}

function keeping(app: FastifyInstance): void {
  const { centre } = app.messages
  typed(app).post(
    '/v1/me/messages/:id/read',
    hubRoute(app, {
      key: 'me.messages.mark-read',
      summary: '标记一条消息为已读',
      tag: TAG_ME,
      schema: { params, response: { 200: answerOf(message) } },
    }),
    async (request) => {
      const found = await centre.markRead(callerOf(request).user.id, request.params.id)
      if (!found) throw noMessage()
      return answer(request, found)
    },
  )

  const marked = part.row({ marked: Type.Unsafe<number>({ type: 'integer', title: '标记条数' }) })
  typed(app).post(
    '/v1/me/messages/read-all',
    hubRoute(app, {
      key: 'me.messages.mark-all-read',
      summary: '标记全部消息为已读',
      tag: TAG_ME,
      schema: { querystring: part.input({ kind: part.choice('类别', topicTitles) }), response: { 200: answerOf(marked) } },
    }),
    async (request) => answer(request, { marked: await centre.markAllRead(callerOf(request).user.id, request.query.kind) }),
  )

  typed(app).delete(
    '/v1/me/messages/:id',
    hubRoute(app, { key: 'me.messages.delete', summary: '删除一条消息', tag: TAG_ME, schema: { params, response: { 204: Type.Null() } } }),
    async (request, reply) => {
      if (!(await centre.remove(callerOf(request).user.id, request.params.id))) throw noMessage()
      return reply.code(204).send(null)
    },
  )
}

const PATH = '/v1/me/message-settings'
const shown = part.row({
  topics: part.list(
    '类别',
    part.row({
      kind: part.choice('类别', topicTitles),
      kindName: part.text('类别名称'),
      mandatory: part.flag('是否必须通知，不能关闭'),
      channels: part.list('渠道', part.row({ channel: part.choice('渠道', channels), name: part.text('名称'), on: part.flag('是否开启') })),
    }),
  ),
  quietHours: part.text('免打扰时段（北京时间，空为不设）'),
  email: part.maybe('电子邮箱（脱敏）'),
  emailConfirmed: part.flag('电子邮箱是否已验证'),
})

function preferences(app: FastifyInstance): void {
  const own = app.messages.preferences
  const read = async (userId: string) => show(await own.read(app.database, userId))
  const response = { 200: answerOf(shown) }

  function show(given: OwnPreferences) {
    return {
      topics: Object.entries(topics).map(([name, { title, mandatory }]) => ({
        kind: name,
        kindName: title,
        mandatory,
        channels: app.messages.channels.map((channel) => ({
          channel,
          name: channels[channel],
          on: !isOff(given, name as MessageTopic, channel),
        })),
      })),
      quietHours: own.quietHours(given),
      email: given.email === null ? null : given.email.replace(/^(.).*@/, '$1***@'),
      emailConfirmed: given.emailConfirmed,
    }
  }

  typed(app).get(
    PATH,
    hubRoute(app, { key: 'me.message-settings', summary: '我的消息设置', tag: TAG_ME, schema: { response } }),
    async (request) => answer(request, await read(callerOf(request).user.id)),
  )

  const body = part.input(
    {
      off: part.list(
        '关闭的渠道，替换原来的',
        part.input({ kind: part.choice('类别', topicTitles), channel: part.choice('渠道', channels) }, ['kind', 'channel']),
        { maxItems: 50 },
      ),
      quietHours: part.maybe('免打扰时段，如 22:00-08:00；空为不设，null 为平台的', { pattern: QUIET_PATTERN, maxLength: 11 }),
      email: part.maybe('电子邮箱；会收到验证码', {
        maxLength: 254,
        pattern: '^[^\\s@<>,;:"()\\[\\]\\\\]{1,64}@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$',
      }),
    },
    [],
    1,
  )
  typed(app).put(
    PATH,
    hubRoute(app, {
      key: 'me.message-settings.change',
      summary: '修改我的消息设置',
      tag: TAG_ME,
      // Few tries: each may send a letter to somebody.
      rate: { max: 30, perSeconds: 3600 },
      schema: { body, response },
    }),
    async (request) => {
      const { id } = callerOf(request).user
      const { off, quietHours, email } = request.body
      const code = await own.change(id, {
        ...(off === undefined ? {} : { silenced: silencedBy(off) }),
        ...(quietHours === undefined ? {} : { quietHours }),
        ...(email === undefined ? {} : { email }),
      })
      if (code !== null && email)
        await app.messages.mail(email, '“我的许昌”邮箱验证码', `验证码：${code}，15 分钟内有效。不是您本人操作的，请不必理会。`)
      return answer(request, await read(id))
    },
  )

  typed(app).post(
    `${PATH}/email/confirm`,
    hubRoute(app, {
      key: 'me.message-settings.confirm-email',
      summary: '以验证码确认电子邮箱',
      tag: TAG_ME,
      rate: { max: 20, perSeconds: 3600 },
      schema: { body: part.input({ code: part.text('验证码', { pattern: '^\\d{6}$' }) }, ['code']), response },
    }),
    async (request) => {
      const { id } = callerOf(request).user
      await own.confirmEmail(id, request.body.code)
      return answer(request, await read(id))
    },
  )
}

function silencedBy(off: readonly { kind: MessageTopic; channel: Channel }[]): Silenced {
  const silenced: Silenced = {}
  for (const [index, { kind, channel }] of off.entries()) {
    if (topics[kind].mandatory)
      throw new HubError('HUB_VALIDATION', {
        errors: [{ pointer: `/body/off/${index}/kind`, detail: `“${topics[kind].title}”必须通知，不能关闭` }],
      })
    silenced[kind] = [...new Set([...(silenced[kind] ?? []), channel])]
  }
  return silenced
}
