import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { VerifiedPerson } from '../../core/contract/asker.ts'
import type { Caller } from '../access/authorise.ts'
import { faceToSpend, requireFace } from '../face/require.ts'
import type { Consent } from '../kinds/filing/consents.ts'
import { partyStates } from '../kinds/filing/parties.ts'
import { callerOf, hubRoute, TAG_ME as tag, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const PATH = '/v1/me/consents'

/** Filings of others that want the caller's consent, each given under his own login and face (docs/submissions.md). */
export default fp(
  async (app: FastifyInstance) => {
    const { consents } = app.submissions

    const listing = { key: 'me.consents.list', summary: '待我确认的申请', tag, schema: { response: { 200: many } } }
    typed(app).get(PATH, hubRoute(app, listing), async (request) => {
      return { data: (await consents.list(personOf(callerOf(request)))).map(present), meta: metaOf(request.id) }
    })

    const reading = { key: 'me.consents.read', summary: '一项待我确认的申请', tag, schema: { params: idSchema, response: { 200: one } } }
    typed(app).get(`${PATH}/:id`, hubRoute(app, reading), async (request) => {
      return { data: present(await consents.read(personOf(callerOf(request)), request.params.id)), meta: metaOf(request.id) }
    })

    const answering = {
      key: 'me.consents.answer',
      summary: '同意或者不同意一项申请',
      tag,
      rate: { max: 10, perSeconds: 60 },
      schema: { params: idSchema, body: answerBody, response: { 200: one } },
    }
    typed(app).post(`${PATH}/:id`, hubRoute(app, answering), async (request) => {
      const caller = callerOf(request)
      const person = personOf(caller)
      const { id } = request.params
      const agrees = request.body.decision === 'agree'
      const { service } = await consents.read(person, id)
      if (agrees) await requireFace(service.contract.submission?.parties?.face, service.key, caller)
      const consent = await consents.answer({ userId: caller.user.id, person, id, agrees, faceVerification: faceToSpend(caller) })
      return { data: present(consent), meta: metaOf(request.id) }
    })
  },
  { name: 'me-consents', dependencies: ['submissions', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'] },
)

/** Who agrees is known by name, and agrees himself: no guardian and no third party in his place. */
function personOf({ user, claims, guardian = null }: Caller): VerifiedPerson {
  if (!user.person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
  if (guardian !== null || claims.connector !== null) throw new HubError('HUB_SCOPE_INSUFFICIENT')
  return user.person
}

function present({ service, expiresAt, state, ...consent }: Consent) {
  return {
    ...consent,
    service: service.key,
    name: service.contract.name,
    state,
    stateName: partyStates[state],
    expiresAt: beijing(expiresAt),
  }
}

const metaOf = (traceId: string) => ({ asOf: beijing(Date.now()), traceId })

const idSchema = part.input({ id: part.id('确认编号') }, ['id'])
const answerBody = part.input({ decision: part.choice('决定', { agree: '同意', refuse: '不同意' }) }, ['decision'])

const consent = part.row({
  id: part.id('确认编号'),
  service: part.text('服务标识'),
  name: part.text('服务名称'),
  agency: part.text('办理机构'),
  applicant: part.text('申请人（已遮盖）'),
  role: part.text('您的身份'),
  state: part.choice('您的确认', partyStates),
  stateName: part.text('您的确认（名称）'),
  filing: part.text('申请的状态'),
  terms: part.list('申请的内容', part.row({ title: part.text('项目'), value: part.text('内容') })),
  expiresAt: part.moment('确认期限'),
})
const meta = part.row({ asOf: part.moment('数据时间'), traceId: part.text('追踪号') })
const one = part.row({ data: consent, meta })
const many = part.row({ data: part.list('待确认的申请', consent), meta })
