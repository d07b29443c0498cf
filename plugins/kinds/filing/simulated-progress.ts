import type { FieldNotes } from '../../../core/contract/fields.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { ActKind, SandboxRow, SandboxSubject } from '../../../core/contract/types.ts'
import { keyOf, type Params, type SandboxService } from '../simulation.ts'
import type { JointPolicy } from './policy.ts'
import { statesOf } from './states.ts'

/** A filing as the agency keeps it. Only invented people's data ever gets here. */
export interface Filing {
  readonly sid: string
  readonly serial: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly params: Params
  /** Whose token filed it, where the call named nobody. */
  readonly holder?: SandboxSubject
  /** It will not pass the review. */
  readonly rejected: boolean
  /** The review halts: until the applicant supplements what is missing, for a step of its own, or (`hold`) for ever. */
  readonly pause?: Pause
}

export type Pause = 'supplement' | 'suspension' | 'hold'

/** What an applicant did to a filing, its payment included. */
export interface Act {
  readonly act: ActKind | 'payment'
  readonly serial: string
  readonly at: number
  readonly params: Params
}

type Progress = NonNullable<SandboxService['contract']['submission']>['progress']

interface Step {
  state: SubmissionState
  /** Of a joint case: the code of each part's state, by the part's code. */
  parts?: ReadonlyMap<string, string>
  when: Readonly<Record<string, string | null>>
}

/**
 * The row that an agency answers for a filing: one step of the declared progress every `stepMs`, in the
 * order of a submission's life whatever order they are declared in. Fields that tell of steps to come
 * hold a value that means no step, or nothing.
 */
export function progressRow(
  service: SandboxService,
  filing: Filing,
  base: SandboxRow,
  now: number,
  stepMs: number,
  acts: readonly Act[] = [],
): SandboxRow {
  const { fields, submission } = service.contract
  const progress = submission?.progress ?? []
  const { steps, origin } = courseOf(service, filing, acts, stepMs)
  const cancelled = acts.find(({ act }) => act === 'cancel')
  const reached = reachedStep(origin, steps, cancelled?.at ?? now, stepMs)
  const timeOf = (step: number) => (step === 0 ? filing.at : origin + step * stepMs)
  const reviewed = steps.findIndex(({ state }) => state === 'approved' || state === 'rejected')

  const row: SandboxRow = { ...base }
  const set = (name: string, value: (notes: FieldNotes) => unknown) => {
    const notes = fields[name]?.notes
    if (notes) row[keyOf(name, notes)] = value(notes)
  }
  for (const [name, { notes }] of Object.entries(fields)) {
    if (notes.type !== 'datetime' && notes.type !== 'date') continue
    const review = /^(review|approv|audit)/i.test(name)
    const at = review ? (reviewed !== -1 && reached >= reviewed ? timeOf(reviewed) : null) : timeOf(/^update/i.test(name) ? reached : 0)
    set(name, () => (at === null ? null : writeTime(at, notes.type)))
  }
  for (const name of new Set(steps.flatMap(({ when }) => Object.keys(when)))) set(name, (notes) => pending(notes, name, progress))
  for (const { when } of steps.slice(0, reached + 1)) {
    for (const [name, value] of Object.entries(when)) set(name, () => value)
  }
  const reachedParts = steps[reached]?.parts
  if (submission?.joint && reachedParts)
    set(submission.joint.list, (notes) => partRows(submission.joint as JointPolicy, notes, reachedParts, base))
  echoInputs(service, filing, set)
  tellLife(service, steps[reached]?.state, timeOf(reached), set)
  for (const act of acts) applyAct(service, act, set)
  if (submission) set(submission.reference, () => referenceOf(filing))
  return row
}

/** The state that an agency would tell of a filing. */
export function stateAt(service: SandboxService, filing: Filing, now: number, stepMs: number, acts: readonly Act[] = []): SubmissionState {
  const { steps, origin } = courseOf(service, filing, acts, stepMs)
  return steps[reachedStep(origin, steps, now, stepMs)]?.state ?? 'submitted'
}

/** How long from now each step that is still to come, in milliseconds; a filing that takes no time is told of once. */
export function stepsAhead(service: SandboxService, filing: Filing, now: number, stepMs: number, acts: readonly Act[] = []): number[] {
  const { steps, origin } = courseOf(service, filing, acts, stepMs)
  if (stepMs === 0 || acts.some(({ act }) => act === 'cancel')) return [0]
  return steps.flatMap((each, step) => (each === steps[step - 1] ? [] : [origin + step * stepMs - now])).filter((wait) => wait > 0)
}

/** So many steps a case waits to be paid for online; then somebody has paid at the counter. */
export const PATIENCE = 60

interface Course {
  readonly steps: readonly Step[]
  readonly origin: number
}

