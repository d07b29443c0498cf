import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { people } from '../../../../plugins/sandbox/people.ts'
import { build } from '../../../helper/hub.ts'
import { type Target, targets } from '../../../helper/targets.ts'
import { transfers } from '../../../helper/transfer.ts'

const BASE = '/v1/waterworks/transfer'
const FILE = 'waterworks.transfer'
const SUPPLEMENT = 'waterworks.transfer-supplement'
const BODY = { statement: '已重新拍摄身份证' }

async function open(t: Test, target: Target) {
  const hub = await build(t, {
    target,
    declarations: [transfers],
    sandboxTiming: { progressStepMs: 0 },
    jobs: { sweepMs: 50, pace: { baseMs: 20, settleMs: 400 } },
  })
  for (const [index, { id }] of people.slice(0, 2).entries())
    await hub.app.accounts.store.bind({
      userId: id,
      connector: 'waterworks',
      externalId: `1000000${index + 1}`,
      unionId: null,
      level: 'real-name',
      by: 'id-match',
    })
  const counts = new Map<string, number>()
  const upstream = hub.app.upstreams.get('waterworks')
  if (!upstream) throw new Error('no waterworks')
  const { call } = upstream
  upstream.call = (outgoing, ...more) => {
    if (outgoing.method === 'POST') counts.set(outgoing.sid, (counts.get(outgoing.sid) ?? 0) + 1)
    return call(outgoing, ...more)
  }
  const post = async (url: string, body: object, { person = 1, key = randomUUID() }: { person?: number; key?: string } = {}) =>
    hub.app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${await hub.token({ person, face: true })}`, 'idempotency-key': key },
      payload: body,
    })
  const until = async (id: string, test: (data: ReturnType<typeof JSON.parse>) => boolean) => {
    for (const end = Date.now() + 60_000; ; await sleep(30)) {
      const { data } = (await hub.get(`${BASE}/${id}`)).json()
      if (test(data)) return data
      if (Date.now() > end) throw new Error(`not reached: ${JSON.stringify(data)}`)
    }
  }
  const fault = (kind: Parameters<NonNullable<typeof hub.app.sandbox>['faults']['set']>[0]['kind'], sid: string, more: object = {}) =>
    hub.app.sandbox?.faults.set({ kind, sid, times: 1, ...more })
  return {
    hub,
    counts,
    until,
    fault,
    async file(kind?: Parameters<typeof fault>[0]): Promise<string> {
      if (kind) fault(kind, FILE)
      return (await post(BASE, { phone: '13900000000' })).json().data.id
    },
    supplement: (id: string, options?: Parameters<typeof post>[2], body: object = BODY) => post(`${BASE}/${id}/supplement`, body, options),
    cancel: (id: string) => post(`${BASE}/${id}/cancel`, {}),
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { hub, counts, until, fault, file, supplement, cancel } = await open(t, target)
    t.beforeEach(() => counts.clear())
    const incomplete = async () => {
      const id = await file('ask-supplement')
      return { id, data: await until(id, ({ state }) => state === 'incomplete') }
    }

    t.test('what is missing is told, and answered once', async (t) => {
      const { id, data } = await incomplete()
      t.match(data, {
        stateName: '待补正',
        final: false,
        refusalReason: null,
        nextStep: { kind: 'supplement', until: /T23:59:59\+08:00$/, items: [{ name: '身份证明', reason: /照片/ }] },
      })
      t.equal((await supplement(id, {}, {})).json().code, 'HUB_VALIDATION')
      t.same((await supplement(id, { person: 2 })).json().code, 'HUB_NO_RECORD', 'another’s filing')
      const key = randomUUID()
      const answer = await supplement(id, { key })
      t.match([answer.statusCode, answer.json().data.act.kind], [202, 'supplement'])
      t.equal((await supplement(id, { key })).statusCode, 202, 'the same key answers the same')
      t.match(await until(id, ({ final }) => final), { state: 'approved', nextStep: null, act: { kind: 'supplement', state: 'done' } })
      t.equal(counts.get(SUPPLEMENT), 1)
      const { history } = (await hub.get(`${BASE}/${id}`)).json().data
      t.same(
        history.map(({ state }: { state: string }) => state),
        ['filed', 'sending', 'submitted', 'incomplete', 'approved'],
      )
      const late = await supplement(id)
      t.match([late.statusCode, late.json().code], [409, 'HUB_FILING_STATE'])
    })

    t.test('an outcome that is open is asked for: it is never sent twice', async (t) => {
      for (const [kind, state] of [
        ['accepted-then-reset', 'done'],
        ['reset', 'failed'],
      ] as const) {
        const { id } = await incomplete()
        counts.clear()
        fault(kind, SUPPLEMENT)
        t.equal((await supplement(id)).statusCode, 202)
        await until(id, ({ act }) => act?.state === state)
        t.equal(counts.get(SUPPLEMENT), 1, kind)
        if (state === 'done') continue
        t.equal((await supplement(id)).statusCode, 202, 'anew, by the applicant’s own wish')
        await until(id, ({ final }) => final)
      }
    })

    t.test('a notice that was answered is not answered again while the agency has not looked', async (t) => {
      const { id } = await incomplete()
      fault('values', SUPPLEMENT, { values: { blzt: '"05"' } })
      hub.app.sandbox?.faults.set({ kind: 'values', sid: FILE, values: { blzt: '"05"' } })
      t.equal((await supplement(id)).statusCode, 202)
      await until(id, ({ act, state }) => act?.state === 'done' && state === 'incomplete')
      const again = await supplement(id)
      hub.app.sandbox?.faults.clear()
      t.match([again.statusCode, again.json().code, again.json().detail], [409, 'HUB_FILING_STATE', /已经提交过/])
      t.equal(counts.get(SUPPLEMENT), 1)
      await until(id, ({ final }) => final)
    })

    t.test('after its term it is refused in words, and nothing is sent', async (t) => {
      hub.app.sandbox?.faults.set({ kind: 'values', sid: FILE, values: { bzqx: '"20200131"' } })
      const { id, data } = await incomplete()
      t.equal(data.nextStep.until, '2020-01-31T23:59:59+08:00')
      const late = await supplement(id)
      hub.app.sandbox?.faults.clear()
      t.match([late.statusCode, late.json().code, late.json().detail], [409, 'HUB_FILING_STATE', /补正期限已于 2020-01-31 23:59 届满/])
      t.equal(counts.get(SUPPLEMENT), undefined)
      t.equal((await hub.get(`${BASE}/${id}`)).json().data.act, null)
    })

    t.test('it may be withdrawn instead; what is final may not', async (t) => {
      const { id } = await incomplete()
      t.equal((await cancel(id)).statusCode, 202)
      t.match(await until(id, ({ final }) => final), { state: 'withdrawn', nextStep: null })
      t.equal((await cancel(id)).json().code, 'HUB_FILING_STATE')
      t.equal((await supplement(id)).json().code, 'HUB_FILING_STATE')
    })

    t.test('特别程序: the term stands still, and goes on', async (t) => {
      if (hub.app.sandbox) Object.assign(hub.app.sandbox.timing, { progressStepMs: 1500 })
      const id = await file('ask-suspension')
      const data = await until(id, ({ state }) => state === 'suspended')
      t.match(data, { stateName: '特别程序', nextStep: { kind: 'suspension', until: null, items: [], reason: /实地查看/ } })
      t.match(await until(id, ({ final }) => final), { state: 'approved', nextStep: null })
      if (hub.app.sandbox) Object.assign(hub.app.sandbox.timing, { progressStepMs: 0 })
    })

    t.test('why it was refused, in the agency’s words', async (t) => {
      const rejected = await file('reject-submission')
      t.match(await until(rejected, ({ final }) => final), { state: 'rejected', refusalReason: '申请材料与登记的内容不一致，不予办理' })
      const refused = await file('refuse-submission')
      t.match(await until(refused, ({ final }) => final), { state: 'refused', refusalReason: '申请材料不全，不予受理' })
      const row = await hub.app.database('submissions').where({ id: refused }).first()
      t.notMatch(JSON.stringify(row), /材料不全/, 'sealed')
    })
  })
}
