import t from 'tap'
import { compileService } from '../../../core/call/service.ts'
import { createAnnounced } from '../../../plugins/calendar/announced.ts'
import { createLastAnswers, type KeptAnswer } from '../../../plugins/calendar/last-answers.ts'
import { closingConnector } from '../../helper/closing-connector.ts'
import { asker, OTHER_USER, openStore, USER } from '../../helper/filing.ts'
import { targets } from '../../helper/targets.ts'

const log = { warn: () => undefined }
const paging = { page: 1, pageSize: 10 }

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { database, second, vault, close } = await openStore(target)
    t.teardown(close)

    t.test('closings that were announced', async (t) => {
      const clock = { now: 1000 }
      const [own, other] = [database, second].map((each) => createAnnounced(each, () => clock.now, log)) as [
        ReturnType<typeof createAnnounced>,
        ReturnType<typeof createAnnounced>,
      ]
      const { id } = await own.add({ system: 'demo', title: '升级', from: 2000, to: 3000, createdBy: USER })
      t.same(own.of('demo'), [{ why: 'maintenance', title: '升级', from: 2000, to: 3000 }], 'known at once where it was entered')
      t.same(own.of('other'), [])
      await other.load()
      t.same(other.of('demo'), own.of('demo'))
      t.equal(await other.end(id, OTHER_USER), true)
      t.same(other.of('demo'), [])
      t.equal(await own.end(id, OTHER_USER), false, 'once')
      t.same(own.of('demo'), [])
      const later = await own.add({ system: 'demo', title: '再升级', from: 2000, to: 3000, createdBy: USER })
      clock.now = 3000
      t.equal(await own.end(later.id, USER), false, 'what is over does not end')
      t.same(own.of('demo'), [], 'nor is it kept in mind')
      const { rows, total } = await own.list(paging)
      t.equal(total, 2)
      t.match(
        rows.find((row) => row.id === id),
        { title: '升级', createdBy: USER, endedAt: Number },
      )
    })

    t.test('answers that were kept', async (t) => {
      const declaration = closingConnector()
      const service = compileService(declaration, declaration.services[0] as (typeof declaration.services)[0])
      const clock = { now: 1_000_000 }
      const open = () => createLastAnswers(database, vault, log, () => clock.now)
      const mine = { userId: USER, ...(await asker(USER)) }
      const question = { service, asker: mine, query: { page: 1, fields: 'amount' } }
      const answer = (amount: number): KeptAnswer => ({ data: { amount }, meta: { asOf: 'then' } })
      const store = open()
      await store.keep(question, answer(1), clock.now)
      t.same(await store.find({ ...question, query: { fields: 'amount', page: 1 } }), answer(1), 'in whatever order')
      const firm = { id: 'e', name: '公司', uscc: '91411000MA0000015J' }
      for (const [changes, words] of [
        [{ query: { page: 2, fields: 'amount' } }, 'another page'],
        [{ asker: { ...mine, userId: OTHER_USER } }, 'another user'],
        [{ asker: { ...mine, person: { ...mine.person, idNumber: '410011' } } }, 'about a child'],
        [{ asker: { ...mine, enterprise: firm } }, 'for a firm'],
        [{ asker: { ...mine, account: { externalId: '1' } } }, 'another account'],
        [{ service: { ...service, key: 'demo.limit' } }, 'another service'],
        [{ service: { ...service, connector: { ...declaration, version: '2.0.0' } } }, 'a declaration that may mask more'],
      ] as const)
        t.equal(await store.find({ ...question, ...changes }), null, words)

      await open().keep(question, answer(2), clock.now)
      t.same(await store.find(question), answer(2), 'the last one')
      t.equal((await database('last_answers').select()).length, 1)
      await open().keep({ ...question, query: {} }, { data: 'x'.repeat(600_000), meta: {} }, clock.now)
      t.equal((await database('last_answers').select()).length, 1, 'none that is too large')
      clock.now += 86_400_000
      t.equal(await store.find(question), null, 'too old')
      await store.purge()
      t.equal((await database('last_answers').select()).length, 0)
    })
  })
}
