import type { FastifyInstance } from 'fastify'
import { beijing } from '../../../core/base/time.ts'
import { pagePath } from '../../kinds/order/page-path.ts'
import { type OrderRow, orderContext } from '../../kinds/order/rows.ts'
import type { ChannelId } from '../../payments/channel.ts'
import { yuanOf } from '../../payments/fen.ts'
import { channelNames } from '../../payments/merchants.ts'
import { readable } from '../../web/parts.ts'
import { wordsOf } from '../../workshop/tabular.ts'
import type { ShownOrder } from './payment-page.ts'

/** An order as its payment page shows it: the bill as it was made from, masked. */
export function shownOrder({ services, connectors, vault }: FastifyInstance, row: OrderRow): ShownOrder {
  const contract = services.get(`${row.connector}.${row.service}`)?.contract
  const { words = {}, amount, description } = contract?.order ?? {}
  const bill = JSON.parse(vault.open(row.bill_sealed, orderContext.bill(row.id))) as Record<string, unknown>
  // What the hub itself knows of an order has a place of its own on the page.
  const fields = Object.entries(contract?.fields ?? {}).filter(
    ([name, { notes }]) => words[name] === undefined && name !== amount && notes.type !== 'list' && notes.type !== 'files',
  )
  return {
    path: pagePath(row.number),
    title: description ?? contract?.name ?? '缴费',
    agency: connectors.find(({ id }) => id === row.connector)?.agency ?? '',
    amount: yuanOf(row.amount_fen),
    bill: fields.flatMap(([name, { notes }]) => {
      const value = wordsOf(notes, bill[name])
      return value === null ? [] : [[notes.title, value] as const]
    }),
    number: row.number,
    expires: readable(beijing(row.expires_at)),
  }
}

/** By which channels an order can be paid in a browser. */
export function channelsOf({ orders: { channels } }: FastifyInstance, { connector }: OrderRow): { id: ChannelId; name: string }[] {
  const known = Object.entries(channelNames) as [ChannelId, string][]
  return known.flatMap(([id, name]) =>
    channels.has(connector, id) && channels.channelOf(connector, id).ways.includes('h5') ? [{ id, name }] : [],
  )
}

export const clock = (at: number | null) => (at === null ? null : readable(beijing(at)))
