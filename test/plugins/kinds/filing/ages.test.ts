import t from 'tap'
import enrolment from '../../../../connectors/medical-insurance/index.ts'
import { checkAges } from '../../../../plugins/kinds/filing/ages.ts'
import type { AgeRule } from '../../../../plugins/kinds/filing/policy.ts'

const contract = enrolment.services.find(({ contract: { id } }) => id === 'resident-enrolment')?.contract
if (!contract?.submission) throw new Error('no enrolment')
const { submission } = contract

function problems(rule: Partial<AgeRule>, more: Partial<typeof contract> = {}): string[] {
  const found: string[] = []
  const ages = [{ from: 16, words: '须年满 16 周岁', ...rule }]
  const subject = { ...contract, ...more, submission: { ...submission, ages } } as NonNullable<typeof contract>
  checkAges({ connector: enrolment, contract: subject, own: true, report: (problem) => found.push(problem) })
  return found
}

t.test('a rule of age that could not be kept is found at the start', async (t) => {
  t.same(problems({}), [])
  t.same(problems({ below: 18, when: { personCategory: ['1501'] } }), [])
  for (const [rule, expected] of [
    [{ words: '' }, /needs words/],
    [{ from: 18, below: 18 }, /from the lower/],
    [{ from: 1.5 }, /whole years/],
    [{ from: 0 }, /shuts out nobody/],
    [{ when: { personCategory: ['9'] } }, /personCategory is no choice with 9/],
    [{ when: { contactPhone: ['1'] } }, /contactPhone is no choice with 1/],
  ] as const)
    t.match(problems(rule as Partial<AgeRule>), [expected])
  t.match(problems({}, { identity: 'login' }), [/known by name/])
  t.match(problems({}, { audience: 'enterprise' }), [/known by name/])
})
