import type { DeadLetter, JobType } from '../queue/jobs.ts'
import type { Deliveries } from './deliveries.ts'
import type { FanOut } from './fan-out.ts'

/** The work of telling people, as operators look at it: topics, channels and codes, nothing of what is said or to whom. */
export function messageJobs(fanOut: Pick<FanOut, 'replay' | 'drop'>, deliveries: Pick<Deliveries, 'replay' | 'drop'>): JobType[] {
  return [
    {
      name: 'notices',
      title: '发件箱：须告知的事项',
      table: 'notices',
      live: (query) => void query.whereNull('dead_at'),
      failed: (query) => void query.whereNotNull('dead_at'),
      letters: {
        read: (row) => letterOf(row, `${row['topic']} ${row['about']}`, Number(row['failures']), Number(row['dead_at'])),
        replay: fanOut.replay,
        drop: fanOut.drop,
      },
    },
    {
      name: 'deliveries',
      title: '消息的发送',
      table: 'message_deliveries',
      failed: (query) => void query.whereIn('state', ['failed', 'limited']),
      letters: {
        read: (row) => letterOf(row, String(row['channel']), Number(row['attempts']), Number(row['updated_at'])),
        replay: async (id) => (await deliveries.replay(id)) !== null,
        drop: deliveries.drop,
      },
    },
    { name: 'subscriptions', title: '订阅的查询', table: 'subscriptions' },
  ]
}

function letterOf(row: Readonly<Record<string, unknown>>, about: string, attempts: number, updatedAt: number): DeadLetter {
  const lastError = row['last_error'] === null ? null : String(row['last_error'])
  return { id: String(row['id']), about, lastError, attempts, createdAt: Number(row['created_at']), updatedAt }
}
