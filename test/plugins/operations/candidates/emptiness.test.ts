import t from 'tap'
import { isEmptier, isEmpty, type Received } from '../../../../plugins/operations/candidates/emptiness.ts'
import { demands } from '../../../../plugins/operations/candidates/judge.ts'

const of = (callers: number, nothing: number): Received => ({ callers, found: callers - nothing })
const judged = (running: Received, candidate: Received) => isEmptier(running, candidate, demands)

t.test('an answer is empty that says nothing', async (t) => {
  for (const rows of [[], [{ a: null }], [{ a: null, list: [] }, { a: null }]]) t.ok(isEmpty(rows), JSON.stringify(rows))
  for (const rows of [[{ a: 0 }], [{ a: false }], [{ a: null }, { a: '' }], [{ list: [{}] }]]) t.notOk(isEmpty(rows), JSON.stringify(rows))
})

t.test('it is emptier where more callers get nothing than chance puts there', async (t) => {
  t.ok(judged(of(20, 0), of(5, 5)))
  t.ok(judged(of(45, 1), of(5, 5)))
  t.ok(judged(of(10_000, 1000), of(100, 30)))
  t.ok(judged(of(1_000_000, 400_000), of(1_000_000, 600_000)), 'however many they are')
  for (const [running, candidate, why] of [
    [of(20, 0), of(1, 1), 'one caller, however often he asks'],
    [of(1, 0), of(1000, 1000), 'the other way round'],
    [of(0, 0), of(1000, 1000), 'with everybody on it there is nothing to compare with'],
    [of(20, 0), of(4, 4), 'too few'],
    [of(5, 0), of(5, 5), 'too few of both'],
    [of(20, 20), of(20, 20), 'as often'],
    [of(20, 19), of(20, 20), 'nearly as often'],
    [of(20, 10), of(10, 10), 'every second one, and ten: one in some hundred'],
    [of(20, 20), of(20, 0), 'less often'],
    [of(100_000, 10_000), of(100_000, 19_000), 'within the margin'],
    [{ callers: 100, found: 102 }, { callers: 100, found: 103 }, 'estimates that cross'],
  ] as const)
    t.notOk(judged(running, candidate), why)
})

t.test('a candidate that is as empty as the running version is seldom taken for emptier', async (t) => {
  // Linear congruential (Numerical Recipes), so that the trial is the same each time.
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const drawn = (callers: number, share: number) =>
    of(callers, Array.from({ length: callers }, random).filter((each) => each < share).length)
  let taken = 0
  for (let turn = 0; turn < 3000; turn++) {
    const share = random()
    if (judged(drawn(20 + (turn % 80), share), drawn(5 + (turn % 40), share))) taken++
  }
  t.ok(taken <= 1, `${taken} of 3000`)
})
