import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { createGuard, type GuardOptions, type Pass, type Verdict } from '../../../core/upstream/guard.ts'

const breaker = { windowMs: 1000, minCalls: 4, failureShare: 0.5, callers: 2 }

function harness(ask: GuardOptions['ask'] = async () => true, coolDownMs = 10_000, now?: () => number) {
  const guard = createGuard({ ask, breaker: { ...breaker, coolDownMs, maxCoolDownMs: coolDownMs }, ...(now ? { now } : {}) })
  const pass = (sid: string, caller: string) => guard.admit(sid, caller) as Pass
  return {
    guard,
    pass,
    end: (verdict: Verdict, sid: string, times: number, callers = ['a', 'b', 'c']) => {
      for (let index = 0; index < times; index++) guard.settle(pass(sid, callers[index % callers.length] ?? ''), verdict)
    },
  }
}

t.test('a sick service refuses no other', async (t) => {
  const { guard, end } = harness()
  end('well', 'other', 1)
  end('ill', 'sick', 4)
  await sleep(5)
  t.equal(typeof guard.admit('sick', 'd'), 'number')
  t.equal(typeof guard.admit('other', 'a'), 'object')
  t.same([guard.state, [...guard.services()]], ['closed', Object.entries({ other: 'closed', sick: 'open' })])
})

t.test('when two services have failed and none was well, it is the agency', async (t) => {
  const { guard, end } = harness()
  t.teardown(() => guard.close())
  end('ill', 'one', 4)
  t.equal(guard.state, 'closed')
  end('ill', 'two', 4)
  t.equal(guard.state, 'open')
  t.equal(typeof guard.admit('three', 'a'), 'number')
})

t.test('when a service fails and the health question is not answered either, it is the agency', async (t) => {
  const { guard, end } = harness(async () => false)
  t.teardown(() => guard.close())
  end('ill', 'one', 4)
  await sleep(5)
  t.equal(guard.state, 'open')
})

t.test('a missing connection is the agency’s, whoever asked; the hub itself finds out when it is back', async (t) => {
  let asked = 0
  let isBack = false
  const { guard, end } = harness(async () => {
    asked++
    return isBack
  }, 20)
  t.teardown(() => guard.close())
  end('unreachable', 'one', 4, ['a'])
  t.same([guard.state, [...guard.services().values()]], ['open', ['closed']])
  await sleep(70)
  t.ok(asked > 0, 'asked without a call')
  t.equal(typeof guard.admit('one', 'z'), 'number', 'no call is the trial')
  isBack = true
  for (let turn = 0; turn < 100 && guard.state !== 'closed'; turn++) await sleep(10)
  t.equal(guard.state, 'closed')
  t.equal(typeof guard.admit('one', 'a'), 'object')
})

t.test('without a health question a call is the trial', async (t) => {
  const clock = { at: 0 }
  const { guard, pass, end } = harness(null, 20, () => clock.at)
  end('unreachable', 'one', 4)
  clock.at = 19
  t.equal(typeof guard.admit('one', 'z'), 'number')
  clock.at = 20
  guard.settle(pass('one', 'z'), 'well')
  t.equal(guard.state, 'closed')
})

t.test('a trial that the agency answers with something unreadable is passed', async (t) => {
  const clock = { at: 0 }
  const { guard, pass, end } = harness(undefined, 20, () => clock.at)
  end('ill', 'one', 4)
  clock.at = 20
  guard.settle(pass('one', 'z'), 'unreadable')
  t.equal(guard.services().get('one'), 'closed')
})

t.test('answers that cannot be read open nothing, nor does one caller, nor all who are not named', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ sid: fc.constantFrom('one', 'two'), verdict: fc.constantFrom<Verdict>('well', 'unreadable', 'none') })),
      fc.constantFrom('', 'a'),
      fc.array(fc.constantFrom('one', 'two'), { maxLength: 60 }),
      (steps, stubborn, failing) => {
        const { guard, pass } = harness()
        for (const { sid, verdict } of steps) guard.settle(pass(sid, 'b'), verdict)
        for (const sid of failing) guard.settle(pass(sid, stubborn), 'ill')
        return guard.state === 'closed' && [...guard.services().values()].every((state) => state === 'closed')
      },
    ),
  )
})
