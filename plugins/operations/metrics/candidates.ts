import type { FastifyInstance } from 'fastify'
import { counter, gauge, type Metric, sample } from './metric.ts'

/** Second versions of connectors: what of them is in use, and how they answer beside the running ones, in this process. */
export function candidateMetrics(app: Pick<FastifyInstance, 'candidates'>): Metric[] {
  const totals = (isWanted: (kind: string) => boolean) => app.candidates.counts.totals().filter(({ kind }) => isWanted(kind))
  return [
    gauge('hub_candidate_share', 'Percent of reads that are compared (shadow), of users who are answered (users)', () =>
      app.candidates.list.flatMap((candidate) => {
        const { connector, version } = candidate
        const { mode = 'off', shadowShare = 0, share = 0 } = app.candidates.modeOf(candidate) ?? {}
        return [
          sample(mode === 'off' ? 0 : shadowShare, { connector, version, of: 'shadow' }),
          sample(mode === 'canary' ? share : 0, { connector, version, of: 'users' }),
        ]
      }),
    ),
    counter('hub_candidate_reads_total', 'Reads compared with the candidate’s answer: same, different; skipped: there was no room', () =>
      totals((kind) => kind === 'shadow').map(({ connector, version, name: result, n }) => sample(n, { connector, version, result })),
    ),
    counter(
      'hub_candidate_answers_total',
      'Answers to callers while some are the candidate’s: calls, and of them errors, unreadable and empty',
      () =>
        totals((kind) => kind.startsWith('answers')).map(({ connector, version, kind, name, n }) =>
          sample(n, { connector, version, side: kind.slice('answers.'.length), of: name }),
        ),
    ),
  ]
}
