import type { FastifyInstance } from 'fastify'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Invocation } from '../../payments/channel.ts'
import { askBill } from './bill.ts'
import type { Choice } from './orders.ts'
import type { OrderPolicy } from './policy.ts'
import { type OrderRow, orderContext } from './rows.ts'

/** Brings an order to a channel, asking for its bill once more with the account that it was made with. Throws as `orders.pay` does, and HUB_AGENCY_CLOSED: what is paid must be written off. */
export function payOrder(
  app: FastifyInstance,
  service: CompiledService,
  row: OrderRow,
  verified: Asker,
  choice: Choice,
): Promise<Invocation> {
  app.calendar.assertOpen(service, true)
  const { order: policy, name } = service.contract
  if (!policy) throw new Error(`${service.key} has no order policy`)
  const { id, account_sealed: sealed } = row
  const asker = sealed === null ? verified : { ...verified, account: { externalId: app.vault.open(sealed, orderContext.account(id)) } }
  return app.orders.pay(row, choice, () => askBill(service, policy, billInput(app, row, policy), asker, app), policy.description ?? name)
}

/** The bill is asked for by its number alone; whose it is, the account says. */
function billInput({ vault }: FastifyInstance, { id, bill_sealed }: OrderRow, { bill }: OrderPolicy): Record<string, unknown> {
  const shown = JSON.parse(vault.open(bill_sealed, orderContext.bill(id))) as Record<string, unknown>
  return { [bill.input]: shown[bill.input] }
}