/** The steps that a filing takes, and the time from which they count: anew once what was missing has come, or it was paid for. */
function courseOf(service: SandboxService, filing: Filing, acts: readonly Act[], stepMs: number): Course {
  const course = reviewOf(service, filing, acts, stepMs)
  const { steps } = course
  const payable = takesOrders(service) ? steps.findIndex(({ state }) => state === service.contract.submission?.joint?.payable) : -1
  if (payable === -1) return course
  const paid = acts.find(({ act }) => act === 'payment')
  if (paid) return { steps, origin: paid.at - (payable + 1) * stepMs }
  const waiting = Array.from({ length: PATIENCE }, () => steps[payable] as Step)
  return { ...course, steps: [...steps.slice(0, payable), ...waiting, ...steps.slice(payable + 1)] }
}

/** Whether what is due of a joint case is paid by an order. */
function takesOrders({ connector, contract }: SandboxService): boolean {
  const takers = Object.values(contract.submission?.joint?.parts ?? {}).flatMap(({ payment }) => payment?.service ?? [])
  return connector.services.some(({ contract: { id, order } }) => order !== undefined && takers.includes(id))
}

function reviewOf({ contract: { submission } }: SandboxService, filing: Filing, acts: readonly Act[], stepMs: number): Course {
  const steps = inParts(submission, walk(submission, filing.rejected))
  // Before the first thing that happens to it.
  const turn = steps.findIndex(({ state }) => state !== 'submitted' && state !== 'reviewing')
  const last = turn === -1 ? steps.length - 1 : turn - 1
  if (filing.pause === 'hold') return { steps: steps.slice(0, Math.max(1, last + 1)), origin: filing.at }
  const state = filing.pause === 'supplement' ? submission?.supplement?.when[0] : filing.pause && submission?.suspension?.state
  const rule = submission?.progress.find((rule) => rule.state === state)
  if (!rule) return { steps, origin: filing.at }
  const parts = steps[Math.max(0, last)]?.parts
  const pause = {
    ...(parts ? { parts } : {}),
    state: rule.state,
    when: Object.fromEntries(Object.entries(rule.when).map(([name, [value = null] = []]) => [name, value])),
  }
  const before = steps.slice(0, last + 1)
  if (filing.pause === 'suspension') return { steps: [...before, pause, ...steps.slice(Math.max(0, last))], origin: filing.at }
  const supplement = acts.find(({ act }) => act === 'supplement')
  if (!supplement) return { steps: [...before, pause], origin: filing.at }
  return { steps, origin: supplement.at - Math.max(0, last) * stepMs }
}

const DAY_MS = 86_400_000
const TERM_DAYS = 15

/** What the agency says beside the state: what is missing, why the term stands still, why it refused. */
function tellLife(
  { contract: { fields, submission } }: SandboxService,
  state: SubmissionState | undefined,
  since: number,
  set: (name: string, value: (notes: FieldNotes) => unknown) => void,
): void {
  const { supplement, suspension, refusal } = submission ?? {}
  const end = ({ type }: FieldNotes) => writeTime(since + TERM_DAYS * DAY_MS, type)
  if (supplement) {
    const asks = state !== undefined && supplement.when.includes(state)
    const columns = fields[supplement.items]?.notes.columns ?? {}
    const words: Readonly<Record<string, string>> = { name: '身份证明', reason: '照片不清晰，请重新拍摄后提交' }
    const item = Object.fromEntries(Object.entries(columns).map(([name, { notes }]) => [keyOf(name, notes), words[name] ?? null]))
    set(supplement.items, () => (asks ? [item] : null))
    set(supplement.until, (notes) => (asks ? end(notes) : null))
  }
  if (suspension) {
    const stands = state === suspension.state
    set(suspension.reason, () => (stands ? '需要实地查看，查看期间不计入办理时限' : null))
    if (suspension.until !== undefined) set(suspension.until, (notes) => (stands ? end(notes) : null))
  }
  if (refusal !== undefined && state === 'rejected') set(refusal, () => '申请材料与登记的内容不一致，不予办理')
}

function reachedStep(at: number, steps: readonly Step[], now: number, stepMs: number): number {
  return stepMs > 0 ? Math.min(Math.floor((now - at) / stepMs), steps.length - 1) : steps.length - 1
}

/** Cancelled, the row holds what stands for that; changed, it holds the new values; supplemented, the steps tell. */
function applyAct(
  { contract: { submission } }: SandboxService,
  { act, params }: Act,
  set: (name: string, value: () => unknown) => void,
): void {
  if (act === 'cancel') {
    const rule = submission?.progress.find(({ state }) => state === submission.cancel?.to)
    for (const [name, values] of Object.entries(rule?.when ?? {})) set(name, () => values?.[0] ?? null)
    return
  }
  if (act === 'supplement' || act === 'payment') return
  for (const { notes } of Object.values(submission?.change?.inputs ?? {})) {
    const value = notes.codes[0] === undefined ? undefined : params[notes.codes[0]]
    if (notes.field && value !== undefined) set(notes.field, () => value)
  }
}

