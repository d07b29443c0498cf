import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import type { HeldCredential } from '../../../core/upstream/dialect.ts'
import type { SystemCredentials } from '../../operations/credentials/index.ts'
import type { Rotation } from '../../operations/credentials/rotations.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const outcome = { renewed: whole('更换成功'), failed: whole('没有换成'), error: part.maybe('没有换成的原因（错误代码）') }

const row = part.row({
  system: part.text('系统'),
  connector: part.text('连接器'),
  agency: part.text('单位'),
  dialect: part.text('认证方式'),
  renewable: part.flag('是否由对方系统发放，可以随时更换'),
  configured: part.list(
    '人工配置的凭据，只列名称',
    part.row({ name: part.text('名称'), title: part.text('中文名称'), setting: part.maybe('配置项（空：连接器配置文件）') }),
  ),
  endsAt: part.maybe('人工配置的凭据的最后有效时间（配置中注明的）'),
  held: part.list(
    '对方系统发放的凭据，不含内容',
    part.row({
      id: part.text('编号'),
      obtainedAt: part.maybe('最近一次取得的时间'),
      expiresAt: part.maybe('有效期至'),
      failures: whole('其后没有取得的次数'),
    }),
  ),
  rotation: part.maybeRow('最近一次由管理员更换', {
    askedBy: part.text('操作人'),
    askedAt: part.moment('时间'),
    endedAt: part.maybe('完成时间（空：正在进行）'),
    ...outcome,
  }),
})
const certificate = part.row({ subject: part.text('主机或者配置项'), endsAt: part.moment('有效期至') })

/** Credentials towards agencies and certificates: until when they are good, and having what agencies hand out replaced now (docs/operations.md). */
export function credentialRoutes(app: FastifyInstance): void {
  typed(app).get(
    '/admin/credentials',
    adminRoute(app, {
      key: 'credentials.list',
      summary: '与对方系统之间的凭据和证书：有效期、最近一次更换',
      permission: 'credentials.read',
      schema: {
        response: { 200: answerOf(part.row({ systems: part.list('系统', row), certificates: part.list('证书', certificate) })) },
      },
    }),
    async (request) => {
      const certificates = (await app.expiries()).filter(({ kind }) => kind === 'certificate')
      return answer(request, {
        systems: (await app.credentials.list()).map(present),
        certificates: certificates.map(({ subject, at }) => ({ subject, endsAt: beijing(at) })),
      })
    },
  )

  typed(app).post(
    '/admin/credentials/rotations',
    adminRoute(app, {
      key: 'credentials.rotate',
      summary: '立即更换一个系统由对方发放的凭据；更换期间原凭据继续使用',
      permission: 'credentials.rotate',
      schema: {
        body: part.input({ system: part.text('系统', { minLength: 1, maxLength: 129 }), purpose }, ['system', 'purpose']),
        response: { 200: answerOf(part.row(outcome)) },
      },
    }),
    async (request) => {
      const { system } = request.body
      request.audit.target = system
      return answer(request, await app.credentials.rotate(system, callerOf(request).user.id))
    },
  )
}

const moment = (at: number) => (at === 0 ? null : beijing(at))

function present({ endsAt, held, rotation, ...system }: SystemCredentials) {
  return {
    ...system,
    endsAt: endsAt === null ? null : beijing(endsAt),
    held: held.map(({ id, obtainedAt, expiresAt, failures }: HeldCredential) => {
      return { id: id.slice(0, 12), obtainedAt: moment(obtainedAt), expiresAt: moment(expiresAt), failures }
    }),
    rotation: rotation && presentRotation(rotation),
  }
}

function presentRotation({ askedBy, askedAt, endedAt, renewed, failed, error }: Rotation) {
  return { askedBy, askedAt: beijing(askedAt), endedAt: endedAt === null ? null : beijing(endedAt), renewed, failed, error }
}
