import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { createAdmission } from '../../../core/upstream/admission.ts'

/** A clock of its own; the deadline is far unless said. */
function harness(places: number, maxWaiting?: number) {
  const clock = { now: 0 }
  const admission = createAdmission(places, () => clock.now, maxWaiting)
  const order: string[] = []
  const enter = (caller: string, deadline = 1e9, isGone?: () => boolean) => {
    const entered = admission.enter({ caller, deadline, isGone })
    if (entered === null) order.push(caller)
    else if (typeof entered === 'object') void entered.then((admitted) => order.push(admitted ? caller : `no ${caller}`))
    return typeof entered === 'number' ? 'refused' : entered === null ? 'at once' : 'waits'
  }
  const leave = async (heldMs = 100) => {
    admission.leave(heldMs)
    await sleep(0)
  }
  return { clock, admission, order, enter, leave }
}

t.test('one with many calls does not push out another’s one', async (t) => {
  const { order, enter, leave } = harness(1)
  for (let index = 0; index < 500; index++) enter('many')
  t.equal(enter('one'), 'waits')
  await leave()
  await leave()
  t.same(order, ['many', 'many', 'one'])
  for (let index = 0; index < 500; index++) await leave()
})

t.test('waits as long as the deadline can be met; beyond that it is refused at once', async (t) => {
  const { enter, leave, admission } = harness(2)
  t.equal(enter('a'), 'at once')
  await leave(100)
  for (const caller of ['a', 'b']) t.equal(enter(caller), 'at once')
  t.equal(enter('c', 149), 'refused', '50 ms until its turn, 100 of its own')
  t.equal(enter('c', 150), 'waits')
  t.equal(enter('d', 199), 'refused')
  t.equal(enter('d', 200), 'waits')
  t.equal(enter('d', 249), 'refused', 'behind all first calls and its own')
  t.equal(admission.expected(), 250, 'what a further caller would have to wait')
  t.equal(enter('d', 250), 'waits')
  t.equal(admission.expected(), 250, 'a further caller does not wait for the second of another')
  t.equal(admission.expected('d'), 300, 'who has two waiting comes behind both')
  for (let index = 0; index < 5; index++) await leave()
})

t.test('what waits in vain gives up its turn: too late, or nobody there', async (t) => {
  const { clock, order, enter, leave, admission } = harness(1)
  enter('a')
  enter('late', 200)
  enter('gone', 1e9, () => true)
  enter('b')
  clock.now = 200
  await sleep(120)
  t.same(order, ['a', 'no late', 'no gone'])
  t.equal(admission.load().waiting, 1)
  await leave()
  t.equal(order.at(-1), 'b')
  await leave()
})

t.test('only so many wait', async (t) => {
  const { enter, leave } = harness(1, 2)
  t.same(
    [1, 2, 3, 4].map(String).map((caller) => enter(caller)),
    ['at once', 'waits', 'waits', 'refused'],
  )
  for (let index = 0; index < 3; index++) await leave()
})

t.test('never more under way than places, and nobody is lost', async () => {
  const step = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constant(null))
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (places, steps) => {
      const { admission, order, enter, leave } = harness(places)
      let entered = 0
      for (const caller of steps) {
        if (caller) entered += enter(caller) === 'refused' ? 0 : 1
        else if (admission.load().underWay > 0) await leave(10)
        if (admission.load().underWay > places || (admission.load().waiting > 0 && admission.load().underWay < places)) return false
      }
      while (admission.load().underWay > 0) await leave(10)
      return admission.load().waiting === 0 && order.length === entered
    }),
    { numRuns: 50 },
  )
})
