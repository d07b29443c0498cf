import type { KindSubject } from '../../declarations/kind-rules.ts'
import type { JointPolicy } from './policy.ts'

/** A joint case of which a part could never begin, be read or be paid is found at the start. */
export function checkJoint({ connector, contract: { submission, fields }, report }: KindSubject): void {
  const joint = submission?.joint
  if (!joint) return
  const at = '.submission.joint'
  const { list, columns, states, payable } = joint
  const held = fields[list]?.notes.type === 'list' ? (fields[list]?.notes.columns ?? {}) : null
  if (!held) {
    report(`needs a list field: ${list}`, at)
    return
  }
  for (const [column, type] of [
    [columns.part, 'code'],
    [columns.state, 'code'],
    [columns.amount, 'money'],
    [columns.reason, 'text'],
  ] as const)
    if (column !== undefined && held[column]?.notes.type !== type) report(`needs a column of type ${type}: ${list}.${column}`, at)
  const codesOf = (column: string) => Object.keys(held[column]?.notes.list?.values ?? {})
  const meant = Object.values(states).flat()
  for (const code of meant) if (!codesOf(columns.state).includes(code)) report(`${columns.state} has no code ${code}`, at)
  if (new Set(meant).size < meant.length) report('one code means two states', at)
  if (!states.done?.length || !states.refused?.length) report('needs codes for a part that is done, and for one that is refused', at)
  const pays = Object.values(joint.parts).some(({ payment }) => payment)
  if (pays !== (payable !== undefined)) report('payable is the state of a case with a part that is paid for', at)
  if (payable !== undefined && submission?.states?.[payable]?.pause !== true) report(`${payable} is not declared as a pause`, at)
  for (const problem of partTroubles(joint, codesOf(columns.part))) report(problem, `${at}.parts`)
  for (const { payment } of Object.values(joint.parts))
    if (
      payment &&
      !connector.services.some(({ contract: { id, kind } }) => id === payment.service && (kind === 'payment' || kind === 'order'))
    )
      report(`no service takes money: ${payment.service}`, `${at}.parts`)
}

/** Parts stand behind what they need, so there is no circle. */
function partTroubles({ parts }: JointPolicy, codes: readonly string[]): string[] {
  const names = Object.keys(parts)
  const used = Object.values(parts).map(({ code }) => code)
  return [
    ...(names.length < 2 ? ['a case of one part is no joint one'] : []),
    ...(new Set(used).size < used.length ? ['one code stands for two parts'] : []),
    ...Object.entries(parts).flatMap(([name, { title, code, after = [], payment }], index) => [
      ...(title ? [] : [`${name}: missing title`]),
      ...(codes.includes(code) ? [] : [`${name}: unknown code ${code}`]),
      ...after.filter((needed) => !names.slice(0, index).includes(needed)).map((needed) => `${name}: ${needed} does not stand before it`),
      ...(payment && !after.includes(payment.of) ? [`${name}: pays what ${payment.of} finds, and must come after it`] : []),
    ]),
  ]
}
