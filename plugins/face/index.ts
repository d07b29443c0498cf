import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import { createClient } from '../platforms/client.ts'
import { createAssertionVerifier } from './assertion.ts'
import { httpFaceProvider } from './provider.ts'
import { createFaceVerifications, type FaceVerifications } from './verifications.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Face verifications of the hub's own; without a provider none can be begun and none is found. */
    faceVerifications: FaceVerifications
  }
}

const NAME = '实人认证'
/** Face verifications at the provider that the operator configured (docs/sign-on.md). */
export default fp(
  async (app) => {
    app.decorate('faceVerifications', open(app) ?? unavailable)
  },
  {
    name: 'face-verification',
    dependencies: ['settings', 'database', 'sandbox', 'upstreams', 'lock-out'],
  },
)

/** The provider that the operator configured, else the sandbox's. */
function open(app: FastifyInstance): FaceVerifications | null {
  const { settings, sandbox, database, vault } = app
  const { FACE_BASE_URL: baseUrl, FACE_APP_ID: appId, FACE_APP_SECRET: appSecret } = settings
  const place = baseUrl ? { baseUrl, appId, appSecret, issuer: settings.FACE_ISSUER || baseUrl } : sandbox?.face
  if (!place) return null
  const client = createClient(NAME, place.baseUrl)
  app.platforms.set('face', { name: NAME, upstream: client.upstream })
  app.addHook('onClose', () => client.close())
  return createFaceVerifications({
    database,
    vault,
    users: app.users,
    lockOut: app.lockOut,
    provider: httpFaceProvider({ client, baseUrl: place.baseUrl, appId: place.appId, secret: place.appSecret }),
    verify: createAssertionVerifier({ issuer: place.issuer, audience: place.appId, jwksUrl: `${place.baseUrl}/jwks.json` }),
  })
}

const unavailable: FaceVerifications = {
  start: async () => {
    throw new HubError('HUB_UPSTREAM_UNAVAILABLE', { agency: NAME, detail: '人脸核验尚未接通，暂时不能核验。' })
  },
  read: async () => {
    throw new HubError('HUB_NO_RECORD', { detail: '没有找到您的这次人脸核验。' })
  },
  find: async () => {
    throw new HubError('HUB_FACE_INVALID')
  },
}
