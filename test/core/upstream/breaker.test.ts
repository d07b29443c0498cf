import fc from 'fast-check'
import t from 'tap'
import { type BreakerOptions, createBreaker } from '../../../core/upstream/breaker.ts'

const options: BreakerOptions = { windowMs: 1000, minCalls: 4, failureShare: 0.5, coolDownMs: 100, maxCoolDownMs: 400 }

function harness() {
  let now = 0
  const breaker = createBreaker(options, () => now)
  return {
    breaker,
    pass: (ms: number) => {
      now += ms
    },
    fail: (times: number) => {
      for (let index = 0; index < times; index++) if (breaker.admit() === 0) breaker.settle(false)
    },
  }
}

t.test('opens after failures, tries once, closes on success', async (t) => {
  const { breaker, pass, fail } = harness()
  fail(3)
  t.equal(breaker.state, 'closed')
  fail(1)
  t.equal(breaker.state, 'open')
  t.ok(breaker.admit() > 0)
  pass(101)
  t.equal(breaker.admit(), 0, 'one trial')
  t.ok(breaker.admit() > 0, 'and only one')
  breaker.settle(true)
  t.equal(breaker.state, 'closed')
})

t.test('a failed trial doubles the wait, up to the bound', async (t) => {
  const { breaker, pass, fail } = harness()
  fail(4)
  for (const wait of [100, 200, 400, 400]) {
    pass(wait - 1)
    t.ok(breaker.admit() > 0, `still shut before ${wait} ms`)
    pass(2)
    t.equal(breaker.admit(), 0)
    breaker.settle(false)
  }
})

t.test('old failures are forgotten', async (t) => {
  const { breaker, pass, fail } = harness()
  fail(3)
  pass(1001)
  fail(3)
  t.equal(breaker.state, 'closed')
})

t.test('whatever happens, an agency that answers again is let through again', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('call' as const), outcome: fc.constantFrom(true, false, null) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 500 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { breaker, pass } = harness()
      for (const item of steps) {
        if (item.kind === 'wait') pass(item.ms)
        else if (breaker.admit() === 0) breaker.settle(item.outcome)
      }
      pass(options.maxCoolDownMs + 1)
      if (breaker.admit() > 0) return false
      breaker.settle(true)
      return breaker.admit() === 0
    }),
  )
})
