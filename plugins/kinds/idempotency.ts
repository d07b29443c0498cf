import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Acting } from '../access/principal.ts'

/** What tells one request of a citizen's from another. */
export interface Keyed {
  service: CompiledService
  /** Who asks, and for whom: both are part of the key. */
  by: Acting
  /** 8 to 128 visible ASCII characters. */
  idempotencyKey: string
  /** The validated inputs, and which account they are for. */
  input: Readonly<Record<string, unknown>>
}

const KEY = /^[\x21-\x7e]{8,128}$/

/** An `Idempotency-Key`: 8 to 128 visible ASCII characters. */
export function readKey(text: string): string {
  if (!KEY.test(text)) throw new HubError('HUB_IDEMPOTENCY_KEY_MISSING')
  return text
}

/** JSON with sorted keys, so that the order in which an app writes them makes no difference. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
