import type { ServiceKind } from '../kind.ts'
import { checkJump } from './check.ts'
import jumps from './index.ts'
import { personalData } from './personal-data.ts'
import './policy.ts'
import { jumpRoutes } from './routes.ts'
import { simulateJumps } from './simulator.ts'
import { jumpTrial } from './trial.ts'

/** A way to a page of the agency's own, on which its user is known already (docs/jumps.md). */
export default {
  name: 'jump',
  serves: ['jump'],
  words: { category: '进入', button: '进入' },
  asks: false,
  recordless: true,
  method: 'POST',
  leads: true,
  plugin: jumps,
  check: checkJump,
  routes: jumpRoutes,
  simulate: simulateJumps,
  trial: jumpTrial,
  personalData,
} satisfies ServiceKind
