import type { Tone } from '../../../console/blocks.ts'
import type { SystemState } from '../../../operations/system-state.ts'

/** A state in colour; its word stands beside it. */
export const TONES: Readonly<Record<SystemState, Tone>> = {
  up: 'good',
  degraded: 'note',
  timeout: 'bad',
  congested: 'note',
  unauthorised: 'bad',
  'credential-expiring': 'note',
  'data-unreadable': 'bad',
  'planned-maintenance': 'plain',
  down: 'bad',
}
