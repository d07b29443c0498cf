import { checkFiles } from '../../agency-files/check.ts'
import { apart } from '../apart.ts'
import type { ServiceKind } from '../kind.ts'
import { actKinds } from './act-states.ts'
import { checkAgainst } from './against.ts'
import { checkAges } from './ages.ts'
import { checkSubmission } from './check.ts'
import { checkJoint } from './check-joint.ts'
import { filingDeeds } from './deeds.ts'
import filings from './index.ts'
import { checkOtp } from './otp.ts'
import { checkParties } from './parties.ts'
import { personalData } from './personal-data.ts'
import { statesOf } from './states.ts'
import './policy.ts'
import { checkPrecheck } from './precheck.ts'
import { filingRoutes } from './routes.ts'
import { simulateFilings } from './simulator.ts'
import { filingTrial } from './trial.ts'

/** Seconds between status queries where a filing is only tried out. */
const HURRIED_POLL_SECONDS = 0.1
/** It is looked at more often than people look. */
const HURRIED_RATE = { max: 10_000, perSeconds: 60 }

/** An application or payment: kept durably, sent once, followed to its end (docs/submissions.md). */
export default {
  name: 'filing',
  serves: ['submit', 'payment'],
  asks: false,
  keeps: true,
  method: 'POST',
  plugin: filings,
  check(subject) {
    const { connector, contract, own, report } = subject
    if (own !== (contract.submission !== undefined)) report('kind submit or payment and a submission policy go together')
    if (own) for (const problem of checkFiles(connector, contract)) report(problem)
    for (const problem of checkSubmission('', contract))
      report(problem.slice(problem.indexOf(': ') + 2), problem.slice(0, problem.indexOf(': ')))
    for (const check of [checkPrecheck, checkAgainst, checkOtp, checkParties, checkAges, checkJoint]) check(subject)
  },
  routes: filingRoutes,
  deeds: filingDeeds,
  sids: ({ submission }) =>
    [submission?.statusSid, ...actKinds.map((kind) => submission?.[kind]?.sid), submission?.otp?.sid, submission?.otp?.verifySid].filter(
      (sid) => sid !== undefined,
    ),
  uses: ({ submission }) => [
    submission?.precheck?.service,
    submission?.against?.service,
    ...Object.values(submission?.joint?.parts ?? {}).map(({ payment }) => payment?.service),
  ],
  paths: ({ submission }) =>
    Object.fromEntries(actKinds.flatMap((kind) => submission?.[kind] ?? []).map(({ sid, path = sid }): [string, string] => [sid, path])),
  double({ id, submission }) {
    if (!submission) return {}
    const { statusSid: _statusSid, ...policy } = submission
    const { otp } = policy
    // Codes of several services tried at once are told apart, and more than one is asked for.
    const codes = otp ? { otp: { ...otp, sid: `${id}.${otp.sid}`, verifySid: `${id}.${otp.verifySid}`, pauseSeconds: 0 } } : {}
    const acts = actKinds.flatMap((kind) => {
      const act = policy[kind]
      if (!act) return []
      const place = `${id}.${kind}`
      const path = act.path === undefined ? {} : { path: `${place}/${act.path}` }
      return [[kind, { ...act, sid: apart(place, act.sid), ...path }]] as const
    })
    return { submission: { ...policy, ...codes, ...Object.fromEntries(acts), pollSeconds: HURRIED_POLL_SECONDS }, rate: HURRIED_RATE }
  },
  simulate: simulateFilings,
  trial: filingTrial,
  matters: { table: 'submissions', stateName: (contract, state) => statesOf(contract.submission).titleOf(state) },
  personalData,
} satisfies ServiceKind
