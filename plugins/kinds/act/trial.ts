import { serialOf } from '../serial.ts'
import type { KindCheck, Trial } from '../trial.ts'

interface Shown {
  id?: string
  state?: string
  statusUrl?: string
}

/** Every act twice with one key, once as it should be and once with the answer lost on its way: it is done once, and said so. */
export const actTrial: KindCheck = {
  id: 'acts',
  title: '操作只执行一次，结果不明时如实说明',
  tier: 'silver',
  none: '没有即时办理的服务',
  async run(trial) {
    const { service, send, breakNext } = trial
    const { connector, contract } = service
    const { id } = contract
    const act = (key: string, inputs = trial.inputs) =>
      send({ method: 'POST', url: `/v1/${connector.id}/${id}`, headers: { 'idempotency-key': `conformance-${id}-${key}` }, body: inputs })

    const [first, again] = [await act('whole'), await act('whole')]
    if (first.status !== 200 || again.status !== 200) return [`${id}：${first.status === 200 ? again.words : first.words}`]
    const [done, replayed] = [shownIn(first), shownIn(again)]
    if (done.id !== replayed.id) return [`${id}：同一个幂等键办理了两次`]

    const more = await trial.moreInputs()
    breakNext('accepted-then-reset')
    const lost = await act('lost', more)
    const doubtful = shownIn(lost)
    const followed = shownIn(await send({ url: doubtful.statusUrl ?? '' }))
    const expected = contract.act?.statusSid === undefined ? 'unclear' : 'done'
    return [
      ...(lost.status === 202 && doubtful.state === 'unclear' ? [] : [`${id}：结果不明时没有如实说明：${lost.words}`]),
      ...(followed.state === expected ? [] : [`${id}：结果不明之后应为 ${expected}，却是 ${followed.state}`]),
      ...countsOf(trial, [done, doubtful]),
    ]
  },
}

function shownIn({ json }: { json: Readonly<Record<string, unknown>> }): Shown {
  return (json['data'] ?? {}) as Shown
}

function countsOf({ service: { contract, sid }, counts }: Trial, acts: readonly Shown[]): string[] {
  const found = counts()
  const own = [...found].filter(([number]) => number.startsWith(`${sid}#`)).length
  const times = contract.act?.serial === undefined ? own : acts.reduce((sum, { id }) => sum + (id ? (found.get(serialOf(id)) ?? 0) : 0), 0)
  return times === acts.length ? [] : [`${contract.id}：${acts.length} 次办理执行了 ${times} 次`]
}
