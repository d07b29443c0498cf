import fc from 'fast-check'
import t from 'tap'
import { type BreakerOptions, breakerDefaults, createBreaker, type Ticket } from '../../../core/upstream/breaker.ts'

const options: BreakerOptions = { windowMs: 1000, minCalls: 4, failureShare: 0.5, callers: 2, coolDownMs: 100, maxCoolDownMs: 400 }

function harness() {
  let now = 0
  const breaker = createBreaker(options, () => now)
  return {
    breaker,
    pass: (ms: number) => {
      now += ms
    },
    /** Calls of two callers in turn. */
    fail: (times: number) => {
      for (let index = 0; index < times; index++) {
        const ticket = breaker.pass()
        if (ticket) breaker.settle(ticket, false, `caller ${index % 2}`)
      }
    },
  }
}

t.test('opens after failures, tries once, closes on success', async (t) => {
  const { breaker, pass, fail } = harness()
  fail(3)
  t.equal(breaker.state, 'closed')
  fail(1)
  t.equal(breaker.state, 'open')
  t.equal(breaker.pass(), null)
  t.equal(breaker.try('other'), null)
  t.equal(breaker.wait, 100)
  pass(101)
  const trial = breaker.try('other') as Ticket
  t.ok(trial, 'one trial')
  t.equal(breaker.try('another'), null, 'and only one')
  breaker.settle(trial, true, 'other')
  t.equal(breaker.state, 'closed')
})

t.test('one caller alone opens nothing, however often', async (t) => {
  const { breaker } = harness()
  for (let index = 0; index < 100; index++) breaker.settle(breaker.pass() as Ticket, false, 'one')
  t.equal(breaker.state, 'closed')
  breaker.settle(breaker.pass() as Ticket, false, 'another')
  t.equal(breaker.state, 'open')
})

t.test('who had part in the failures makes no trial before a second cool-down is over', async (t) => {
  const { breaker, pass, fail } = harness()
  fail(4)
  pass(101)
  t.equal(breaker.try('caller 0'), null)
  pass(100)
  t.ok(breaker.try('caller 0'))
})

t.test('a failed trial doubles the wait, up to the bound', async (t) => {
  const { breaker, pass, fail } = harness()
  fail(4)
  for (const wait of [100, 200, 400, 400]) {
    pass(wait - 1)
    t.equal(breaker.try(), null, `still shut before ${wait} ms`)
    pass(2)
    breaker.settle(breaker.try() as Ticket, false, 'hub')
  }
})

t.test('the window slides: what is older goes, the rest stays', async (t) => {
  const { breaker, pass, fail } = harness()
  fail(2)
  pass(900)
  fail(1)
  pass(150)
  fail(2)
  t.equal(breaker.state, 'closed', 'the first two are gone, three are left')
  fail(1)
  t.equal(breaker.state, 'open', 'the third was not forgotten with them')
})

/** Seconds from the beginning of an outage of 12 s until nobody is refused any more. Calls hang for `timeout` ms while it lasts. */
function seen(timeout: number, every: number): number {
  let now = 0
  const breaker = createBreaker(breakerDefaults, () => now)
  let pending: { at: number; ticket: Ticket; ok: boolean; caller: string }[] = []
  let refused = 0
  for (; now < 60_000; now += every) {
    for (const { ticket, ok, caller } of pending.filter(({ at }) => at <= now)) breaker.settle(ticket, ok, caller)
    pending = pending.filter(({ at }) => at > now)
    const isOut = now >= 1000 && now < 13_000
    const caller = `caller ${now}`
    const ticket = breaker.pass() ?? breaker.try(caller)
    if (ticket) pending.push({ at: now + (isOut ? timeout : 50), ticket, ok: !isOut, caller })
    else refused = now
  }
  return (refused - 1000) / 1000
}

t.test('an outage of 12 s is over a trial after its end, however late its calls end', async (t) => {
  for (const timeout of [100, 1000, 2000, 3000, 5000, 8000, 10_000])
    for (const every of [10, 50, 200]) {
      const longest = 12 + Math.max(timeout, breakerDefaults.maxCoolDownMs) / 1000 + 0.5
      t.ok(seen(timeout, every) <= longest, `calls of ${timeout} ms, one in ${every} ms: ${seen(timeout, every)} s`)
    }
})

/** The same as the state table, with every event kept. */
interface Model {
  now: number
  state: 'closed' | 'open' | 'half-open'
  events: { slice: number; succeeded: boolean; caller: string }[]
  period: number
  coolDown: number
  last: number
  until: number
  tried: number
  culprits: Set<string>
}

interface Real {
  breaker: ReturnType<typeof createBreaker>
  clock: { now: number }
  out: { ticket: Ticket; period: number; caller: string }[]
}

