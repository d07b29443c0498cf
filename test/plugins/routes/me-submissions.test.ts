import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { newReceipt, readReceipt } from '../../../plugins/kinds/filing/receipt-code.ts'
import { deskConnector } from '../../helper/desk-connector.ts'
import { build } from '../../helper/hub.ts'
import { enterpriseId, userId } from '../../helper/identity.ts'
import { verdict } from '../../helper/queries.ts'
import { type Target, targets } from '../../helper/targets.ts'
import { found } from '../../helper/waiting.ts'

const MINE = '/v1/me/submissions'
const PERMIT = '/v1/desk/permit'

interface Who {
  person: number
  enterprise?: number
}

const [SELF, AGENT, COLLEAGUE] = [{ person: 2 }, { person: 2, enterprise: 2 }, { person: 1, enterprise: 2 }] as const

async function open(t: Test, target: Target) {
  const hub = await build(t, {
    target,
    declarations: [deskConnector()],
    sandboxTiming: { progressStepMs: 600_000 },
    jobs: { sweepMs: 50, pace: { baseMs: 20 } },
  })
  const mine = async (who: Who, query = '') => hub.get(`${MINE}${query}`, who)
  return {
    hub,
    mine,
    async file(who: Who): Promise<string> {
      const answer = await hub.post(PERMIT, { ...who, headers: { 'idempotency-key': randomUUID() }, body: {} })
      const { id } = answer.json().data
      for (let left = 300; left > 0; left--) {
        if ((await hub.get(`${PERMIT}/${id}`, who)).json().data.state === 'reviewing') return id
        await sleep(30)
      }
      throw new Error('not reviewed')
    },
    async ids(who: Who, query = ''): Promise<string[]> {
      return (await mine(who, query)).json().data.rows.map(({ id }: { id: string }) => id)
    },
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { hub, mine, file, ids } = await open(t, target)
    const { database } = hub.app
    const held = database('mandates').where({ user_id: userId(1), enterprise_id: enterpriseId(2) })
    t.same((await mine(SELF)).json().data, { counts: { open: 0, todo: 0, closed: 0, done: 0, ended: 0, total: 0 }, rows: [] })
    const [own, second, units, colleagues] = [await file(SELF), await file(SELF), await file(AGENT), await file(COLLEAGUE)]

    t.test('each principal’s filings are its own', async (t) => {
      t.same(await ids(SELF), [second, own], 'newest first')
      t.same(await ids(AGENT), [units], 'an agent: what he filed')
      t.same(await ids(COLLEAGUE), [colleagues])
      t.same(await ids({ person: 3 }), [])
      t.same(verdict(await mine({ person: 5, enterprise: 2 })), [403, 'HUB_MANDATE_REQUIRED'])
      t.equal((await hub.app.inject({ url: MINE })).statusCode, 401)
    })

    t.test('the legal representative sees what agents filed, and who', async (t) => {
      await held.clone().update({ role: 'legal-representative' })
      const { rows, counts } = (await mine(COLLEAGUE)).json().data
      t.same(
        rows.map(({ id }: { id: string }) => id),
        [colleagues, units],
      )
      t.match(counts, { open: 2, total: 2 })
      for (const { filedBy } of rows) t.match(filedBy, /^.\*/)
      t.equal((await mine(AGENT)).json().data.rows[0].filedBy, null)
      await held.clone().update({ role: 'agent' })
    })

    t.test('a row says where it stands; filters, counts and pages', async (t) => {
      const { data, meta } = (await mine(SELF, '?pageSize=1&page=2')).json()
      t.match(data.rows, [{ id: own, connector: 'desk', service: 'permit', name: '占道申请', statusUrl: `${PERMIT}/${own}`, final: false }])
      t.match(meta.page, { number: 2, size: 1, total: 2 })
      const now = encodeURIComponent(new Date(Date.now() + 1000).toISOString())
      for (const query of ['name=占道', 'connector=desk', 'service=permit', 'state=reviewing', 'group=open', `until=${now}`])
        t.equal((await ids(SELF, `?${encodeURI(query).replaceAll('%25', '%')}`)).length, 2, query)
      for (const query of ['name=公积金', 'connector=none', 'state=approved', 'group=closed', 'group=todo', `since=${now}`])
        t.equal((await ids(SELF, `?${encodeURI(query).replaceAll('%25', '%')}`)).length, 0, query)
      t.equal((await mine(SELF, '?group=all')).json().code, 'HUB_VALIDATION')
      t.match((await mine(SELF, '?group=closed')).json().data.counts, { open: 2, closed: 0, total: 2 }, 'counts are of all groups')
      await hub.post(`${PERMIT}/${own}/cancel`, { ...SELF, headers: { 'idempotency-key': randomUUID() }, body: {} })
      const ended = async () => (await mine(SELF, '?group=ended')).json().data
      t.match(await found(ended, ({ rows }) => rows.length > 0), {
        rows: [{ id: own, state: 'withdrawn' }],
        counts: { open: 1, ended: 1, done: 0 },
      })
    })

    t.test('as many statements for many services as for one', async (t) => {
      const statements: string[] = []
      const note = ({ sql }: { sql: string }) => void (sql.includes('principal') && statements.push(sql))
      database.on('query', note)
      await mine(SELF)
      database.removeListener('query', note)
      t.equal(statements.length, 2)
    })

    t.test('what may no longer be used takes its filings away; a frozen enterprise is told so', async (t) => {
      await database('enterprises')
        .where({ id: enterpriseId(2) })
        .update({ status: 'frozen' })
      t.same(verdict(await mine(AGENT)), [403, 'HUB_ENTERPRISE_FROZEN'])
      t.same(verdict(await mine({ person: 5, enterprise: 2 })), [403, 'HUB_MANDATE_REQUIRED'], 'and nobody else')
      await database('enterprises')
        .where({ id: enterpriseId(2) })
        .update({ status: 'active' })
      await hub.app.users.access.restrict('desk.permit', ['designated'])
      t.same(await ids(SELF), [], 'a service that is closed')
      await hub.app.users.access.restrict('desk.permit', [])
      const [ends] = await held.clone().pluck('ends_at')
      await held.clone().update({ ends_at: Date.now() - 1 })
      t.same(verdict(await mine(COLLEAGUE)), [403, 'HUB_MANDATE_REQUIRED'])
      await held.clone().update({ ends_at: ends })
      t.same(await ids(COLLEAGUE), [colleagues])
    })

    t.test('a receipt tells the state and times, and nothing else', async (t) => {
      const { receipt } = (await hub.get(`${PERMIT}/${second}`, SELF)).json().data
      const url = `/v1/receipts/${receipt}`
      const told = await hub.app.inject({ url })
      t.equal(told.statusCode, 200)
      t.match(told.json().data, { state: 'reviewing', stateName: '审核中', final: false, until: null })
      t.same(Object.keys(told.json().data), ['state', 'stateName', 'final', 'filedAt', 'since', 'until'])
      t.equal((await hub.app.inject({ url: `/v1/receipts/${receipt.toLowerCase().replaceAll('-', '')}` })).statusCode, 200)
      const last = receipt.at(-1) === '0' ? '1' : '0'
      const mistyped = await hub.app.inject({ url: `${url.slice(0, -1)}${last}` })
      t.match(mistyped.json(), { code: 'HUB_VALIDATION', errors: [{ pointer: '/params/code', detail: /12 位/ }] })
      t.same(verdict(await hub.app.inject({ url: `/v1/receipts/${newReceipt()}` })), [404, 'HUB_NO_RECORD'])
      const html = { accept: 'text/html' }
      t.match((await hub.app.inject({ url, headers: html })).body, /审核中/)
      t.match((await hub.app.inject({ url: '/receipts', headers: html })).body, /<form action="\/receipts"/)
      t.equal((await hub.app.inject({ url: `/receipts?code=${receipt}` })).headers.location, url)
    })
  })
}

t.test('a receipt that is mistyped is none', async (t) => {
  const receipt = newReceipt()
  t.equal(readReceipt(` ${receipt.toLowerCase()} `), receipt)
  const code = receipt.replaceAll('-', '')
  for (const [index, character] of [...code].entries()) {
    for (const other of '0123456789ABCDEFGHJKLMNPQRTUWXY')
      if (other !== character) t.equal(readReceipt(code.slice(0, index) + other + code.slice(index + 1)), null)
    const next = code[index + 1]
    if (next && next !== character) t.equal(readReceipt(code.slice(0, index) + next + character + code.slice(index + 2)), null)
  }
  for (const none of ['', 'x'.repeat(65), '1234-5678', 'IIII-OOOO-SSSS']) t.equal(readReceipt(none), null)
})
