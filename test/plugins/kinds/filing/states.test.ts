import fc from 'fast-check'
import t from 'tap'
import type { DeclaredState, DeclaredStates } from '../../../../core/contract/filing-states.ts'
import type { ServiceContract } from '../../../../core/contract/types.ts'
import { checkSubmission } from '../../../../plugins/kinds/filing/check.ts'
import { isFinal } from '../../../../plugins/kinds/filing/progress.ts'
import { compileStates, hubStates, WALK } from '../../../../plugins/kinds/filing/states.ts'
import { withdrawal } from '../../../helper/filing.ts'

const { contract } = withdrawal
const policy = contract.submission as NonNullable<ServiceContract['submission']>
const problemsOf = (changes: Partial<typeof policy>) =>
  checkSubmission('fund.withdrawal', { ...contract, submission: { ...policy, ...changes } })
const rulesFor = (states: DeclaredStates) => Object.keys(states).map((state) => ({ state, when: { applicationStatus: [state] } }))
const withStates = (states: DeclaredStates) => problemsOf({ states, progress: rulesFor(states) })

/** Declarations as an author may write them: a way of up to four states, each after some earlier ones, ends and pauses beside it. */
const declaration = fc
  .record({
    way: fc.array(fc.subarray(['submitted', 'reviewing', 'approved', 'way-a', 'way-b', 'way-c']), { maxLength: 4 }),
    ends: fc.array(fc.subarray(['submitted', 'reviewing', 'approved', 'way-a', 'way-b'], { minLength: 1 }), { maxLength: 3 }),
    pauses: fc.array(fc.subarray(['submitted', 'reviewing', 'approved', 'way-a', 'way-b'], { minLength: 1 }), { maxLength: 2 }),
  })
  .map(({ way, ends, pauses }) => {
    const states: Record<string, DeclaredState> = {}
    const earlier: string[] = [...WALK]
    for (const [index, extra] of way.entries()) {
      const name = `way-${'abcd'[index]}`
      const last = earlier.at(-1) as string
      states[name] = { title: name, after: [...new Set([...extra.filter((before) => earlier.includes(before)), last])] }
      earlier.push(name)
    }
    for (const [index, after] of ends.entries()) {
      const known = after.filter((before) => earlier.includes(before))
      if (known.length > 0) states[`end-${'abc'[index]}`] = { title: 'end', after: known, final: true }
    }
    for (const [index, after] of pauses.entries()) {
      const known = after.filter((before) => earlier.includes(before))
      if (known.length > 0) states[`pause-${'ab'[index]}`] = { title: 'pause', after: known, pause: true }
    }
    return states
  })

t.test('whatever is declared and passes the check is a sound machine', async (t) => {
  fc.assert(
    fc.property(declaration, (declared) => {
      t.same(withStates(declared), [])
      const machine = compileStates(declared)
      const states = { states: declared, progress: rulesFor(declared) }
      for (const [from, { to }] of Object.entries(hubStates))
        for (const state of Object.keys(hubStates)) t.equal(machine.canMove(from, state), (to as readonly string[]).includes(state))
      for (const state of machine.names) {
        if (machine.isSayable(state) && state !== 'submitted') t.ok(machine.pathTo('submitted', state)?.length, `${state} is reached`)
        if (machine.isSayable(state))
          t.ok(isFinal(state, states) || machine.names.some((to) => machine.canMove(state, to)), `${state} ends`)
        for (const to of machine.names) {
          const path = machine.pathTo(state, to)
          if (path === null || state === to) continue
          t.equal(path.at(-1), to)
          for (const [index, next] of path.entries()) machine.assertMove(path[index - 1] ?? state, next)
          // The hub's own states are never passed on the way: an agency can't hand a filing back.
          t.ok(path.slice(0, -1).every((step) => machine.walk.includes(step)))
        }
        const { pause, after = [] } = declared[state] ?? {}
        if (!pause) continue
        t.notOk(isFinal(state, states), 'a pause ends')
        for (const from of after) {
          t.same(machine.pathTo(state, from), [from], 'back to where it stood')
          for (const to of machine.names)
            if (to !== state && machine.canMove(from, to)) t.ok(machine.canMove(state, to), 'or on from there')
        }
      }
      for (const [index, state] of machine.walk.entries()) {
        if (index > 0) t.ok(machine.canMove(machine.walk[index - 1] as string, state))
        t.ok(machine.pathTo(state, machine.walk[0] as string) === null || index === 0, 'never back')
      }
    }),
    { numRuns: 150 },
  )
})

t.test('mistakes are named at start', async (t) => {
  const state = (after: string[], more: Partial<DeclaredState> = {}): DeclaredState => ({ title: '某', after, ...more })
  t.match(withStates({ approved: state(['submitted']) }), [/the name belongs to the hub/])
  t.match(withStates({ Paid: state(['submitted']) }), [/lower-case/])
  t.match(withStates({ 'far-too-long-a-name': state(['approved']) }), [/16 characters/])
  t.match(withStates({ paid: state([]) }), [/nothing leads to it/])
  t.match(withStates({ paid: state(['approved'], { title: '' }) }), [/missing title/])
  for (const before of ['filed', 'sending', 'attention', 'rejected', 'refused', 'nowhere'])
    t.match(withStates({ paid: state([before]) }), [new RegExp(`cannot follow ${before}`)])
  t.match(withStates({ lapsed: state(['submitted'], { final: true }), paid: state(['lapsed', 'approved']) }), [/lapsed, which is final/])
  t.match(withStates({ halt: state(['submitted'], { pause: true, final: true }) }), [/halt: is final or a pause/])
  t.match(withStates({ halt: state(['submitted'], { pause: true }), paid: state(['halt', 'approved']) }), [/halt, which is a pause/])
  const act = { sid: 's', when: ['reviewing'], inputs: {}, items: 'applicationTime', until: 'bankAccount' } as const
  t.match(problemsOf({ supplement: act }), [
    /supplement: reviewing is not declared as a pause/,
    /supplement.items: needs a field of type list/,
    /supplement.items: needs the columns name and reason/,
    /supplement.until: needs a field of type date or datetime/,
  ])
  t.match(problemsOf({ suspension: { state: 'reviewing', reason: 'applicationTime' }, refusal: 'applicationStatus' }), [
    /suspension: reviewing is not declared as a pause/,
    /suspension.reason: needs a field of type text/,
    /refusal: needs a field of type text/,
  ])
  t.match(withStates({ a: state(['b', 'approved']), b: state(['a', 'approved']) }), [/in a circle/])
  t.match(withStates({ paid: state(['approved']), booked: state(['approved']) }), [/booked: must be able to follow paid, or be final/])
  t.match(problemsOf({ states: { paid: state(['approved']) }, progress: [] }), [/paid: no rule of progress leads to it/])
  const { states: _, ...stateless } = policy
  t.match(checkSubmission('x', { ...contract, submission: { ...stateless, progress: rulesFor({ arrived: state([]) }) } }), [
    /unknown state: arrived/,
  ])
  t.match(problemsOf({ progress: [...policy.progress, { state: 'attention', when: {} }] }), [/no agency can tell: attention/])
  t.match(problemsOf({ progress: [...policy.progress, { state: 'reviewing', when: { nothing: ['1'] } }] }), [/no such field: nothing/])
  t.match(problemsOf({ words: { nothing: 'status' } }), [/words: no such field: nothing/])
  t.match(problemsOf({ words: { applicationTime: 'status' } }), [/applicationTime: status needs a field of type code/])
})
