import type { KindCheck, Trial } from '../trial.ts'
import { policyOf } from './agency.ts'
import { type BookingDeed, type BookingPolicy, takersOf } from './policy.ts'

interface Shown {
  id?: string
  number?: string
  state?: string
  place?: string
  visitors?: { id: string | null }[]
  statusUrl?: string
}

/**
 * A place is taken once, under a repeated key and with the agency's answer lost on its way; then all that the connector does with
 * bookings is done with it.
 */
export const bookingTrial: KindCheck = {
  id: 'bookings',
  title: '一次预约只占一次名额，可以改签、取消和退票，名额如数退回',
  tier: 'silver',
  none: '没有预约服务',
  async run(trial) {
    const policy = policyOf(trial.service)
    // What is done with bookings is tried with those that it is done with.
    if (!policy) return []
    const { connector, contract } = trial.service
    const { id } = contract
    const tries = await inputsOf(trial, policy)
    if (tries.length < 2) return [`${id}：沙箱里没有两个可以预约的时段`]
    const take = (key: string, inputs: object) =>
      trial.send({
        method: 'POST',
        url: `/v1/${connector.id}/${id}`,
        headers: { 'idempotency-key': `conformance-${id}-${key}` },
        body: inputs,
      })
    const [inputs = {}, others = {}] = tries

    trial.breakNext('accepted-then-reset')
    const lost = await take('whole', inputs)
    const again = await take('whole', inputs)
    const booking = shownIn(lost)
    if (lost.status !== 202 && lost.status !== 201) return [`${id}：约不上：${lost.words}`]
    const settled = await follow(trial, booking.statusUrl ?? '', 'confirmed')
    const reasons = [
      ...(shownIn(again).id === booking.id ? [] : [`${id}：同一个幂等键预约了两次`]),
      ...(settled.state === 'confirmed' ? [] : [`${id}：答复丢失之后应为 confirmed，却是 ${settled.state}`]),
      ...(trial.counts().get(booking.number ?? '') === 1 ? [] : [`${id}：占位 ${trial.counts().get(booking.number ?? '')} 次`]),
    ]
    if (reasons.length > 0) return reasons
    const deeds = new Map(
      connector.services.flatMap(({ contract: { booking: deed, id: service } }) =>
        deed && 'does' in deed && takersOf(deed).includes(id) ? [[deed.does, service] as const] : [],
      ),
    )
    return doAll(trial, deeds, { booking: settled, others, second: () => take('second', inputs) })
  },
}

interface Tried {
  booking: Shown
  /** What it can be moved to. */
  others: Readonly<Record<string, unknown>>
  second(): ReturnType<Trial['send']>
}

async function doAll(trial: Trial, deeds: ReadonlyMap<BookingDeed['does'], string>, { booking, others, second }: Tried): Promise<string[]> {
  const { connector, contract } = trial.service
  const { id } = contract
  const act = (does: BookingDeed['does'], body: object, key: string = does) =>
    trial.send({
      method: 'POST',
      url: `/v1/${connector.id}/${deeds.get(does)}`,
      headers: { 'idempotency-key': `conformance-${id}-${key}` },
      body,
    })
  const reasons: string[] = []
  const expect = async (does: BookingDeed['does'], body: object, state: string) => {
    if (!deeds.has(does)) return
    const done = await act(does, body)
    const shown = shownIn(done)
    if (shown.state !== state) reasons.push(`${deeds.get(does)}：应为 ${state}：${done.words}`)
  }
  const seat = booking.visitors?.[0]?.id
  if (deeds.has('code')) {
    const shown = await act('code', { booking: booking.id, ...(seat ? { visitor: seat } : {}) })
    if (shown.status !== 200 || !shown.text.includes('data:image/png')) reasons.push(`${deeds.get('code')}：没有二维码：${shown.words}`)
  }
  const moving = connector.services.find((service) => service.contract.id === deeds.get('reschedule'))?.contract.inputs ?? {}
  const moved = Object.fromEntries(Object.keys(moving).flatMap((name) => (others[name] === undefined ? [] : [[name, others[name]]])))
  await expect('reschedule', { booking: booking.id, ...moved }, 'confirmed')
  await expect('cancel', { booking: booking.id }, 'cancelled')
  if (deeds.has('refund')) {
    const next = shownIn(deeds.has('cancel') ? await second() : { json: { data: booking } })
    const done = await act('refund', { booking: next.id })
    if (shownIn(done).state !== 'refunded') reasons.push(`${deeds.get('refund')}：应为 refunded：${done.words}`)
  }
  if (deeds.has('remove') && deeds.has('cancel')) {
    await act('remove', { booking: booking.id })
    const gone = await trial.send({ url: booking.statusUrl ?? '' })
    if (gone.status !== 404) reasons.push(`${deeds.get('remove')}：删除之后还在：${gone.words}`)
  }
  return reasons
}

/** Inputs for two different slots, with somebody of age where people are named. */
async function inputsOf(
  { inputs, send, service: { connector } }: Trial,
  policy: BookingPolicy,
): Promise<Readonly<Record<string, unknown>>[]> {
  const rowsOf = async (service: string) =>
    ((await send({ url: `/v1/${connector.id}/${service}?pageSize=100` })).json['data'] ?? []) as Record<string, unknown>[]
  const { slots, days, visitors } = policy
  const chosen = visitors ? { [visitors.input]: [textOf((await rowsOf(visitors.service))[0]?.[visitors.id])] } : {}
  if (!slots) return dayInputs(days?.input ?? '', policy.rules.aheadDays).map((day) => ({ ...inputs, ...chosen, ...day }))
  const rows = (await rowsOf(slots.service)).filter(
    (row) => (slots.open === undefined || row[slots.open] === true) && Number(row[slots.left]) > 0,
  )
  // The last ones: there is time for all that the rules allow.
  return rows.slice(-2).map((row) => ({ ...inputs, ...chosen, [slots.input]: textOf(row[slots.id]), ...dayOf(inputs, row[slots.day]) }))
}

/** A day that is asked for beside the slot is the slot's own. */
function dayOf(inputs: Readonly<Record<string, unknown>>, day: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) => (/^\d{4}-\d\d-\d\d$/.test(String(value)) ? [[name, day]] : [])),
  )
}

function dayInputs(name: string, ahead: number): Record<string, string>[] {
  return [ahead, ahead - 1].map((days) => ({ [name]: new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10) }))
}

async function follow({ send, deadline }: Trial, url: string, state: string): Promise<Shown> {
  for (;;) {
    const shown = shownIn(await send({ url }))
    if (shown.state === state || performance.now() > deadline || shown.state === 'failed') return shown
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function shownIn({ json }: { json: Readonly<Record<string, unknown>> }): Shown {
  return (json['data'] ?? {}) as Shown
}

function textOf(value: unknown): string {
  return String(typeof value === 'object' && value !== null && 'code' in value ? value.code : value)
}