const SLICES = 20
const sliceOf = (now: number) => Math.floor(now / (options.windowMs / SLICES))

function recent(model: Model) {
  return model.events.filter(({ slice }) => slice > sliceOf(model.now) - SLICES)
}

function openModel(model: Model, since = model.now) {
  if (model.state === 'closed') model.culprits = new Set(recent(model).flatMap(({ succeeded, caller }) => (succeeded ? [] : [caller])))
  model.state = 'open'
  model.period++
  model.until = since + model.coolDown
  model.last = model.coolDown
  model.coolDown = Math.min(model.coolDown * 2, options.maxCoolDownMs)
}

function settleModel(model: Model, period: number, succeeded: boolean | null, caller: string) {
  if (period !== model.period) return
  if (model.state === 'half-open') {
    if (succeeded === null) model.state = 'open'
    else if (succeeded) Object.assign(model, { state: 'closed', events: [], coolDown: options.coolDownMs, period: model.period + 1 })
    else {
      model.culprits.add(caller)
      openModel(model, model.tried)
    }
    return
  }
  if (succeeded === null || model.state !== 'closed') return
  model.events.push({ slice: sliceOf(model.now), succeeded, caller })
  const seen = recent(model)
  const failed = seen.filter((event) => !event.succeeded)
  const callers = new Set(failed.map((event) => event.caller))
  const isIll = seen.length >= options.minCalls && failed.length / seen.length >= options.failureShare && callers.size >= options.callers
  if (!succeeded && isIll) openModel(model)
}

const callers = fc.constantFrom('a', 'b', 'c', '')
const commands = [
  fc.integer({ min: 0, max: 500 }).map((ms) => ({
    check: () => true,
    run: (model: Model, real: Real) => {
      model.now += ms
      real.clock.now += ms
    },
    toString: () => `wait ${ms}`,
  })),
  callers.map((caller) => ({
    check: () => true,
    run: (model: Model, real: Real) => {
      const due = model.until + (model.culprits.has(caller) ? model.last : 0)
      const isTrial = model.state === 'open' && model.now >= due
      if (isTrial) Object.assign(model, { state: 'half-open', period: model.period + 1, tried: model.now })
      const passes = model.state === 'closed' || isTrial
      const ticket = real.breaker.pass() ?? real.breaker.try(caller)
      if ((ticket !== null) !== passes) throw new Error(`${caller} ${ticket ? 'passed' : 'was refused'} while ${model.state}`)
      if (ticket) real.out.push({ ticket, period: model.period, caller })
    },
    toString: () => `call of ${caller}`,
  })),
  fc.record({ index: fc.nat(50), succeeded: fc.constantFrom(true, false, false, null) }).map(({ index, succeeded }) => ({
    check: () => true,
    run: (model: Model, real: Real) => {
      const [ended] = real.out.splice(index % Math.max(1, real.out.length), 1)
      if (!ended) return
      real.breaker.settle(ended.ticket, succeeded, ended.caller)
      settleModel(model, ended.period, succeeded, ended.caller)
      if (real.breaker.state !== model.state) throw new Error(`${real.breaker.state}, not ${model.state}`)
    },
    toString: () => `end ${index} ${succeeded}`,
  })),
]

t.test('whatever happens in whatever order, it does what its table says', async () => {
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 200, size: '+1' }), (run) => {
      fc.modelRun(() => {
        const clock = { now: 0 }
        const model: Model = {
          now: 0,
          state: 'closed',
          events: [],
          period: 0,
          coolDown: options.coolDownMs,
          last: 0,
          until: 0,
          tried: 0,
          culprits: new Set(),
        }
        return { model, real: { breaker: createBreaker(options, () => clock.now), clock, out: [] } }
      }, run)
    }),
    { numRuns: 300 },
  )
})

t.test('whatever has happened, an agency that answers again is let through again', async () => {
  const step = fc.oneof(
    fc.record({ caller: callers, outcome: fc.constantFrom(true, false, null) }),
    fc.record({ ms: fc.integer({ min: 0, max: 500 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), callers, (steps, last) => {
      const { breaker, pass } = harness()
      for (const item of steps) {
        if ('ms' in item) pass(item.ms)
        else {
          const ticket = breaker.pass() ?? breaker.try(item.caller)
          if (ticket) breaker.settle(ticket, item.outcome, item.caller)
        }
      }
      pass(2 * options.maxCoolDownMs + 1)
      const ticket = breaker.pass() ?? breaker.try(last)
      if (!ticket) return false
      breaker.settle(ticket, true, last)
      return breaker.state === 'closed'
    }),
  )
})
