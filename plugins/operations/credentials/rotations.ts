import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'

/** Whoever asks again sooner has what he wants, and an agency is not asked for secrets without end. */
const PAUSE_MS = 60_000

/** Of one that has not ended by then nobody knows any more: its process is gone. */
const LONGEST_MS = 600_000

/** How the credentials of a system were last replaced before their time. Times in epoch milliseconds. */
export interface Rotation {
  system: string
  askedBy: string
  askedAt: number
  /** null while it goes on. */
  endedAt: number | null
  renewed: number
  failed: number
  /** Code of the first that failed. */
  error: string | null
}

/** Whether one goes on, as far as anybody knows. */
export function isUnderWay({ askedAt, endedAt }: Rotation, now: number): boolean {
  return endedAt === null && askedAt > now - LONGEST_MS
}

export type Outcome = Pick<Rotation, 'renewed' | 'failed' | 'error'>

export interface Rotations {
  /** One at a time over all processes, and one begun a minute. Throws HUB_RATE_LIMITED (`retryAfter`). */
  begin(system: string, askedBy: string): Promise<void>
  end(system: string, outcome: Outcome): Promise<void>
  list(): Promise<Rotation[]>
}

type Row = {
  system: string
  asked_by: string
  asked_at: number | string
  ended_at: number | string | null
  renewed: number
  failed: number
  error: string | null
}

export function createRotations(database: Database, now: () => number): Rotations {
  const rows = () => database<Row>('credential_rotations')
  return {
    async begin(system, askedBy) {
      const at = now()
      const begun = { asked_by: askedBy, asked_at: at, ended_at: null, renewed: 0, failed: 0, error: null }
      // A first one is long past: what follows decides, the same for everybody.
      await database('credential_rotations')
        .insert({ ...begun, system, asked_at: 0 })
        .onConflict('system')
        .ignore()
      const taken = await rows()
        .where({ system })
        .andWhere('asked_at', '<=', at - PAUSE_MS)
        .andWhere((query) => void query.whereNotNull('ended_at').orWhere('asked_at', '<=', at - LONGEST_MS))
        .update(begun)
      if (taken === 1) return
      const row = await rows().where({ system }).first()
      const retryAfter = Math.max(1, Math.ceil((Number(row?.asked_at ?? at) + PAUSE_MS - at) / 1000))
      throw new HubError('HUB_RATE_LIMITED', { retryAfter, detail: '这个系统的凭据刚刚更换过，或者正在更换。' })
    },
    async end(system, { renewed, failed, error }) {
      await rows().where({ system }).update({ ended_at: now(), renewed, failed, error })
    },
    list: async () => (await rows().where('asked_at', '>', 0).orderBy('system')).map(toRotation),
  }
}

function toRotation({ system, asked_by, asked_at, ended_at, renewed, failed, error }: Row): Rotation {
  const times = { askedAt: Number(asked_at), endedAt: ended_at === null ? null : Number(ended_at) }
  return { system, askedBy: asked_by, ...times, renewed: Number(renewed), failed: Number(failed), error }
}
