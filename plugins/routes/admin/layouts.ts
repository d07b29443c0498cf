import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { type Audience, audiences, type Layout, type LayoutCard, type LayoutVersion } from '../../hall/layouts/layout.ts'
import { deleteLayout, listLayouts, publishLayout, saveDraft, unpublishLayout, versionsOf } from '../../hall/layouts/store.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { MOMENT, REVISION } from './capability-parts.ts'
import { CARDS, cardIn, cardProblems, KEPT_CARDS, LAID_OUT } from './layout-parts.ts'
import { adminRoute } from './route.ts'

const PATH = '/admin/layouts'
const page = part.text('页面：home 是首页', { pattern: '^[a-z][a-z0-9-]{0,30}$' })
const params = part.input({ page }, ['page'])
const number = Type.Unsafe<number>({ type: 'integer', minimum: 1, title: '版本' })
const maybeNumber = (title: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], title })
const head = { page, name: part.text('名称'), revision: REVISION, published: maybeNumber('现在展示的版本'), updatedAt: MOMENT }
const row = part.row(head)
const version = part.row({
  ...{ number, copyOf: maybeNumber('回退自'), publishedBy: part.text('发布人'), publishedAt: MOMENT, cards: KEPT_CARDS },
})
const whole = part.row({
  ...head,
  ...{ draft: KEPT_CARDS, versions: part.list('发布过的版本', version) },
})

/** 版面管理 (contract annex 1.2.2.3): a draft, how it would look, publishing it, and rolling back. */
export function layoutRoutes(app: FastifyInstance): void {
  const { database, layouts } = app
  const change = 'catalogue.change' as const
  const missing = () => new HubError('HUB_NO_RECORD', { detail: '没有这个版面。' })
  const shownCards = (cards: readonly LayoutCard[]) =>
    cards.map((card) => ({ ...card, scene: card.scene && { ...card.scene, from: beijing(card.scene.from), to: beijing(card.scene.to) } }))
  const present = ({ draft: _, changedAt, ...layout }: Layout) => ({ ...layout, updatedAt: beijing(changedAt) })
  const presentVersion = ({ publishedAt, cards, ...each }: LayoutVersion) => ({
    ...each,
    publishedAt: beijing(publishedAt),
    cards: shownCards(cards),
  })

  async function found(wanted: string): Promise<Layout> {
    const layout = (await listLayouts(database)).find((each) => each.page === wanted)
    if (!layout) throw missing()
    return layout
  }
  async function wholeOf(wanted: string) {
    const layout = await found(wanted)
    return { ...present(layout), draft: shownCards(layout.draft), versions: (await versionsOf(database, wanted)).map(presentVersion) }
  }
  const revisionBody = {
    body: part.input({ revision: REVISION, purpose }, ['revision', 'purpose']),
    params,
    response: { 200: answerOf(whole) },
  }

  typed(app).get(
    PATH,
    adminRoute(app, {
      key: 'layouts.list',
      summary: '版面',
      permission: 'catalogue.read',
      schema: { response: { 200: answerOf(part.list('版面', row)) } },
    }),
    async (request) => answer(request, (await listLayouts(database)).map(present)),
  )

  typed(app).get(
    `${PATH}/:page`,
    adminRoute(app, {
      key: 'layouts.read',
      summary: '一个版面的草稿和发布过的版本',
      permission: 'catalogue.read',
      schema: { params, response: { 200: answerOf(whole) } },
    }),
    async (request) => answer(request, await wholeOf(request.params.page)),
  )

  typed(app).put(
    `${PATH}/:page`,
    adminRoute(app, {
      key: 'layouts.save',
      summary: '保存草稿：展示的版本不变',
      permission: change,
      schema: {
        params,
        body: part.input(
          { revision: REVISION, name: part.text('名称', { minLength: 1, maxLength: 20, pattern: '\\S' }), cards: CARDS, purpose },
          ['revision', 'name', 'cards', 'purpose'],
        ),
        response: { 200: answerOf(whole) },
      },
    }),
    async (request) => {
      const { revision, name, cards: sent } = request.body
      request.audit.target = request.params.page
      const cards = sent.map(cardIn)
      const errors = cardProblems(cards, (key) => app.hall.cards.has(key))
      if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
      await saveDraft(database, request.params.page, name.trim(), cards, { revision, by: callerOf(request).user.id })
      return answer(request, await wholeOf(request.params.page))
    },
  )

  typed(app).get(
    `${PATH}/:page/preview`,
    adminRoute(app, {
      key: 'layouts.preview',
      summary: '预览草稿：某一类人现在会看到的样子',
      permission: 'catalogue.read',
      schema: { params, querystring: part.input({ audience: part.choice('对象', audiences) }), response: { 200: answerOf(LAID_OUT) } },
    }),
    async (request) => {
      const { draft } = await found(request.params.page)
      const audience: Audience = request.query.audience ?? 'guest'
      const looker = audience === 'guest' ? null : { userId: callerOf(request).user.id, forEnterprise: audience === 'enterprise' }
      return answer(request, await layouts.layOut(draft, looker))
    },
  )

  typed(app).post(
    `${PATH}/:page/publish`,
    adminRoute(app, { key: 'layouts.publish', summary: '发布草稿', permission: change, schema: revisionBody }),
    async (request) => {
      const { page: wanted } = request.params
      request.audit.target = wanted
      await found(wanted)
      await publishLayout(database, wanted, null, { revision: request.body.revision, by: callerOf(request).user.id })
      await layouts.load()
      return answer(request, await wholeOf(wanted))
    },
  )

  typed(app).post(
    `${PATH}/:page/roll-back`,
    adminRoute(app, {
      key: 'layouts.roll-back',
      summary: '回退：把发布过的一个版本再次发布',
      permission: change,
      schema: { ...revisionBody, body: part.input({ revision: REVISION, version: number, purpose }, ['revision', 'version', 'purpose']) },
    }),
    async (request) => {
      const { page: wanted } = request.params
      request.audit.target = wanted
      await found(wanted)
      await publishLayout(database, wanted, request.body.version, { revision: request.body.revision, by: callerOf(request).user.id })
      await layouts.load()
      return answer(request, await wholeOf(wanted))
    },
  )

  typed(app).post(
    `${PATH}/:page/unpublish`,
    adminRoute(app, { key: 'layouts.unpublish', summary: '不再展示：页面恢复原样', permission: change, schema: revisionBody }),
    async (request) => {
      const { page: wanted } = request.params
      request.audit.target = wanted
      await found(wanted)
      await unpublishLayout(database, wanted, { revision: request.body.revision, by: callerOf(request).user.id })
      await layouts.load()
      return answer(request, await wholeOf(wanted))
    },
  )

  typed(app).post(
    `${PATH}/:page/delete`,
    adminRoute(app, {
      key: 'layouts.delete',
      summary: '删除版面和它的全部版本',
      permission: change,
      schema: { params, body: part.input({ purpose }, ['purpose']), response: { 200: answerOf(part.row({ page })) } },
    }),
    async (request) => {
      const { page: wanted } = request.params
      request.audit.target = wanted
      if (!(await deleteLayout(database, wanted))) throw missing()
      await layouts.load()
      return answer(request, { page: wanted })
    },
  )
}
