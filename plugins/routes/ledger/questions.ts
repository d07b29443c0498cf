import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Question } from '../../operations/ledger/questions.ts'
import { ENTRY_ID, entryKey } from '../../operations/ledger/read.ts'
import { questionKinds, questionTitles } from '../../operations/ledger/states.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'

export const questionParts = {
  id: part.text('编号'),
  entryId: part.text('记录编号'),
  entryAt: part.moment('记录的时间'),
  kind: part.choice('种类', questionKinds),
  kindName: part.text('种类名称'),
  text: part.text('内容（号码已隐去）'),
  state: part.choice('状态', questionTitles),
  stateName: part.text('状态名称'),
  createdAt: part.moment('提出时间'),
  dueAt: part.moment('答复期限'),
  events: part.list(
    '经过',
    part.row({ at: part.moment('时间'), stateName: part.text('状态'), words: part.maybe('答复或说明'), byCitizen: part.flag('是否本人') }),
  ),
}
const questionSchema = part.row(questionParts)

export function shownQuestion({ id, chain, seq, entryAt, kind, text, state, createdAt, dueAt, events }: Question) {
  return {
    ...{ id, entryId: `${chain}_${seq}`, entryAt: beijing(entryAt), kind, kindName: questionKinds[kind], text },
    ...{ state, stateName: questionTitles[state], createdAt: beijing(createdAt), dueAt: beijing(dueAt) },
    events: events.map(({ at, state: to, words, byCitizen }) => ({ at: beijing(at), stateName: questionTitles[to], words, byCitizen })),
  }
}

export const entryParams = part.input({ id: part.text('记录编号', { pattern: ENTRY_ID, maxLength: 53 }) }, ['id'])
export const noEntry = () => new HubError('HUB_NO_RECORD', { detail: '没有这条记录。' })
const noQuestion = () => new HubError('HUB_NO_RECORD', { detail: '没有这项询问。' })

/** Asking about an entry, and what became of it. */
export function questionRoutes(app: FastifyInstance): void {
  const { questions } = app.ledger
  const own = part.input({ id: part.id('询问编号') }, ['id'])

  const asking = hubRoute(app, {
    key: 'me.ledger.ask',
    summary: '就一条使用记录提出询问或投诉，15 天内答复',
    tag: TAG_ME,
    rate: { max: 20, perSeconds: 3600 },
    schema: {
      params: entryParams,
      body: part.input(
        { kind: part.choice('种类', questionKinds), text: part.text('内容', { minLength: 2, maxLength: 500, pattern: '\\S' }) },
        ['kind', 'text'],
      ),
      response: { 201: answerOf(questionSchema) },
    },
  })
  typed(app).post('/v1/me/ledger/:id/questions', asking, async (request, reply) => {
    const { user } = callerOf(request)
    const key = entryKey(request.params.id)
    const found = await app.ledger.find(user.id, key)
    if (!found) throw noEntry()
    const { kind, text } = request.body
    const asked = await questions.ask({
      userId: user.id,
      entry: { ...key, at: found.at, actedBy: found.row.user },
      kind,
      text: text.trim(),
    })
    request.audit.submission = asked.id
    return reply.code(201).send(answer(request, shownQuestion(asked)))
  })

  const listing = hubRoute(app, {
    key: 'me.ledger.questions',
    summary: '我提出的询问和投诉',
    tag: TAG_ME,
    schema: {
      querystring: part.input({ state: part.choice('状态', questionTitles), ...paging }),
      response: { 200: answerOf(part.list('询问', questionSchema)) },
    },
  })
  typed(app).get('/v1/me/ledger-questions', listing, async (request) => {
    const { page, pageSize } = request.query
    const { rows, total } = await questions.list({ ...request.query, userId: callerOf(request).user.id })
    return answer(request, rows.map(shownQuestion), { number: page, size: pageSize, total })
  })

  const reading = hubRoute(app, {
    key: 'me.ledger.question',
    summary: '一项询问及其答复',
    tag: TAG_ME,
    schema: { params: own, response: { 200: answerOf(questionSchema) } },
  })
  typed(app).get('/v1/me/ledger-questions/:id', reading, async (request) => {
    const found = await questions.find(request.params.id, callerOf(request).user.id)
    if (!found) throw noQuestion()
    return answer(request, shownQuestion(found))
  })

  const withdrawing = hubRoute(app, {
    key: 'me.ledger.withdraw',
    summary: '撤回一项还没有答复的询问',
    tag: TAG_ME,
    schema: { params: own, response: { 200: answerOf(questionSchema) } },
  })
  typed(app).delete('/v1/me/ledger-questions/:id', withdrawing, async (request) => {
    const { id: userId } = callerOf(request).user
    const { id } = request.params
    if (!(await questions.find(id, userId))) throw noQuestion()
    await questions.move(id, 'closed', null, '本人撤回')
    request.audit.submission = id
    return answer(request, shownQuestion((await questions.find(id, userId)) as Question))
  })
}
