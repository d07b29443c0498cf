import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { LEAST_TOLD } from '../../hall/searching/counts.ts'
import { addHotWord, removeHotWord, saveRules } from '../../hall/searching/index.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { COUNT, REVISION } from './capability-parts.ts'
import { WEIGHT } from './catalogue-values.ts'
import { adminRoute } from './route.ts'

const weight = (title: string) => Type.Unsafe<number>({ type: 'number', minimum: 0, maximum: 10, title })
const rules = {
  name: weight('名称的权重（0：不搜索）'),
  place: weight('简介、专区和单位的权重'),
  sound: weight('拼音的权重'),
  excluded: part.list('不搜索的系统', part.text('连接器', { maxLength: 64 }), { uniqueItems: true, maxItems: 100 }),
}
const boost = {
  service: part.text('服务：<连接器>.<服务>', { maxLength: 130 }),
  factor: Type.Unsafe<number>({ type: 'number', minimum: 0.1, maximum: 10, title: '倍数' }),
}
const kept = part.row({ ...rules, boosts: part.list('单项服务的排序权重', part.row(boost)), revision: REVISION })
const hotWord = part.row({ id: part.text('编号'), word: part.text('词'), weight: WEIGHT })
const day = { pattern: '^\\d{4}-\\d{2}-\\d{2}$', format: 'date' }
const counted = part.row({
  ...{ words: part.text('搜索的词'), searches: COUNT, empty: COUNT, clicks: COUNT },
  clickRate: Type.Unsafe<number>({ type: 'number', title: '点击转化率' }),
})
const DAY_MS = 86_400_000

/** 搜索管理 (contract annex 1.2.2.4): what is searched and how it is ordered, words that are suggested, and what is looked for. */
export function searchingRoutes(app: FastifyInstance): void {
  const { database, searching } = app
  const change = 'catalogue.change' as const
  const present = () => ({ ...searching.now.rules, revision: searching.now.revision })

  typed(app).get(
    '/admin/search/rules',
    adminRoute(app, {
      key: 'search.rules',
      summary: '搜索规则',
      permission: 'catalogue.read',
      schema: { response: { 200: answerOf(kept) } },
    }),
    async (request) => {
      await searching.load()
      return answer(request, present())
    },
  )

  typed(app).put(
    '/admin/search/rules',
    adminRoute(app, {
      key: 'search.rules.put',
      summary: '设置搜索的范围和排序权重',
      permission: change,
      schema: {
        body: part.input(
          {
            ...rules,
            boosts: part.list('单项服务的排序权重', part.input(boost, ['service', 'factor']), { maxItems: 200 }),
            revision: REVISION,
            purpose,
          },
          ['name', 'place', 'sound', 'excluded', 'boosts', 'revision', 'purpose'],
        ),
        response: { 200: answerOf(kept) },
      },
    }),
    async (request) => {
      const { purpose: _, revision, ...next } = request.body
      const connectors = new Set(app.connectors.map(({ id }) => id))
      const errors = [
        ...next.excluded.flatMap((id, at) => (connectors.has(id) ? [] : [{ pointer: `/body/excluded/${at}`, detail: '没有这个系统' }])),
        ...next.boosts.flatMap(({ service }, at) =>
          app.hall.cards.has(service) ? [] : [{ pointer: `/body/boosts/${at}/service`, detail: '没有这项服务' }],
        ),
        ...(next.name + next.place + next.sound > 0 ? [] : [{ pointer: '/body/name', detail: '至少一项的权重大于 0' }]),
      ]
      if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
      await saveRules(database, next, revision, callerOf(request).user.id)
      await searching.load()
      return answer(request, present())
    },
  )

  typed(app).get(
    '/admin/search/hot-words',
    adminRoute(app, {
      key: 'search.hot-words',
      summary: '热搜词',
      permission: 'catalogue.read',
      schema: { response: { 200: answerOf(part.list('热搜词', hotWord)) } },
    }),
    async (request) => {
      await searching.load()
      return answer(request, searching.now.hotWords)
    },
  )

  typed(app).post(
    '/admin/search/hot-words',
    adminRoute(app, {
      key: 'search.hot-words.add',
      summary: '增加热搜词',
      permission: change,
      schema: {
        body: part.input({ word: part.text('词', { minLength: 1, maxLength: 20, pattern: '\\S' }), weight: WEIGHT, purpose }, [
          'word',
          'purpose',
        ]),
        response: { 201: answerOf(hotWord) },
      },
    }),
    async (request, reply) => {
      const { word, weight = 0 } = request.body
      const added = await addHotWord(database, word.trim(), weight, callerOf(request).user.id)
      request.audit.target = added.id
      await searching.load()
      return reply.code(201).send(answer(request, added))
    },
  )

  typed(app).post(
    '/admin/search/hot-words/:id/delete',
    adminRoute(app, {
      key: 'search.hot-words.delete',
      summary: '删除热搜词',
      permission: change,
      schema: {
        params: part.input({ id: part.id('编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(part.row({ id: part.text('编号') })) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      if (!(await removeHotWord(database, id))) throw new HubError('HUB_NO_RECORD', { detail: '没有这个热搜词。' })
      await searching.load()
      return answer(request, { id })
    },
  )

  typed(app).get(
    '/admin/search/counts',
    adminRoute(app, {
      key: 'search.counts',
      summary: `搜索的词：次数、没有结果的次数和点击转化率，不记录是谁（少于 ${LEAST_TOLD} 次的不列出）`,
      permission: 'statistics.read',
      schema: {
        querystring: part.input({
          ...{ from: part.text('从（含）', day), to: part.text('到（含）', day) },
          empty: Type.Unsafe<'true'>({ type: 'string', enum: ['true'], title: '只看有过没有结果的' }),
          ...paging,
        }),
        response: { 200: answerOf(part.list('词', counted)) },
      },
    }),
    async (request) => {
      const today = beijing(Date.now()).slice(0, 10)
      const { from = beijing(Date.now() - 29 * DAY_MS).slice(0, 10), to = today, empty, page, pageSize } = request.query
      const counts = await searching.counts.ask(from, to, empty === 'true')
      const rows = counts.slice((page - 1) * pageSize, page * pageSize)
      const shown = rows.map((row) => ({ ...row, clickRate: Math.round((row.clicks / row.searches) * 10_000) / 10_000 }))
      return answer(request, shown, { number: page, size: pageSize, total: counts.length })
    },
  )
}