/** Walks a state through all values that declare it (已受理, then 审核中), so a filing is seen in each of them. */
function walk(submission: SandboxService['contract']['submission'], rejected: boolean): Step[] {
  const progress = submission?.progress ?? []
  const life = rejected ? ['submitted', 'reviewing', 'rejected'] : statesOf(submission).walk
  const taken = life.filter((state) => progress.some((rule) => rule.state === state))
  return taken.flatMap((state) => {
    const whens = progress.filter((step) => step.state === state).flatMap(({ when }) => Object.entries(when))
    const longest = state === 'reviewing' ? Math.max(...whens.map(([, values]) => values?.length ?? 1)) : 1
    return Array.from({ length: longest }, (_, position) => ({
      state,
      when: Object.fromEntries(whens.map(([name, values = []]) => [name, values[Math.min(position, values.length - 1)] ?? null])),
    }))
  })
}

/**
 * The steps of a joint case, from those of its review: at each, all parts whose needs are met are at work, and at the next they
 * are done. One that is refused fails in the first part after the taking in.
 */
function inParts(submission: SandboxService['contract']['submission'], steps: readonly Step[]): readonly Step[] {
  const joint = submission?.joint
  if (!joint) return steps
  const { states } = joint
  const levels = new Map<string, number>()
  for (const [name, { after = [] }] of Object.entries(joint.parts))
    levels.set(name, Math.max(-1, ...after.map((needed) => levels.get(needed) ?? 0)) + 1)
  const second = Object.keys(joint.parts).find((name) => levels.get(name) === 1)
  const partsAt = (level: number, refused = false) =>
    new Map(
      Object.entries(joint.parts).map(([name, { code }]) => {
        const own = levels.get(name) ?? 0
        const state = own < level ? states.done : own > level ? states.waiting : refused && name === second ? states.refused : states.open
        return [code, state?.[0] ?? '']
      }),
    )
  const pays = (level: number) => Object.entries(joint.parts).some(([name, { payment }]) => payment && levels.get(name) === level)
  const review = steps.filter(({ state }) => state === 'submitted' || state === 'reviewing')
  const [end] = steps.filter(({ state }) => state === 'approved' || state === 'rejected')
  const depth = Math.max(...levels.values())
  const whenAt = (level: number) => review[Math.min(level, review.length - 1)]?.when ?? {}
  if (end?.state === 'rejected')
    return [
      { state: 'reviewing', when: whenAt(0), parts: partsAt(0) },
      { ...end, parts: partsAt(1, true) },
    ]
  const worked = Array.from({ length: depth + 1 }, (_, level) => ({
    state: (pays(level) && joint.payable) || 'reviewing',
    when: whenAt(level),
    parts: partsAt(level),
  }))
  return end ? [...worked, { ...end, parts: partsAt(depth + 1) }] : worked
}

/** The agency's rows of parts: amounts as it knows them of the filing, states as they are by now. */
function partRows(joint: JointPolicy, { columns = {} }: FieldNotes, parts: ReadonlyMap<string, string>, base: SandboxRow): SandboxRow[] {
  const keyFor = (name: string) => (columns[name] ? keyOf(name, columns[name].notes) : name)
  const [part, state, reason] = [joint.columns.part, joint.columns.state, joint.columns.reason].map((name) => name && keyFor(name))
  const known = Object.values(base).find(
    (value): value is SandboxRow[] => Array.isArray(value) && part !== undefined && part in (value[0] ?? {}),
  )
  return [...parts].map(([code, told]) => ({
    ...known?.find((row) => row[part ?? ''] === code),
    [part ?? '']: code,
    [state ?? '']: told,
    ...(reason && joint.states.refused?.includes(told) ? { [reason]: '申请材料与登记的内容不一致，不予办理' } : {}),
  }))
}

/** A code of the field's list that stands for no step at all; null without one. */
function pending({ list }: FieldNotes, name: string, progress: Progress): string | null {
  const told = new Set(progress.flatMap(({ when }) => when[name] ?? []))
  return Object.entries(list?.values ?? {}).find(([code, title]) => !told.has(code) && !told.has(title))?.[0] ?? null
}

/** What was asked for comes back under the fields of the same meaning. */
function echoInputs({ contract }: SandboxService, filing: Filing, set: (name: string, value: () => unknown) => void): void {
  for (const [name, { notes }] of Object.entries(contract.inputs)) {
    const value = notes.codes[0] === undefined ? undefined : filing.params[notes.codes[0]]
    if (value !== undefined && !notes.fact) set(notes.field ?? name, () => value)
  }
}

export function referenceOf({ at, serial }: Filing): string {
  return `SX${writeTime(at, 'date')}${[...serial].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1_000_000_007, 7)}`
}

/** Beijing time, YYYYMMDD or YYYYMMDDHHmmss. */
function writeTime(at: number, type: FieldNotes['type']): string {
  const digits = new Date(at + 8 * 3_600_000).toISOString().replace(/\D/g, '')
  return digits.slice(0, type === 'date' ? 8 : 14)
}
