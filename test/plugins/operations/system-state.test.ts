import fc from 'fast-check'
import t from 'tap'
import { createStandings, type Signs, type SystemState, stateFrom, systemStates } from '../../../plugins/operations/system-state.ts'

const NOW = Date.parse('2026-11-27T10:00:00+08:00')
const DAY_MS = 86_400_000
const calm: Signs = {
  planned: false,
  probe: { ok: true, code: null },
  isOnlyOne: false,
  isOpen: false,
  isWell: true,
  summary: { calls: 100, unreadable: 0, unauthorised: 0, timedOut: 0 },
  waitMs: 0,
  endsAt: null,
  now: NOW,
}
const failed = (code: string | null) => ({ probe: { ok: false, code } })
const among = (calls: number, counts: object) => ({ isWell: false, summary: { ...calm.summary, calls, ...counts } })

t.test('a state follows from its signs', async (t) => {
  for (const [state, signs] of [
    ['up', {}],
    ['up', { probe: null }],
    ['up', { endsAt: NOW + 31 * DAY_MS }],
    ['credential-expiring', { endsAt: NOW + 29 * DAY_MS }],
    ['credential-expiring', { endsAt: NOW - DAY_MS }],
    ['degraded', { isWell: false }],
    ['degraded', { ...failed('HUB_UPSTREAM_TIMEOUT'), isOnlyOne: true }],
    ['congested', { waitMs: 1000 }],
    ['up', { waitMs: 999 }],
    ['data-unreadable', among(100, { unreadable: 10 })],
    ['degraded', among(100, { unreadable: 9 })],
    ['degraded', among(4, { unreadable: 4 })],
    ['timeout', among(5, { timedOut: 1 })],
    ['unauthorised', among(100, { unauthorised: 10, timedOut: 90 })],
    ['timeout', failed('HUB_UPSTREAM_TIMEOUT')],
    ['unauthorised', failed('HUB_UPSTREAM_CREDENTIAL')],
    ['data-unreadable', failed('HUB_UPSTREAM_INVALID')],
    ['down', failed('HUB_UPSTREAM_UNREACHABLE')],
    ['down', failed(null)],
    ['down', { isOpen: true }],
    ['timeout', { isOpen: true, ...among(10, { timedOut: 10 }) }],
    ['down', { isOpen: true, ...among(10, { unreadable: 10 }) }],
    ['planned-maintenance', { planned: true, isOpen: true, ...failed('HUB_UPSTREAM_UNREACHABLE') }],
  ] as const satisfies readonly (readonly [SystemState, Partial<Signs>])[])
    t.equal(stateFrom({ ...calm, ...signs }), state, JSON.stringify(signs))
})

t.test('calls alone change a state when a second look finds the same', async (t) => {
  const clock = { now: 1000 }
  const { see } = createStandings(() => clock.now)
  t.same(see('a', 'up', false), { state: 'up', since: 1000 }, 'the first look')
  clock.now = 2000
  t.equal(see('a', 'degraded', false).state, 'up', 'one look is none')
  clock.now = 2500
  t.equal(see('a', 'degraded', false).state, 'up', 'nor is another at once')
  clock.now = 3000
  t.same(see('a', 'degraded', false), { state: 'degraded', since: 2000 }, 'since it was first seen')
  clock.now = 4000
  t.equal(see('a', 'up', false).state, 'degraded')
  t.same(see('a', 'degraded', false), { state: 'degraded', since: 2000 }, 'it was nothing')
  clock.now = 9000
  t.equal(see('a', 'up', false).state, 'degraded', 'what was doubted before counts no more')
  t.same(see('a', 'down', true), { state: 'down', since: 9000 }, 'a probe has looked twice')
  t.same(see('b', 'timeout', true), { state: 'timeout', since: 9000 }, 'each system by itself')
  t.equal(see('a', 'planned-maintenance', true).state, 'planned-maintenance')
  clock.now = 10_000
  t.same(see('a', 'up', false), { state: 'up', since: 10_000 }, 'what was planned is over when it is over')
})

t.test('a state stands since its first look, and no later', async () => {
  const states = Object.keys(systemStates) as SystemState[]
  const look = fc.record({ state: fc.constantFrom(...states), isSure: fc.boolean(), after: fc.integer({ min: 0, max: 3000 }) })
  fc.assert(
    fc.property(fc.array(look), (looks) => {
      const clock = { now: 0 }
      const { see } = createStandings(() => clock.now)
      let last = { state: '', since: -1 }
      return looks.every(({ state, isSure, after }, index) => {
        clock.now += after
        const standing = see('a', state, isSure)
        const holds =
          standing.since <= clock.now &&
          standing.since >= last.since &&
          (standing.state !== last.state || standing.since === last.since) &&
          (!(isSure || index === 0) || standing.state === state)
        last = standing
        return holds
      })
    }),
  )
})
