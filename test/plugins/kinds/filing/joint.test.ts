import fc from 'fast-check'
import t from 'tap'
import realEstate from '../../../../connectors/real-estate/index.ts'
import { checkJoint } from '../../../../plugins/kinds/filing/check-joint.ts'
import { endParts, isPaid, type Parts, partsOf, stateOfParts } from '../../../../plugins/kinds/filing/joint.ts'
import { assertPartMove, canMovePart, type PartState, partStates } from '../../../../plugins/kinds/filing/part-states.ts'
import type { JointPolicy } from '../../../../plugins/kinds/filing/policy.ts'

const contract = realEstate.services.find(({ contract: { id } }) => id === 'transfer-registration')?.contract
const policy = contract?.submission?.joint as JointPolicy
if (!contract?.submission || !policy) throw new Error('no joint case')
const { submission } = contract
const names = Object.keys(policy.parts)

/** An answer that tells this of the parts, in their order: a digit each, `-` for none. */
const told = (states: string, amount: number | null = 8080) => ({
  caseParts: names.flatMap((name, index) =>
    states[index] === '-'
      ? []
      : [{ part: { code: policy.parts[name]?.code }, partStatus: { code: states[index] }, amountDue: name === 'tax' ? amount : null }],
  ),
})
const follow = (...answers: ReturnType<typeof told>[]) =>
  answers.reduce<Parts>((before, answer) => partsOf(policy, answer, before), new Map())
const statesOf = (parts: Parts) => [...parts.values()].join(' ')

t.test('side by side, then paid, then done', async (t) => {
  for (const [answer, expected, state] of [
    ['00000', 'waiting waiting waiting waiting waiting', null],
    ['10000', 'open waiting waiting waiting waiting', 'reviewing'],
    ['21100', 'done open open waiting waiting', 'reviewing'],
    ['21200', 'done open done payable waiting', 'payable'],
    ['22200', 'done done done payable waiting', 'payable'],
    ['21220', 'done open done done waiting', 'reviewing'],
    ['22221', 'done done done done open', 'reviewing'],
    ['22222', 'done done done done done', 'approved'],
    ['23100', 'done refused open waiting waiting', 'rejected'],
    ['21300', 'done open refused waiting waiting', 'rejected'],
  ] as const) {
    const parts = follow(told(answer))
    t.same([statesOf(parts), stateOfParts(policy, parts)], [expected, state], answer)
  }
})

t.test('what the agency says too early, takes back or leaves out changes nothing', async (t) => {
  t.equal(statesOf(follow(told('21122'))), 'done open open waiting waiting', 'paid before it was assessed')
  t.equal(statesOf(follow(told('21200'), told('11100'))), 'done open done payable waiting', 'a step back')
  t.equal(statesOf(follow(told('21200'), told('-----'))), 'done open done payable waiting', 'nothing at all')
  t.equal(statesOf(follow(told('2129-'))), 'done open done waiting waiting', 'a code that nobody knows')
  t.equal(statesOf(follow(told('21200', null))), 'done open done waiting waiting', 'nothing to pay by')
  t.equal(statesOf(follow(told('23200'), told('22200'))), 'done refused done payable waiting', 'a refusal stands')
})

t.test('a case that is over leaves no part open, and what was paid is known', async (t) => {
  const refused = follow(told('23220'))
  t.equal(statesOf(endParts(refused)), 'done refused done done ended')
  t.equal(isPaid(policy, refused), true)
  t.equal(isPaid(policy, follow(told('22200'))), false)
  t.equal(statesOf(endParts(follow(told('21200')))), 'done ended done ended ended')
})

t.test('whatever an agency says, in any order, parts move as the table allows, and none goes before what it needs', async () => {
  const answer = fc.array(fc.constantFrom('0', '1', '2', '3', '9', '-'), { minLength: names.length, maxLength: names.length })
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 12 }), (answers) => {
      let before: Parts = new Map()
      for (const states of answers) {
        const now = partsOf(policy, told(states.join('')), before)
        for (const [name, state] of now) {
          const was = before.get(name) ?? 'waiting'
          if (was !== state) assertPartMove(was, state)
          const needs = policy.parts[name]?.after ?? []
          if (['open', 'payable', 'done'].includes(state) && needs.some((needed) => now.get(needed) !== 'done')) return false
        }
        before = now
      }
      return true
    }),
    { numRuns: 300 },
  )
})

t.test('the table of states: what is over stays so', async (t) => {
  const all = Object.keys(partStates) as PartState[]
  for (const end of ['done', 'refused', 'ended'] as const) for (const to of all) t.notOk(canMovePart(end, to), `${end} ${to}`)
  for (const from of ['waiting', 'open', 'payable'] as const)
    for (const to of ['done', 'refused', 'ended'] as const) t.ok(canMovePart(from, to))
  t.throws(() => assertPartMove('done', 'open'), /cannot go/)
})

t.test('a case that could not be followed is found at the start', async (t) => {
  const problems = (change: object) => {
    const found: string[] = []
    const subject = { ...contract, submission: { ...submission, joint: { ...policy, ...change } } } as typeof contract
    checkJoint({ connector: realEstate, contract: subject, own: true, report: (problem, at = '') => found.push(at + problem) })
    return found.join('\n')
  }
  const { acceptance, ...rest } = policy.parts
  t.equal(problems({}), '')
  t.match(problems({ list: 'nothing' }), /needs a list field/)
  t.match(problems({ columns: { ...policy.columns, amount: 'opinion' } }), /column of type money/)
  t.match(problems({ states: { ...policy.states, open: ['2'] } }), /one code means two states/)
  t.match(problems({ states: { done: ['2'] } }), /one that is refused/)
  t.match(problems({ states: { ...policy.states, waiting: ['7'] } }), /has no code 7/)
  t.match(problems({ payable: 'reviewing' }), /not declared as a pause/)
  t.match(problems({ parts: { ...rest, acceptance } }), /registration: acceptance does not stand before it/)
  t.match(problems({ parts: { acceptance } }), /no joint one/)
  t.match(problems({ payable: undefined }), /payable is the state of a case with a part that is paid for/)
  const { payment: _, certificate, ...unpaid } = policy.parts
  const free = { ...unpaid, certificate: { ...certificate, after: ['registration', 'tax'] } }
  t.match(problems({ parts: free }), /payable is the state/)
  t.equal(problems({ parts: free, payable: undefined }), '')
  const unpayable = { payment: { of: 'registration', service: 'nothing' } }
  t.match(
    problems({ parts: { ...policy.parts, payment: { ...policy.parts['payment'], ...unpayable } } }),
    /must come after it\n.*takes money: nothing/,
  )
})
