import { randomUUID } from 'node:crypto'
import t from 'tap'
import { deskConnector } from '../../../helper/desk-connector.ts'
import { build } from '../../../helper/hub.ts'
import { call, userId } from '../../../helper/identity.ts'
import { NEVER } from '../../../helper/message-gateway.ts'
import { application, applied, DEVELOPER, data, OWNER, partnered, steps } from '../../../helper/partner.ts'
import { verdict } from '../../../helper/queries.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Ids = Readonly<Record<string, string>>

t.test('whoever acts for one partner reaches nothing of another, by whatever id', async (t) => {
  const hub = await build(t, { declarations: [deskConnector()], messagesPace: { sweepMs: NEVER } })
  const { database } = hub.app
  await steps(hub).inOffice()

  /** One partner with something of everything that has an id. */
  async function furnished(n: number): Promise<Ids> {
    const id = await partnered(hub, `p${n}@rent.example`, n)
    const redirectUris = [`https://p${n}.example/callback`]
    const { id: applicationId } = await applied(hub, id, { redirectUris })
    const at = `/v1/partners/${id}/applications/${applicationId}`
    const made = async (path: string, body: object) => data(await call(hub, 'POST', `${at}${path}`, { person: OWNER, body }))
    const webhookId = (await made('/webhooks', { url: `https://p${n}.example/hook`, kinds: ['filing'] })).id
    const reviewId = (await made('/changes', application({ redirectUris }))).id
    const [{ id: keyId }] = data(await call(hub, 'GET', `${at}/keys`, { person: OWNER }))
    const [{ id: memberId }] = data(await call(hub, 'GET', `/v1/partners/${id}/members`, { person: OWNER }))
    const { id: invitationId } = data(await call(hub, 'POST', `/v1/partners/${id}/invitations`, { person: OWNER, body: { role: 'owner' } }))
    const deliveryId = randomUUID()
    await database('webhook_deliveries').insert({
      ...{ id: deliveryId, webhook_id: webhookId, user_id: userId(OWNER), service: 'desk.permit', kind: 'filing', about: randomUUID() },
      ...{ about_state: 'reviewing', state: 'failed', attempts: 1, due_at: null, created_at: 1, updated_at: 1 },
    })
    return { id, applicationId, webhookId, reviewId, keyId, memberId, invitationId, deliveryId }
  }

  const [his, own] = [await furnished(1), await furnished(2)]
  const { code } = data(await call(hub, 'POST', `/v1/partners/${own['id']}/invitations`, { person: OWNER, body: { role: 'owner' } }))
  await call(hub, 'POST', '/v1/partners/memberships', { person: DEVELOPER, body: { code } })

  const { paths } = (await hub.app.inject('/openapi.json')).json() as { paths: Record<string, object> }
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    /^\/v1\/partners\/\{/.test(path) ? Object.keys(methods).map((method) => [method.toUpperCase() as Method, path] as const) : [],
  )
  t.ok(routes.length >= 20, `${routes.length} routes`)
  const bodies: Readonly<Record<string, object>> = {
    applications: application({ redirectUris: ['https://new.example/callback'] }),
    changes: application({ redirectUris: ['https://taken.example/callback'] }),
    invitations: { role: 'owner' },
    webhooks: { url: 'https://new.example/hook', kinds: ['filing'] },
  }
  const bodyOf = (path: string) => bodies[path.split('/').at(-1) ?? ''] ?? {}
  const ask = (method: Method, path: string, ids: Ids) => {
    const url = path.replace(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? name)
    return call(hub, method, url, { person: DEVELOPER, ...(method === 'POST' ? { body: bodyOf(path) } : {}) })
  }
  const tables = ['partners', 'partner_members', 'partner_applications', 'partner_reviews', 'oauth_clients', 'oauth_client_keys']
  const stored = () =>
    Promise.all([...tables, 'partner_invitations', 'application_webhooks', 'webhook_deliveries'].map((name) => database(name)))
  const before = await stored()

  for (const [method, path] of routes) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    // His id in each place, with one's own, or one's rights, in the others.
    for (const place of named) {
      const answer = await ask(method, path, { ...own, [place]: his[place] ?? '' })
      t.same(verdict(answer), [404, 'HUB_NO_RECORD'], `${method} ${path}: ${place}`)
    }
    t.same(verdict(await ask(method, path, his)), [404, 'HUB_NO_RECORD'], `${method} ${path}`)
  }
  t.same(await stored(), before, 'nothing was changed')
})
