import { apart } from '../apart.ts'
import type { ServiceKind } from '../kind.ts'
import { checkAct } from './check.ts'
import acts from './index.ts'
import { personalData } from './personal-data.ts'
import { actRoutes } from './routes.ts'
import { simulateActs } from './simulator.ts'
import { type ActState, actStates } from './states.ts'
import { actTrial } from './trial.ts'

/** A command that the agency answers at once: done once, however often it is sent (docs/acts.md). */
export default {
  name: 'act',
  serves: ['act'],
  asks: false,
  method: 'POST',
  plugin: acts,
  check: checkAct,
  routes: actRoutes,
  sids: ({ act }) => (act?.statusSid === undefined ? [] : [act.statusSid]),
  // A double's status is asked for under its own id, where the agency knows one.
  double({ id, act }) {
    const { statusSid } = act ?? {}
    if (statusSid === undefined) return {}
    return { act: { ...act, statusSid: apart(`${id}.status`, statusSid) } }
  },
  simulate: simulateActs,
  trial: actTrial,
  matters: {
    table: 'acts',
    stateName: (_contract, state) => actStates[state as ActState]?.title ?? state,
    demanding: { refused: '对方没有受理。', unsent: '对方没有收到，仍需要的，请重新办理。' },
  },
  personalData,
} satisfies ServiceKind
