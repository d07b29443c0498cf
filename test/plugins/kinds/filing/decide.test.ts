import fc from 'fast-check'
import t from 'tap'
import { HubError } from '../../../../core/base/errors.ts'
import { UpstreamError } from '../../../../core/upstream/error.ts'
import { afterFailedSend, afterNothingFound, afterUnclearStatus, type Moment } from '../../../../plugins/kinds/filing/decide.ts'
import { compileStates } from '../../../../plugins/kinds/filing/states.ts'
import { defaultPace } from '../../../../plugins/kinds/filing/task.ts'

const { canMove } = compileStates()
const NOW = 1_800_000_000_000
const pace = { ...defaultPace, random: () => 0, patience: 6 }
const moment = (row: Partial<Moment['row']> = {}): Moment => ({
  row: { attempts: 1, failures: 0, unclear: 1, declined: 0, sent_at: NOW, ...row },
  maxAttempts: 4,
  pace,
  now: NOW,
})
const trouble = (delivery: 'not-processed' | 'refused' | 'unknown') => new UpstreamError('HUB_UPSTREAM_TIMEOUT', { delivery })

t.test('a send that failed', async (t) => {
  t.match(afterFailedSend(moment(), trouble('not-processed'), 0), {
    path: ['filed'],
    changes: { failures: 1, unclear: 0, sent_at: null, due_at: NOW + 500 },
  })
  t.match(afterFailedSend(moment({ failures: 5 }), trouble('not-processed'), 0), { path: ['attention'], changes: { due_at: null } })
  t.match(afterFailedSend(moment(), trouble('refused'), 0), { path: ['refused'], changes: { due_at: null } })
  t.match(afterFailedSend(moment({ attempts: 2 }), trouble('refused'), 1), { path: [], changes: { declined: 1 } })
  t.match(afterFailedSend(moment(), trouble('unknown'), 0), { path: [], changes: { declined: 0 } })
  t.match(afterFailedSend(moment(), new Error('of the hub'), 0), { path: [], changes: { last_error: 'HUB_INTERNAL' } })
})

t.test('a question without an answer', async (t) => {
  t.match(afterUnclearStatus(moment(), trouble('not-processed')), { path: [], changes: { unclear: 1, failures: 1 } })
  t.match(afterUnclearStatus(moment(), trouble('unknown')), { path: [], changes: { unclear: 2 } })
  t.match(afterUnclearStatus(moment({ unclear: 3 }), trouble('unknown')), { path: ['attention'], changes: { due_at: null } })
  t.match(afterUnclearStatus(moment({ unclear: 3 }), new HubError('HUB_STORE_UNAVAILABLE')), { path: [] })
  t.match(afterUnclearStatus(moment({ failures: 5 }), trouble('not-processed')), { path: ['attention'] })
})

t.test('nothing found', async (t) => {
  t.same(afterNothingFound(moment()), { path: [], changes: { due_at: NOW + pace.settleMs } }, 'not yet believed')
  const long = { sent_at: NOW - pace.settleMs }
  t.match(afterNothingFound(moment(long)), { path: ['filed'], changes: { sent_at: null, due_at: NOW } })
  t.match(afterNothingFound(moment({ ...long, declined: 1 })), { path: ['refused'], changes: { due_at: null } })
  t.match(afterNothingFound(moment({ ...long, unclear: 4 })), { path: ['attention'], changes: { due_at: null } })
})

t.test('whatever the row, a decision is legal, and leaves a send that is open marked as such', async (t) => {
  const row = fc.record({
    attempts: fc.integer({ min: 1, max: 9 }),
    failures: fc.nat({ max: 9 }),
    unclear: fc.nat({ max: 9 }),
    declined: fc.constantFrom(0, 1),
    sent_at: fc.integer({ min: NOW - 100_000, max: NOW }),
  })
  const error = fc.constantFrom<Error>(trouble('not-processed'), trouble('refused'), trouble('unknown'), new Error('of the hub'))
  fc.assert(
    fc.property(row, error, (row, error) => {
      const decisions = [
        afterFailedSend(moment(row), error, row.unclear),
        afterUnclearStatus(moment(row), error),
        afterNothingFound(moment(row)),
      ]
      for (const { path, changes } of decisions) {
        const [to] = path
        if (to !== undefined) t.ok(canMove('sending', to), to)
        t.equal(changes.due_at === null, to === 'attention' || to === 'refused', 'due again unless it ended or waits for a person')
        // Sent again only where the agency surely has nothing: then, and only then, the mark goes.
        if (to === 'filed') t.equal(changes.sent_at, null)
        if (to === undefined) t.equal(changes.sent_at, undefined)
      }
    }),
  )
})
