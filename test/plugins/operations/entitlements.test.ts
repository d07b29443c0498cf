import { randomInt, randomUUID } from 'node:crypto'
import t from 'tap'
import type { UserService } from '../../../plugins/routes/admin/user-services.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { call, enterpriseId, userId } from '../../helper/identity.ts'

const [HIM, RELATIVE, AUDITOR] = [4, 2, 3] as const
const HOUR = 3_600_000
const ROUNDS = 8
/** What is said of whoever may not, whatever it is that he asks for. */
const REFUSALS = /^HUB_(USER_|SERVICE_NOT_OPEN|REAL_NAME_REQUIRED|MANDATE_REQUIRED|ENTERPRISE_FROZEN|ACCOUNT_)/

const oneOf = <T>(...of: readonly T[]): T => of[randomInt(of.length)] as T

/** Services that are asked with nothing but who asks. */
function asked({ app }: Hub): string[] {
  return [...app.services.values()].flatMap(({ key, contract: { kind = 'query', inputs } }) => {
    const isBare = Object.values(inputs).every((input) => !(input as { notes?: { required?: boolean } }).notes?.required)
    return isBare && ['query', 'list', 'catalog'].includes(kind) ? [key] : []
  })
}

function mandate(services: readonly string[]) {
  const now = Date.now()
  const service = oneOf(...services)
  const scope = oneOf('*', service, service.split('.')[0] ?? service)
  const term = oneOf([0, now + HOUR], [0, now + HOUR], [0, now + HOUR], [0, now - 1], [now + HOUR, now + 2 * HOUR])
  const whom = oneOf(1, 2, 3, 0)
  const role = whom === 0 ? oneOf('guardian', 'kin') : oneOf('agent', 'legal-representative')
  return {
    ...{ id: randomUUID(), user_id: userId(HIM), role, scope, granted_by: 'test', starts_at: term[0], ends_at: term[1] },
    status: oneOf('active', 'active', 'active', 'disabled'),
    ...(whom === 0 ? { subject_user_id: userId(RELATIVE) } : { enterprise_id: enterpriseId(whom) }),
  }
}

/** Puts him, his mandates, the enterprises and the doors of services into some state or other. */
async function shuffle({ app }: Hub, services: readonly string[]): Promise<unknown> {
  const { database } = app
  const locked_until = oneOf(null, Date.now() + HOUR, Date.now() - 1)
  const status = oneOf('active', 'active', 'active', 'active', 'locked', 'disabled')
  const him = {
    status,
    locked_until: status === 'locked' ? locked_until : null,
    kind: oneOf('ordinary', 'test', 'designated'),
    level: oneOf('real-name', 'real-name', 'login'),
  }
  await database('users')
    .where({ id: userId(HIM) })
    .update(him)
  await database('mandates')
    .where({ user_id: userId(HIM) })
    .delete()
  const held = Array.from({ length: randomInt(6) }, () => mandate(services))
  for (const each of held) await database('mandates').insert(each)
  const enterprises = [1, 2, 3].map((n) => ({ id: enterpriseId(n), status: oneOf('active', 'active', 'frozen') }))
  for (const { id, status: stands } of enterprises) await database('enterprises').where({ id }).update({ status: stands })
  for (const { service } of await database('service_access').select('service')) await app.users.access.restrict(service, [])
  for (let n = randomInt(5); n > 0; n--) {
    const service = oneOf(...services)
    await app.users.access.restrict(oneOf(service, service.split('.')[0] ?? service), [oneOf('ordinary', 'test', 'designated')])
  }
  app.users.forget(userId(HIM))
  return { him, held, enterprises }
}

/** What the administration says of him. */
async function said(hub: Hub): Promise<UserService[]> {
  const found: UserService[] = []
  for (let page = 1, total = 1; found.length < total; page++) {
    const answer = (await call(hub, 'GET', `/admin/users/${userId(HIM)}/services?pageSize=100&page=${page}`, { person: AUDITOR })).json()
    found.push(...answer.data)
    total = answer.meta.page.total
  }
  return found
}

t.test('what he may use, and why not, is what his calls are told', async (t) => {
  const hub = await build(t)
  const services = asked(hub)
  t.ok(services.length > 50, `${services.length} services`)
  let compared = 0
  for (let round = 0; round < ROUNDS; round++) {
    const state = round === 0 ? 'as he came' : await shuffle(hub, services)
    for (const { connector, service, ways, closed } of await said(hub)) {
      if (!services.includes(`${connector}.${service}`) || closed) continue
      for (const { as, id, reason } of ways) {
        const claims = as === 'enterprise' ? { enterprise: id } : {}
        const answer = await call(hub, 'GET', `/v1/${connector}/${service}${as === 'dependant' ? `?dependant=${id}` : ''}`, {
          person: HIM,
          claims,
        })
        const code = String(answer.json().code ?? 'ok')
        // One of two inputs has to be there: what is asked is looked at before who asks.
        if (code === 'HUB_VALIDATION') continue
        compared++
        const told = REFUSALS.test(code) ? code : null
        if (told !== (reason?.code ?? null))
          t.fail(`${connector}.${service} as ${as}: said ${reason?.code}, told ${code}`, { state, as, id })
      }
    }
  }
  t.ok(compared > services.length, `${compared} calls`)
})

t.test('mandates that are over take no room from those that hold', async (t) => {
  const hub = await build(t)
  const { database } = hub.app
  await database('mandates')
    .where({ user_id: userId(HIM) })
    .delete()
  const held = {
    user_id: userId(HIM),
    role: 'agent',
    scope: '*',
    granted_by: 'test',
    status: 'active',
    enterprise_id: enterpriseId(2),
    starts_at: 0,
  }
  for (let n = 0; n < 120; n++) await database('mandates').insert({ ...held, id: randomUUID(), ends_at: 1, created_at: n })
  await database('mandates').insert({ ...held, id: randomUUID(), ends_at: Date.now() + HOUR, created_at: Date.now() })
  const own = await said(hub)
  t.ok(own.some(({ ways }) => ways.some(({ id, reason }) => id === enterpriseId(2) && reason === null)))
})
