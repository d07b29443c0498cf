import type { CompiledService } from '../../../core/call/service.ts'
import type { Deed } from '../kind.ts'
import { ACT_ROUTES } from './act-routes.ts'
import { actKinds } from './act-states.ts'

/** What its applicant may do with a filing in the state that it is in. */
export function filingDeeds({ contract: { submission } }: CompiledService, { state }: Readonly<Record<string, unknown>>): Deed[] {
  return actKinds.flatMap((kind) => {
    const act = submission?.[kind]
    if (!act?.when.some((when) => when === state)) return []
    return [{ id: kind, ...ACT_ROUTES[kind], inputs: act.inputs ?? {} }]
  })
}
