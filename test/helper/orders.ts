import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { ConnectorDeclaration } from '../../core/connector.ts'
import type { OrdersPluginOptions } from '../../plugins/kinds/order/index.ts'
import { people } from '../../plugins/sandbox/people.ts'
import { billing } from './bills.ts'
import { build } from './hub.ts'
import type { targets } from './targets.ts'

type Channel = 'wechat' | 'alipay'
interface Options {
  person?: number
  key?: string
  service?: string
  body?: object
}

/** A hub that listens, for the channels' notices, in which persons 1 and 2 share a household and 3 has one. */
export async function openOrders(
  t: Test,
  target: (typeof targets)[number],
  declaration: ConnectorDeclaration = billing(),
  store?: Record<string, string>,
  reconciling: OrdersPluginOptions['reconciling'] = {},
) {
  const jobs = { sweepMs: 50, pace: { baseMs: 20, maxMs: 100, settleMs: 300, closeMs: 0 }, reconciling }
  const hub = await build(t, { target, declarations: [declaration], jobs, ...(store ? { store } : {}) })
  await hub.app.listen({ port: 0, host: '127.0.0.1' })
  for (const [index, externalId] of [
    [1, '10000001'],
    [2, '10000001'],
    [3, '10000003'],
  ] as const)
    await hub.app.accounts.store.bind({
      userId: people[index - 1]?.id ?? '',
      connector: 'waterworks',
      externalId,
      unionId: null,
      level: 'real-name',
      by: 'id-match',
    })
  const base = (service = 'orders') => `/v1/waterworks/${service}`
  const headers = async ({ person = 1, key = randomUUID() }: Options) => ({
    authorization: `Bearer ${await hub.token({ person, face: true })}`,
    'idempotency-key': key,
  })
  const post = async (url: string, options: Options = {}) =>
    hub.app.inject({ method: 'POST', url, headers: await headers(options), ...(options.body ? { payload: options.body } : {}) })
  const read = async (url: string, options: Options = {}) => (await hub.app.inject({ url, headers: await headers(options) })).json().data
  const until = async (url: string, states: readonly string[], options: Options = {}) => {
    for (const end = Date.now() + 15_000; Date.now() < end; await sleep(25)) {
      const data = await read(url, options)
      if (states.includes(data.state)) return data
    }
    throw new Error(`not reached ${states}: ${JSON.stringify(await read(url, options))}`)
  }
  const sandbox = hub.app.sandbox
  if (!sandbox) throw new Error('no sandbox')
  const make = async (billNumber: string, options: Options = {}) => {
    const response = await post(base(options.service), { ...options, body: { billNumber } })
    return { status: response.statusCode, code: response.json().code, ...response.json().data }
  }
  /** Takes an order to a channel, whose page learns of it. */
  const hand = async ({ statusUrl }: { statusUrl: string }, channel: Channel, options: Options = {}) => {
    const response = await post(`${statusUrl}/pay`, { ...options, body: { channel, way: 'h5' } })
    const { data, code } = response.json()
    if (data?.url && channel === 'alipay') await fetch(data.url)
    return { status: response.statusCode, code, ...data }
  }
  return { hub, sandbox, post, read, until, make, hand, payments: sandbox.payments }
}
