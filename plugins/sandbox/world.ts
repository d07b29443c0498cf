import type { SandboxWorld } from '../../core/contract/types.ts'
import { enterprises, people } from './people.ts'

const BEIJING_MS = 8 * 3_600_000

/** The invented world as it stands at a moment. */
export function worldAt(now: number): SandboxWorld {
  const today = new Date(now + BEIJING_MS).toISOString().slice(0, 10).replaceAll('-', '')
  return { now, today, people, firms: enterprises }
}
