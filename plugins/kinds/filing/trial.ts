import { setTimeout as sleep } from 'node:timers/promises'
import type { ActKind } from '../../../core/contract/types.ts'
import { serialOf } from '../serial.ts'
import type { KindCheck, Trial } from '../trial.ts'
import { CODE } from './otp.ts'
import { OWN_ROLE, PARTIES } from './parties.ts'

const LOOK_EVERY_MS = 100

/**
 * Changes and cancels a filing that the agency holds, then files another one twice with one key, half of them while the
 * connection breaks, supplements it where the service knows that, and follows it to its end. In this order, because an agency
 * that has done what was applied for may take nothing more.
 */
export const filingTrial: KindCheck = {
  id: 'submissions',
  title: '申请只报送一次，并能办结',
  tier: 'silver',
  none: '没有办理类服务',
  async run(trial) {
    const { service, position, breakNext, counts } = trial
    const { id, submission } = service.contract
    const acted = submission?.suspended === undefined ? await tryHeld(trial) : []
    const body = await complete(trial)
    const file = () => fileOne(trial, `conformance-${id}`, body)
    if (submission?.supplement) breakNext('ask-supplement')
    if (position % 2 === 1) breakNext('accepted-then-reset')
    const [first, again] = [await file(), await file()]
    if (submission?.suspended !== undefined)
      return first.status === 403 && first.json['code'] === 'HUB_SERVICE_NOT_OPEN' ? [] : [`${id}：已声明暂停办理，却是 ${first.words}`]
    if (first.status !== 202) return [...acted, `${id}：${first.words}`]
    const filing = first.json['data'] as Told
    if ((again.json['data'] as Told | undefined)?.id !== filing.id) return [...acted, `${id}：同一个幂等键受理了两次`]

    for (const { index } of partiesOf(trial)) await agree(trial, index)
    const supplemented = submission?.supplement ? await tryAct(trial, filing, 'supplement') : []
    const { final, state } = await told(trial, filing, ({ final }) => final === true)
    const count = counts().get(serialOf(filing.id)) ?? 0
    return [
      ...acted,
      ...supplemented,
      ...(final ? [] : [`${id}：没有办结，停在 ${state}`]),
      ...(count === 1 ? [] : [`${id}：报送了 ${count} 次`]),
    ]
  },
}

interface Told {
  id: string
  statusUrl: string
  final?: boolean
  state?: string
  act?: { kind: ActKind; state: string } | null
}

/** What the applicant may do to a filing that the agency has, on one that it holds. */
async function tryHeld(trial: Trial): Promise<string[]> {
  const { service, breakNext, moreInputs } = trial
  const { id, submission } = service.contract
  const kinds = (['change', 'cancel'] as const).filter((kind) => submission?.[kind])
  if (kinds.length === 0) return []
  breakNext('hold-submission')
  const filed = await fileOne(trial, `conformance-${id}-held`, await complete({ ...trial, inputs: await moreInputs() }))
  if (filed.status !== 202) return [`${id}：${filed.words}`]
  for (const { index } of partiesOf(trial)) await agree(trial, index)
  const problems: string[] = []
  for (const kind of kinds) problems.push(...(await tryAct(trial, filed.json['data'] as Told, kind)))
  return problems
}

function fileOne({ service: { connector, contract }, send }: Trial, key: string, body: object) {
  return send({ method: 'POST', url: `/v1/${connector.id}/${contract.id}`, headers: { 'idempotency-key': key }, body })
}

/** What the hub tells of a filing once that is so, or at the end of the time. */
async function told({ send, deadline }: Trial, { statusUrl }: Told, reached: (told: Told) => boolean): Promise<Told> {
  for (;;) {
    const answer = await send({ url: statusUrl })
    const told = (answer.json['data'] ?? { state: answer.words }) as Told
    if (reached(told) || performance.now() >= deadline) return told
    await sleep(LOOK_EVERY_MS)
  }
}

/** In a state where the act is allowed it must be done. */
async function tryAct(trial: Trial, filing: Told, kind: ActKind): Promise<string[]> {
  const { service, inputsFor, send } = trial
  const { connector, contract } = service
  const act = contract.submission?.[kind]
  if (!act) return []
  const url = `/v1/${connector.id}/${contract.id}/${filing.id}`
  const before = await told(trial, filing, ({ state }) => state !== undefined && act.when.includes(state))
  if (before.state === undefined || !act.when.includes(before.state))
    return [`${contract.id}：等不到可以办理 ${kind} 的状态，停在 ${before.state}`]
  const asked = await send({
    method: kind === 'change' ? 'PATCH' : 'POST',
    url: kind === 'change' ? url : `${url}/${kind}`,
    headers: { 'idempotency-key': `conformance-${contract.id}-${kind}` },
    body: inputsFor(act.inputs ?? {}),
  })
  if (asked.status !== 202) return [`${contract.id} 的 ${kind}：${asked.words}`]
  const isOver = ({ act }: Told) => act?.kind === kind && act.state !== 'requested' && act.state !== 'sending'
  const after = await told(trial, filing, isOver)
  return after.act?.state === 'done' ? [] : [`${contract.id} 的 ${kind} 没有办成：${after.act?.state}`]
}

/** As few others as the declaration allows. */
function partiesOf({ service, others }: Trial) {
  return others.slice(0, service.contract.submission?.parties?.min ?? 0)
}

/** The inputs with a code from the phone, and with the others who have to agree. */
async function complete(trial: Trial): Promise<Record<string, unknown>> {
  const { service, inputs, send, codeOf } = trial
  const { connector, contract } = service
  const { otp, parties } = contract.submission ?? {}
  const roles = Object.keys(parties?.roles.values ?? {})
  const named = partiesOf(trial).map(({ name, number: idNumber }) => ({ name, idNumber, role: roles.at(-1) }))
  if (otp) {
    await trial.restPhones()
    await send({ method: 'POST', url: `/v1/${connector.id}/${contract.id}/verification-code` })
  }
  return {
    ...inputs,
    ...(otp ? { [CODE]: codeOf(otp.sid) } : {}),
    ...(parties ? { [OWN_ROLE]: roles[0], ...(named.length > 0 ? { [PARTIES]: named } : {}) } : {}),
  }
}

async function agree({ service, send }: Trial, as: number): Promise<void> {
  const { data = [] } = (await send({ url: '/v1/me/consents', as })).json as { data?: { id: string; service: string; state: string }[] }
  for (const { id, service: key, state } of data)
    if (key === service.key && state === 'pending')
      await send({ method: 'POST', url: `/v1/me/consents/${id}`, body: { decision: 'agree' }, as })
}
