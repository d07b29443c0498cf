import { setTimeout as sleep } from 'node:timers/promises'
import type { ActKind } from '../../../core/contract/types.ts'
import type { KindCheck, Trial } from '../trial.ts'
import { actKinds } from './act-states.ts'
import { serialOf } from './delivery.ts'
import { CODE } from './otp.ts'
import { OWN_ROLE, PARTIES } from './parties.ts'

const LOOK_EVERY_MS = 100

/**
 * Files every submission twice with one key, half of them while the connection breaks, supplements it where its service lets
 * one, and follows it to its end; and does once, with a filing of its own before that, whatever other acts are declared: once
 * a filing has ended well, there may be nothing left to file for.
 */
export const filingTrial: KindCheck = {
  id: 'submissions',
  title: '申请只报送一次，并能办结',
  tier: 'silver',
  none: '没有办理类服务',
  async run(trial) {
    const { service, position, deadline, send, breakNext, counts } = trial
    const { connector, contract } = service
    const { id, submission } = contract
    const acted = submission?.suspended === undefined ? await tryActs(trial) : []
    const body = await complete(trial)
    const file = () =>
      send({
        method: 'POST',
        url: `/v1/${connector.id}/${id}`,
        headers: { 'idempotency-key': `conformance-${id}` },
        body,
      })
    if (submission?.supplement) breakNext('ask-supplement')
    if (position % 2 === 1) breakNext('accepted-then-reset')
    const [first, again] = [await file(), await file()]
    if (submission?.suspended !== undefined)
      return first.status === 403 && first.json['code'] === 'HUB_SERVICE_NOT_OPEN' ? [] : [`${id}：已声明暂停办理，却是 ${first.words}`]
    if (first.status !== 202) return [`${id}：${first.words}`]
    const filing = (first.json['data'] ?? {}) as Required<Pick<Told, 'id' | 'statusUrl'>>
    if ((again.json['data'] as { id?: string } | undefined)?.id !== filing.id) return [`${id}：同一个幂等键受理了两次`]

    for (const { index } of partiesOf(trial)) await agree(trial, index)
    if (submission?.supplement) acted.push(...(await doAct(trial, 'supplement', filing)))
    let state: { final?: boolean; state?: string } = {}
    while (!state.final && performance.now() < deadline) {
      await sleep(LOOK_EVERY_MS)
      state = ((await send({ url: filing.statusUrl })).json['data'] ?? {}) as typeof state
    }
    const count = counts().get(serialOf(filing.id)) ?? 0
    return [
      ...acted,
      ...(state.final ? [] : [`${id}：没有办结，停在 ${state.state}`]),
      ...(count === 1 ? [] : [`${id}：报送了 ${count} 次`]),
    ]
  },
}

async function tryActs(trial: Trial): Promise<string[]> {
  const { submission } = trial.service.contract
  const problems: string[] = []
  for (const kind of actKinds) if (kind !== 'supplement' && submission?.[kind]) problems.push(...(await tryAct(trial, kind)))
  return problems
}

interface Told {
  id?: string
  statusUrl?: string
  state?: string
  act?: { state: string } | null
}

/** The agency holds a filing where the act is allowed. */
async function tryAct(trial: Trial, kind: ActKind): Promise<string[]> {
  const { service, send, breakNext } = trial
  const { connector, contract } = service
  breakNext('hold-submission')
  const headers = { 'idempotency-key': `conformance-${contract.id}-${kind}` }
  const body = await complete({ ...trial, inputs: await trial.moreInputs() })
  const filed = await send({ method: 'POST', url: `/v1/${connector.id}/${contract.id}`, headers, body })
  const filing = (filed.json['data'] ?? {}) as Told
  if (filed.status !== 202 || filing.id === undefined) return [`${contract.id}：${filed.words}`]
  for (const { index } of partiesOf(trial)) await agree(trial, index)
  return doAct(trial, kind, filing)
}

/** Waits for the state in which the act is allowed; then it must be done, once. */
async function doAct(trial: Trial, kind: ActKind, { id, statusUrl = '' }: Told): Promise<string[]> {
  const { service, deadline, inputsFor, send } = trial
  const { connector, contract } = service
  const act = contract.submission?.[kind]
  if (!act) return []
  const until = async (reached: (told: Told) => boolean): Promise<Told> => {
    for (;;) {
      const answer = await send({ url: statusUrl })
      const told = (answer.json['data'] ?? { state: answer.words }) as Told
      if (reached(told) || performance.now() >= deadline) return told
      await sleep(LOOK_EVERY_MS)
    }
  }
  const before = await until(({ state }) => state !== undefined && act.when.includes(state))
  if (before.state === undefined || !act.when.includes(before.state))
    return [`${contract.id}：等不到可以办理 ${kind} 的状态，停在 ${before.state}`]
  const base = `/v1/${connector.id}/${contract.id}/${id}`
  const url = kind === 'change' ? base : `${base}/${kind}`
  const headers = { 'idempotency-key': `conformance-${contract.id}-${kind}` }
  const asked = await send({ method: kind === 'change' ? 'PATCH' : 'POST', url, headers, body: inputsFor(act.inputs ?? {}) })
  if (asked.status !== 202) return [`${contract.id} 的 ${kind}：${asked.words}`]
  const after = await until(({ act }) => act?.state !== undefined && act.state !== 'requested' && act.state !== 'sending')
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
