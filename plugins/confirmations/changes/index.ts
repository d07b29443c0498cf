import type { Static } from 'typebox'
import type { Change } from '../change.ts'
import { appointment } from './appointment.ts'
import { candidate } from './candidates.ts'
import { trust, trustedChange } from './clients.ts'
import { amendment, registration, removal, representative } from './enterprises.ts'
import { guardian, operator } from './mandates.ts'
import { merge, split } from './moves.ts'
import { differenceRefund, refund, resolve } from './orders.ts'
import { realName } from './real-name.ts'
import { securitySettings } from './security.ts'
import { deletion, phone } from './users.ts'

/** Everything that one administrator alone cannot do, by the name under which it is kept and audited. */
export const changes = {
  'users.real-name': realName,
  'users.phone': phone,
  'users.delete': deletion,
  'administrators.appoint': appointment,
  'moves.merge': merge,
  'moves.split': split,
  'mandates.guardian': guardian,
  'mandates.operator': operator,
  'enterprises.register': registration,
  'enterprises.change': amendment,
  'enterprises.remove': removal,
  'enterprises.representative': representative,
  'clients.trust': trust,
  'clients.trusted-change': trustedChange,
  'orders.refund': refund,
  'orders.resolve': resolve,
  'reconciliations.refund': differenceRefund,
  'security.settings': securitySettings,
  'connectors.candidate': candidate,
}

export type ChangeKind = keyof typeof changes

/** What is to be done, by kind. */
export type PayloadOf<K extends ChangeKind> = (typeof changes)[K] extends Change<infer S> ? Static<S> : never

/** Kind → its Chinese title. */
export const changeTitles = Object.fromEntries(Object.entries(changes).map(([kind, { title }]) => [kind, title])) as Record<
  ChangeKind,
  string
>

export function isChangeKind(kind: string): kind is ChangeKind {
  return Object.hasOwn(changes, kind)
}
