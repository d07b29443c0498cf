import { setTimeout as sleep } from 'node:timers/promises'
import type { KindCheck, Trial, TrialAnswer } from '../trial.ts'
import type { OrderState } from './states.ts'

interface Shown {
  id?: string
  number?: string
  state?: OrderState
  statusUrl?: string
}

const LOOK_MS = 100

/** One bill: ordered twice with one key, paid, written off with the company's answer lost on its way. One order, one write-off. */
export const orderTrial: KindCheck = {
  id: 'orders',
  title: '一张账单只有一个订单、付一次款、销一次账',
  tier: 'silver',
  none: '没有缴费服务',
  async run(trial) {
    const { service, inputs, send, breakNext, pay, counts } = trial
    const { connector, contract } = service
    const { id } = contract
    const url = `/v1/${connector.id}/${id}`
    const make = (key: string) => send({ method: 'POST', url, headers: { 'idempotency-key': `conformance-${id}-${key}` }, body: inputs })

    const [first, again] = [await make('whole'), await make('whole')]
    const order = shownIn(first)
    const { number = '', statusUrl = '' } = order
    if (first.status !== 201 || again.status !== 201) return [`${id}：${first.status === 201 ? again.words : first.words}`]
    const other = await make('other')
    const handed = await send({ method: 'POST', url: `${statusUrl}/pay`, body: { channel: 'wechat', way: 'h5' } })
    breakNext('accepted-then-reset', contract.order?.writeOff.sid)
    if (handed.status !== 200 || !pay('wechat', number)) return [`${id}：付不了款：${handed.words}`]
    const end = await follow(trial, statusUrl)
    const done = counts().get(number) ?? 0
    return [
      ...(shownIn(again).id === order.id ? [] : [`${id}：同一个幂等键下了两个订单`]),
      ...(other.status === 409 ? [] : [`${id}：同一张账单下了两个订单：${other.words}`]),
      ...(end.state === 'written-off' ? [] : [`${id}：付款后应已销账，却是 ${end.state}`]),
      ...(done === 1 ? [] : [`${id}：销账 ${done} 次`]),
      ...refusedIn(id, await make('late')),
    ]
  },
}

async function follow({ send, deadline }: Trial, url: string): Promise<Shown> {
  for (;;) {
    const shown = shownIn(await send({ url }))
    if ((shown.state !== 'paying' && shown.state !== 'paid') || performance.now() > deadline) return shown
    await sleep(LOOK_MS)
  }
}

/** The company's bill is paid now, or still open with the order that paid it. */
function refusedIn(id: string, late: TrialAnswer): string[] {
  return late.status === 409 ? [] : [`${id}：已缴清的账单又下了订单：${late.words}`]
}

function shownIn({ json }: TrialAnswer): Shown {
  return (json['data'] ?? {}) as Shown
}
