import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import type { Question } from '../../operations/ledger/questions.ts'
import { PLACE } from '../../operations/ledger/read.ts'
import { questionTitles } from '../../operations/ledger/states.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { counted, paging, part, purpose } from '../../route-kit/part.ts'
import { pseudonymOf } from '../../users/users.ts'
import { questionParts, shownQuestion } from '../ledger/questions.ts'
import { entrySchema, shownEntries } from '../ledger/shown.ts'
import { adminRoute } from './route.ts'
import { targetOf, userParams } from './users.ts'

const question = part.row({ ...questionParts, userId: part.text('用户编号'), overdue: part.flag('是否逾期') })
const detailed = part.row({ ...questionParts, userId: part.text('用户编号'), overdue: part.flag('是否逾期'), entry: entrySchema })

/** What citizens ask about uses of their data is answered; auditors read the ledger of anybody, with what is withheld. */
export function ledgerRoutes(app: FastifyInstance): void {
  answering(app)
  const querystring = part.input(
    { after: part.text('接着上一页（meta.next）', { pattern: PLACE, maxLength: 80 }), pageSize: counted('每页条数', 100, 20), purpose },
    ['purpose'],
  )
  typed(app).get(
    '/admin/users/:id/ledger',
    adminRoute(app, {
      key: 'users.ledger',
      summary: '一个用户的数据使用记录，延迟公布的也在内',
      permission: 'audit.read',
      schema: { params: userParams, querystring, response: { 200: answerOf(part.list('记录', entrySchema)) } },
    }),
    async (request) => {
      const { after, pageSize } = request.query
      const { entries, next } = await app.ledger.read(targetOf(app, request), { after, limit: pageSize, withheld: true })
      return answer(request, await shownEntries(app, entries), undefined, { next })
    },
  )
}

function answering(app: FastifyInstance): void {
  const { questions } = app.ledger
  const params = part.input({ id: part.id('询问编号') }, ['id'])
  const shown = (found: Question) => ({
    ...shownQuestion(found),
    userId: found.userId,
    overdue: found.dueAt < Date.now() && ['open', 'passed-on'].includes(found.state),
  })

  /** Whose it is stands in the audit row, so that he sees who read it. */
  async function find(request: FastifyRequest, id: string): Promise<Question> {
    const found = await questions.find(id)
    if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有这项询问。' })
    Object.assign(request.audit, { target: pseudonymOf(app.vault, found.userId), submission: id })
    return found
  }

  async function withEntry(found: Question) {
    const entry = await app.ledger.any(found)
    return { ...shown(found), entry: entry ? (await shownEntries(app, [entry]))[0] : null }
  }

  typed(app).get(
    '/admin/ledger-questions',
    adminRoute(app, {
      key: 'ledger.questions',
      summary: '市民对数据使用的询问和投诉，先到期的在前',
      permission: 'ledger.read',
      schema: {
        querystring: part.input({ state: part.choice('状态', questionTitles), ...paging }),
        response: { 200: answerOf(part.list('询问', question)) },
      },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await questions.list(request.query)
      request.audit.subjects = [...new Set(rows.map(({ userId }) => pseudonymOf(app.vault, userId)))]
      return answer(request, rows.map(shown), { number: page, size: pageSize, total })
    },
  )

  typed(app).get(
    '/admin/ledger-questions/:id',
    adminRoute(app, {
      key: 'ledger.question',
      summary: '一项询问，和它所问的记录',
      permission: 'ledger.read',
      schema: { params, response: { 200: answerOf(detailed) } },
    }),
    async (request) => answer(request, await withEntry(await find(request, request.params.id))),
  )

  const words = part.text('给市民的答复或说明', { minLength: 2, maxLength: 500, pattern: '\\S' })
  const to = part.choice('结果', { answered: '答复', 'passed-on': '转交有关单位', closed: '关闭' })
  typed(app).post(
    '/admin/ledger-questions/:id/answers',
    adminRoute(app, {
      key: 'ledger.answer',
      summary: '答复、转交或关闭一项询问',
      permission: 'ledger.answer',
      schema: { params, body: part.input({ to, words, purpose }, ['to', 'words', 'purpose']), response: { 200: answerOf(detailed) } },
    }),
    async (request) => {
      const { user } = callerOf(request)
      const found = await find(request, request.params.id)
      const entry = await app.ledger.any(found)
      // Nobody answers for himself: neither who asked, nor whose act is asked about, be its evidence archived meanwhile or not.
      if (found.userId === user.id || (entry?.row.user ?? found.actedBy) === user.pseudonym)
        throw new HubError('HUB_SECOND_PERSON', { detail: '这项询问由您提出，或问的是您的操作，请由另一位管理员答复。' })
      await questions.move(found.id, request.body.to, user.id, request.body.words.trim())
      return answer(request, await withEntry(await find(request, found.id)))
    },
  )
}
