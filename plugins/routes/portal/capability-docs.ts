import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../../core/base/errors.ts'
import { type Capability, types } from '../../catalogue/capabilities/capability.ts'
import { versionsOf } from '../../catalogue/capabilities/releases.ts'
import { shownGroups } from '../../catalogue/capabilities/tree.ts'
import { explain } from '../../openapi/explain.ts'
import { documentOf } from '../../openapi/one.ts'
import { typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { sendPage } from '../../web/answer.ts'
import { escapeHtml, page } from '../../web/page.ts'
import { createDirectory } from '../capabilities/directory.ts'
import { capabilityHtml, capabilityMarkdown, type Told } from './capability-texts.ts'

const HOME = '/docs/capabilities'

/** `GET /docs/capabilities…`: a document of each capability, drawn from its declaration as it is now; as a page, Markdown or OpenAPI. */
export default fp(
  async (app) => {
    const directory = createDirectory(app.capabilities, (id) => !app.catalogue.now.withdrawn.has(id))
    const options = { preHandler: app.limitRate({ key: 'capability-docs', rate: { max: 600, perSeconds: 60 } }) }

    typed(app).get(HOME, { ...options, schema: { hide: true, querystring } }, async (request, reply) => {
      const { page: number, pageSize, ...wanted } = request.query
      const found = await directory.find(wanted)
      const shown = found.slice((number - 1) * pageSize, number * pageSize)
      return sendPage(
        reply,
        listPage(app, wanted, shown, { number, last: Math.max(1, Math.ceil(found.length / pageSize)), total: found.length }),
      )
    })

    typed(app).get(`${HOME}/:id`, { ...options, schema: { hide: true, params, querystring: form } }, async (request, reply) => {
      const capability = app.capabilities.find(request.params.id)
      if (!capability) throw new HubError('HUB_NO_RECORD', { detail: '没有这项能力。' })
      const { id, name } = capability
      const document = documentOf(await app.apiDocument(), capability.operations, name)
      if (request.query.format === 'openapi')
        return reply
          .header('content-disposition', `attachment; filename="${id}.json"`)
          .type('application/json; charset=utf-8')
          .send(document)
      const [connector = '', service = ''] = id.split('.')
      const versions = await versionsOf(app.database, connector, service)
      const { lifeOf, stateOf } = app.catalogue
      const told: Told = { capability, state: stateOf(id), life: lifeOf(id), operations: explain(document), versions }
      if (request.query.format === 'markdown')
        return reply
          .header('content-disposition', `attachment; filename="${id}.md"`)
          .type('text/markdown; charset=utf-8')
          .send(capabilityMarkdown(told))
      const ways = `<p class="ways"><a href="${HOME}">全部能力</a> <a href="${HOME}/${id}?format=markdown">导出 Markdown</a> <a href="${HOME}/${id}?format=openapi">导出 OpenAPI</a></p>`
      return sendPage(reply, page(name, `${ways}${capabilityHtml(told)}`, { home: true, wide: true }))
    })
  },
  { name: 'capability-docs', dependencies: ['capabilities', 'catalogue', 'openapi', 'rate-limit', 'validation'] },
)

const params = part.input({ id: part.text('编号', { maxLength: 130, pattern: '^[a-z0-9.-]+$' }) }, ['id'])
const form = part.input({ format: part.choice('形式', { markdown: 'Markdown', openapi: 'OpenAPI' }) })
const querystring = part.input({
  ...{ q: part.text('关键词', { maxLength: 100 }), group: part.text('分组', { maxLength: 36 }), tag: part.text('标签', { maxLength: 12 }) },
  ...paging,
})

interface At {
  number: number
  last: number
  total: number
}

function listPage(
  app: FastifyInstance,
  { q = '', group, tag }: { q?: string; group?: string; tag?: string },
  found: readonly Capability[],
  at: At,
): string {
  const groups = shownGroups(app.capabilities.now.groups)
  const tags = [...new Set([...groups, ...app.capabilities.all()].flatMap((each) => each.tags))]
  const link = (query: string, words: string, here: boolean) =>
    `<a href="${HOME}?${query}"${here ? ' aria-current="true"' : ''}>${escapeHtml(words)}</a>`
  const ways = [
    ...groups.map(({ id, name }) => link(`group=${id}`, name, id === group)),
    ...tags.map((each) => link(`tag=${encodeURIComponent(each)}`, each, each === tag)),
  ]
  const rows = found.map(
    ({ id, name, type, summary }) =>
      `<li><a href="${HOME}/${id}"><i aria-hidden="true">${types[type].slice(0, 1)}</i>${escapeHtml(name)}<small>${escapeHtml(`${types[type]} · ${summary}`)}</small></a></li>`,
  )
  const asked = new URLSearchParams({
    ...(q === '' ? {} : { q }),
    ...(group === undefined ? {} : { group }),
    ...(tag === undefined ? {} : { tag }),
  })
  const turn = (number: number, words: string) =>
    number < 1 || number > at.last
      ? ''
      : `<a href="${escapeHtml(`${HOME}?${new URLSearchParams([...asked, ['page', String(number)]])}`)}">${words}</a>`
  const search = `<form class="search" role="search" action="${HOME}" method="get"><label class="field">搜索文档：名称、拼音、字段<input type="search" name="q" value="${escapeHtml(q)}" maxlength="40" autocomplete="off"></label><button>搜索</button></form>`
  const none = '<p>没有找到。换一个说法试试。</p>'
  const list = rows.length === 0 ? none : `<p><small>共 ${at.total} 项</small></p><ul class="tiles">${rows.join('')}</ul>`
  const turns = [turn(at.number - 1, '上一页'), turn(at.number + 1, '下一页')].join(' ')
  return page(
    '能力与接口文档',
    `${search}<p class="ways">${ways.join(' ')}</p>${list}<p class="ways">${turns}<a href="/docs">全部接口</a></p>`,
    {
      home: true,
      wide: true,
    },
  )
}
