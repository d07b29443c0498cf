import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { execute } from '../../../core/call/execute.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { fenOf } from '../../payments/fen.ts'
import type { Agencies } from '../choices.ts'
import { canonical } from '../idempotency.ts'
import type { OrderPolicy } from './policy.ts'

/** A bill as the company answers it now. */
export interface Bill {
  /** As it may be shown, masked. */
  row: Row
  number: string
  amountFen: number
  /** Which bill, and which form of it. */
  hash: string
  version: string
}

const EVERYTHING = { keep: () => true, sort: null, columns: null, page: 1, pageSize: 1 }

/**
 * Asks the company for the bill that is to be paid, as the citizen would, so that nobody pays what is not his account's.
 * Throws HUB_NO_RECORD, or HUB_ORDER_BILL where there is nothing to pay.
 */
export async function askBill(
  service: CompiledService,
  policy: OrderPolicy,
  input: Readonly<Record<string, unknown>>,
  asker: Asker,
  { services, upstreams, vault }: Agencies & { vault: Vault },
): Promise<Bill> {
  const source = services.get(`${service.connector.id}.${policy.bill.service}`)
  const upstream = source && upstreams.get(source.system)
  // The check of declarations has made sure of both.
  if (!source || !upstream) throw new Error(`no service ${policy.bill.service}`)
  const number = String(input[policy.bill.input] ?? '')
  const given = Object.fromEntries(
    Object.keys(source.contract.inputs).flatMap((key) => (input[key] === undefined ? [] : [[key, input[key]]])),
  )
  const { rows } = await execute(source, upstream, asker, given, EVERYTHING, true)
  const row = rows.find((one) => String(one[policy.bill.input]) === number)
  if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有查到这张账单，请核对账单编号。' })
  const { field, codes } = policy.payable ?? {}
  if (field !== undefined && !codes?.includes(codeOf(row[field]))) throw new HubError('HUB_ORDER_BILL')
  const amountFen = fenOf(row[policy.amount])
  if (amountFen === null || amountFen < 1) throw new HubError('HUB_ORDER_BILL')
  const hash = vault.fingerprint(canonical([service.connector.id, asker.account?.externalId ?? null, number]), 'order-bill')
  const version = vault.fingerprint(canonical([amountFen, ...policy.version.map((name) => row[name] ?? null)]), 'order-bill-version')
  return { row, number, amountFen, hash, version }
}

function codeOf(value: unknown): string {
  return String(typeof value === 'object' && value !== null && 'code' in value ? value.code : value)
}
