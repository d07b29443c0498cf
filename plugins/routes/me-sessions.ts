import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import { requireFace } from '../face/require.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { paging, part } from '../route-kit/part.ts'
import { type LogInView, logInStates } from '../sign-on/log-ins/listing.ts'
import { endings, logInKinds } from '../sign-on/log-ins/log-ins.ts'

/** Whoever says of a device that it is his has just shown his face. */
const FACE = { maxAgeSeconds: 600, once: false }
const ended = { ...endings, expired: '到期' } as const

/** 登录记录: where a user is logged in and was, and his devices (docs/identity.md). */
export default fp(
  async (app) => {
    sessionRoutes(app)
    deviceRoutes(app)
  },
  { name: 'me-sessions', dependencies: ['sign-on', 'face-verification', 'auth', 'rate-limit', 'problems', 'validation', 'openapi'] },
)

export const logInSchema = part.row({
  id: part.text('登录编号'),
  kind: part.choice('种类', logInKinds),
  kindName: part.text('种类名称'),
  application: part.maybeRow('应用', { id: part.text('应用编号'), name: part.maybe('应用名称') }),
  device: part.row({ id: part.maybe('设备编号'), name: part.maybe('设备'), trusted: part.flag('是否受信任') }),
  address: part.maybe('来源地址'),
  addressName: part.maybe('地址所在地，不知道的是地址类型'),
  method: part.text('认证方式'),
  signedOnAt: part.moment('登录时间'),
  lastSeenAt: part.moment('最近使用（约）'),
  state: part.choice('状态', logInStates),
  stateName: part.text('状态名称'),
  endedAt: part.maybe('结束时间'),
  endedHow: part.maybe('怎样结束'),
  current: part.flag('是不是这次登录'),
})

/** A log-in in words; `current` is the one with which whoever looks has come. */
export function presentLogIn({ logIns }: Pick<FastifyInstance, 'logIns'>, view: LogInView, current: string | null) {
  const { id, kind, application, device, address, proven, signedOnAt, seenAt, state, endedAt, endedHow } = view
  return {
    ...{ id, kind, kindName: logInKinds[kind], application, device },
    ...{ address, addressName: address === null ? null : logIns.placeOf(address) },
    method: methodOf(kind, proven),
    ...{ signedOnAt: beijing(signedOnAt), lastSeenAt: beijing(seenAt), state, stateName: logInStates[state] },
    endedAt: endedAt === null ? null : beijing(endedAt),
    endedHow: endedHow === null ? null : ended[endedHow],
    current: id === current,
  }
}

function methodOf(kind: LogInView['kind'], proven: boolean): string {
  if (kind === 'browser') return '统一登录'
  if (kind === 'authorization') return '本人同意授权'
  return proven ? '应用登录' : '应用登录（登录时间以令牌签发为准）'
}

