import type { FieldNotes } from '../../../core/contract/fields.ts'
import type { DeclaredStates } from '../../../core/contract/filing-states.ts'
import type { ActKind, ServiceContract, SubmissionWord } from '../../../core/contract/types.ts'
import { actKinds } from './act-states.ts'
import { toldStates } from './progress.ts'
import { compileStates, hubStates, inOrder, WALK } from './states.ts'

const NAME = /^[a-z][a-z-]{0,15}$/
const WORD_TYPES: Readonly<Record<SubmissionWord, FieldNotes['type']>> = { filedAt: 'datetime', updatedAt: 'datetime', status: 'code' }

/** What is wrong with how a service's filings are followed, as `<place>.submission…: problem`. */
export function checkSubmission(place: string, { submission, fields }: ServiceContract): string[] {
  if (!submission) return []
  const at = `${place}.submission`
  const problems = checkStates(`${at}.states`, submission.states ?? {})
  const states = compileStates(submission.states)
  for (const [index, { state, when }] of submission.progress.entries()) {
    const rule = `${at}.progress[${index}]`
    if (!states.names.includes(state)) problems.push(`${rule}: unknown state: ${state}`)
    else if (!states.isSayable(state)) problems.push(`${rule}: the hub's own state, which no agency can tell: ${state}`)
    for (const name of Object.keys(when)) if (!fields[name]) problems.push(`${rule}: no such field: ${name}`)
  }
  const told = toldStates(submission)
  for (const name of Object.keys(submission.states ?? {}))
    if (!told.has(name)) problems.push(`${at}.states.${name}: no rule of progress leads to it`)
  for (const kind of actKinds) problems.push(...checkAct(`${at}.${kind}`, submission, fields, kind))
  problems.push(...checkLife(at, submission, fields))
  const { cancel } = submission
  if (cancel && !told.has(cancel.to)) problems.push(`${at}.cancel: no rule of progress leads to ${cancel.to}`)
  for (const state of cancel?.when ?? [])
    if (cancel && states.names.includes(state) && states.pathTo(state, cancel.to) === null)
      problems.push(`${at}.cancel: no way from ${state} to ${cancel.to}`)
  for (const name of submission.remarks ?? []) if (!fields[name]) problems.push(`${at}.remarks: no such field: ${name}`)
  for (const [name, word] of Object.entries(submission.words ?? {})) {
    const type = fields[name]?.notes.type
    if (type === undefined) problems.push(`${at}.words: no such field: ${name}`)
    else if (word === undefined || type !== WORD_TYPES[word])
      problems.push(`${at}.words.${name}: ${word} needs a field of type ${word && WORD_TYPES[word]}`)
  }
  return problems
}

function checkAct(
  at: string,
  submission: NonNullable<ServiceContract['submission']>,
  fields: ServiceContract['fields'],
  kind: ActKind,
): string[] {
  const act = submission[kind]
  if (!act) return []
  const { isSayable } = compileStates(submission.states)
  const taken = [submission.statusSid, ...actKinds.filter((other) => other !== kind).map((other) => submission[other]?.sid)]
  return [
    ...(act.when.length > 0 ? [] : [`${at}: there is no state in which it is allowed`]),
    ...act.when.flatMap((state) => (isSayable(state) ? [] : [`${at}: the agency does not have a filing that is ${state}`])),
    ...(taken.includes(act.sid) ? [`${at}: the sid is taken: ${act.sid}`] : []),
    ...Object.entries(act.inputs ?? {}).flatMap(([name, { notes }]) => [
      ...(notes.fact ? [`${at}.${name}: verified facts go along anyway`] : []),
      ...(kind !== 'change' || (notes.field && fields[notes.field]) ? [] : [`${at}.${name}: must name the field that shows the change`]),
    ]),
  ]
}

/** 补正 and 特别程序 belong to pauses, and what tells of them to fields of the right types. */
function checkLife(
  at: string,
  { states = {}, supplement, suspension, refusal }: NonNullable<ServiceContract['submission']>,
  fields: ServiceContract['fields'],
): string[] {
  const paused = (place: string, state: string) => (states[state]?.pause ? [] : [`${at}.${place}: ${state} is not declared as a pause`])
  const typed = (place: string, name: string | undefined, ...types: FieldNotes['type'][]) => {
    const type = name === undefined ? undefined : fields[name]?.notes.type
    return name === undefined || (type && types.includes(type))
      ? []
      : [`${at}.${place}: needs a field of type ${types.join(' or ')}: ${name}`]
  }
  const columns = supplement ? (fields[supplement.items]?.notes.columns ?? {}) : {}
  return [
    ...(supplement?.when ?? []).flatMap((state) => paused('supplement', state)),
    ...typed('supplement.items', supplement?.items, 'list'),
    ...(supplement && (!columns['name'] || !columns['reason']) ? [`${at}.supplement.items: needs the columns name and reason`] : []),
    ...typed('supplement.until', supplement?.until, 'date', 'datetime'),
    ...(suspension ? paused('suspension', suspension.state) : []),
    ...typed('suspension.reason', suspension?.reason, 'text'),
    ...typed('suspension.until', suspension?.until, 'date', 'datetime'),
    ...typed('refusal', refusal, 'text'),
  ]
}

/** Every declared state is reachable, none takes a hub's name, and those that are no end of their own follow one another. */
function checkStates(at: string, declared: DeclaredStates): string[] {
  const known = new Set<string>([...WALK, ...Object.keys(declared)])
  const problems = Object.entries(declared).flatMap(([name, { title, after, final, pause }]) => [
    ...(final && pause ? [`${at}.${name}: is final or a pause, not both`] : []),
    ...(NAME.test(name) ? [] : [`${at}.${name}: the name must be lower-case, with hyphens, of at most 16 characters`]),
    ...(name in hubStates ? [`${at}.${name}: the name belongs to the hub`] : []),
    ...(title ? [] : [`${at}.${name}: missing title`]),
    ...(after.length > 0 ? [] : [`${at}.${name}: nothing leads to it`]),
    ...after.flatMap((before) => {
      if (!known.has(before)) return [`${at}.${name}: cannot follow ${before}`]
      if (declared[before]?.pause) return [`${at}.${name}: cannot follow ${before}, which is a pause`]
      return declared[before]?.final ? [`${at}.${name}: cannot follow ${before}, which is final`] : []
    }),
  ])
  if (problems.length > 0) return problems
  if (inOrder(declared).length < Object.keys(declared).length) return [`${at}: states follow each other in a circle`]
  const { walk, canMove } = compileStates(declared)
  return walk.slice(WALK.length).flatMap((state, index) => {
    const before = walk[WALK.length + index - 1] as string
    return canMove(before, state) ? [] : [`${at}.${state}: must be able to follow ${before}, or be final`]
  })
}
