import { submissionStates } from '../../../core/contract/states.ts'
import { usesAccount } from '../../../core/contract/systems.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import type { ServiceKind } from '../kind.ts'
import filings from './index.ts'
import { filingRoutes } from './routes.ts'
import { simulateFilings } from './simulator.ts'
import { filingTrial } from './trial.ts'

/** Seconds between status queries where a filing is only tried out. */
const HURRIED_POLL_SECONDS = 0.1

/** An application or payment: accepted durably, sent once, followed to its end (docs/submissions.md). */
export default {
  name: 'filing',
  serves: ['submit', 'payment'],
  asks: false,
  method: 'POST',
  plugin: filings,
  check({ connector, contract, own, report }) {
    if (own !== (contract.submission !== undefined)) report('kind submit or payment and a submission policy go together')
    const { system } = contract.upstream ?? {}
    // A system that isn't there is named elsewhere.
    const isKnown = system === undefined || connector.systems?.[system] !== undefined
    if (own && isKnown && usesAccount(connector, contract))
      report('account.externalId is not for submissions: the account may change before the filing is sent')
    checkProgress(contract, report)
  },
  routes: filingRoutes,
  sids: ({ submission }) => (submission?.statusSid === undefined ? [] : [submission.statusSid]),
  double({ submission }) {
    if (!submission) return {}
    const { statusSid: _statusSid, ...policy } = submission
    return { submission: { ...policy, pollSeconds: HURRIED_POLL_SECONDS } }
  },
  simulate: simulateFilings,
  trial: filingTrial,
} satisfies ServiceKind

function checkProgress({ submission, fields }: ServiceContract, report: (problem: string, at?: string) => void): void {
  for (const [index, { state, when }] of (submission?.progress ?? []).entries()) {
    const at = `.submission.progress[${index}]`
    if (!(state in submissionStates)) report(`unknown state: ${state}`, at)
    for (const name of Object.keys(when)) if (!fields[name]) report(`no such field: ${name}`, at)
  }
}
