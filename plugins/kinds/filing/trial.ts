import { setTimeout as sleep } from 'node:timers/promises'
import type { KindCheck } from '../trial.ts'
import { serialOf } from './delivery.ts'

const LOOK_EVERY_MS = 100

/** Files every submission twice with one key, half of them while the connection breaks, and follows it to its end. */
export const filingTrial: KindCheck = {
  id: 'submissions',
  title: '申请只报送一次，并能办结',
  tier: 'silver',
  none: '没有办理类服务',
  async run({ service: { connector, contract }, position, deadline, inputs, send, breakNext, counts }) {
    const { id } = contract
    const file = () =>
      send({
        method: 'POST',
        url: `/v1/${connector.id}/${id}`,
        headers: { 'idempotency-key': `conformance-${id}` },
        body: inputs,
      })
    if (position % 2 === 1) breakNext('accepted-then-reset')
    const [first, again] = [await file(), await file()]
    if (first.status !== 202) return [`${id}：${first.words}`]
    const filing = (first.json['data'] ?? {}) as { id: string; statusUrl: string }
    if ((again.json['data'] as { id?: string } | undefined)?.id !== filing.id) return [`${id}：同一个幂等键受理了两次`]

    let state: { final?: boolean; state?: string } = {}
    while (!state.final && performance.now() < deadline) {
      await sleep(LOOK_EVERY_MS)
      state = ((await send({ url: filing.statusUrl })).json['data'] ?? {}) as typeof state
    }
    const count = counts().get(serialOf(filing.id)) ?? 0
    return [...(state.final ? [] : [`${id}：没有办结，停在 ${state.state}`]), ...(count === 1 ? [] : [`${id}：报送了 ${count} 次`])]
  },
}