function sessionRoutes(app: FastifyInstance): void {
  const listing = hubRoute(app, {
    key: 'me.sessions',
    summary: '我的登录记录：现在的和 180 天以内的，登录中的在前',
    tag: TAG_ME,
    schema: {
      querystring: part.input({ state: part.choice('状态', logInStates), ...paging }),
      response: { 200: answerOf(part.list('登录', logInSchema)) },
    },
  })
  typed(app).get('/v1/me/sessions', listing, async (request) => {
    const { user, logIn = null } = callerOf(request)
    const { page, pageSize } = request.query
    const { rows, total } = await app.logIns.list({ userId: user.id, ...request.query })
    return answer(
      request,
      rows.map((row) => presentLogIn(app, row, logIn)),
      { number: page, size: pageSize, total },
    )
  })

  const ending = hubRoute(app, {
    key: 'me.sessions.end',
    summary: '结束一次登录：它的会话和令牌随即失效',
    tag: TAG_ME,
    schema: { params: part.input({ id: part.id('登录编号') }, ['id']), response: { 204: Type.Null() } },
  })
  typed(app).delete('/v1/me/sessions/:id', ending, async (request, reply) => {
    const { id } = request.params
    if ((await app.endLogIns(callerOf(request).user.id, { id })) === 0)
      throw new HubError('HUB_NO_RECORD', { detail: '没有这次登录，或它已经结束。' })
    return reply.code(204).send(null)
  })

  const endingAll = hubRoute(app, {
    key: 'me.sessions.end-all',
    summary: '结束所有登录，第三方应用的授权也在内；others=true：这次登录除外',
    tag: TAG_ME,
    rate: { max: 10, perSeconds: 60 },
    schema: {
      querystring: part.input({ others: part.flag('是否保留这次登录') }),
      response: { 200: answerOf(part.row({ ended: Type.Unsafe<number>({ type: 'integer', title: '结束了几次登录' }) })) },
    },
  })
  typed(app).delete('/v1/me/sessions', endingAll, async (request) => {
    const { user, logIn = null } = callerOf(request)
    // Who does not know which one is this would end his own with the others.
    if (request.query.others && logIn === null) throw new HubError('HUB_VALIDATION', { detail: '分不清哪一次是这次登录，请逐个结束。' })
    return answer(request, { ended: await app.endLogIns(user.id, { except: request.query.others ? logIn : null }) })
  })
}

const device = part.row({
  id: part.text('设备编号'),
  name: part.text('设备'),
  firstSeenAt: part.moment('第一次使用'),
  lastSeenAt: part.moment('最近使用（约）'),
  trusted: part.flag('是否受信任'),
  trustedAt: part.maybe('何时信任'),
})

function deviceRoutes(app: FastifyInstance): void {
  const { devices } = app.logIns
  const params = part.input({ id: part.id('设备编号') }, ['id'])
  const unknown = () => new HubError('HUB_NO_RECORD', { detail: '没有这台设备。' })

  const listing = hubRoute(app, {
    key: 'me.devices',
    summary: '我的设备',
    tag: TAG_ME,
    schema: { querystring: part.input(paging), response: { 200: answerOf(part.list('设备', device)) } },
  })
  typed(app).get('/v1/me/devices', listing, async (request) => {
    const { page, pageSize } = request.query
    const { rows, total } = await devices.list(callerOf(request).user.id, { page, pageSize })
    const shown = rows.map(({ id, name, firstSeenAt, seenAt, trustedAt }) => ({
      ...{ id, name, firstSeenAt: beijing(firstSeenAt), lastSeenAt: beijing(seenAt) },
      ...{ trusted: trustedAt !== null, trustedAt: trustedAt === null ? null : beijing(trustedAt) },
    }))
    return answer(request, shown, { number: page, size: pageSize, total })
  })

  const trusting = hubRoute(app, {
    key: 'me.devices.trust',
    summary: '信任一台设备（须有 10 分钟以内的人脸核验）',
    tag: TAG_ME,
    rate: { max: 10, perSeconds: 60 },
    schema: { params, response: { 204: Type.Null() } },
  })
  typed(app).put('/v1/me/devices/:id/trust', trusting, async (request, reply) => {
    const caller = callerOf(request)
    await requireFace(FACE, 'me.devices', caller)
    if (!(await devices.trust(caller.user.id, request.params.id))) throw unknown()
    return reply.code(204).send(null)
  })

  const forgetting = hubRoute(app, {
    key: 'me.devices.forget',
    summary: '忘记一台设备：在它上面的登录随即结束，再用时就是新设备',
    tag: TAG_ME,
    schema: { params, response: { 204: Type.Null() } },
  })
  typed(app).delete('/v1/me/devices/:id', forgetting, async (request, reply) => {
    const { id: userId } = callerOf(request).user
    const { id } = request.params
    await app.endLogIns(userId, { device: id })
    if (!(await devices.forget(userId, id))) throw unknown()
    return reply.code(204).send(null)
  })
}
