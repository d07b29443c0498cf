import type { Kind } from '../../../core/contract/types.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import { requiredInputs } from '../../openapi/query-schema.ts'

const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

const ASKING: ReadonlySet<Kind> = new Set(['query', 'list', 'status', 'document'])

/** What is wrong with what a service lets its users subscribe to. */
export function checkSubscriptions({ contract, report }: KindSubject): void {
  const { subscriptions, fields, identity } = contract
  if (!subscriptions) return
  if (!ASKING.has(contract.kind)) report('subscriptions are for services that ask', '.subscriptions')
  if (identity === 'none') report('subscriptions need a user: identity login or above', '.subscriptions')
  if (contract.face?.once) report('a face that is spent by the call cannot stand for later ones', '.subscriptions')
  for (const name of requiredInputs(contract))
    if (name !== contract.key) report(`nobody is there to give the input ${name}`, '.subscriptions')
  for (const [id, policy] of Object.entries(subscriptions)) {
    const at = `.subscriptions.${id}`
    if (!ID.test(id) || id.length > 64) report('the id must be kebab-case', at)
    if (!policy.title) report('missing title', at)
    if (policy.on === 'date') {
      if (!['date', 'until'].includes(fields[policy.field]?.notes.type ?? ''))
        report(`must name a field of type date or until: ${policy.field}`, at)
      const wrong = policy.daysBefore.filter((days) => !Number.isInteger(days) || days < 0 || days > 366)
      if (policy.daysBefore.length === 0 || wrong.length > 0) report('daysBefore must hold whole days, 0 to 366', at)
    } else {
      if (policy.key.length === 0) report('key must name a field', at)
      for (const name of policy.key) if (!fields[name]) report(`no such field: ${name}`, at)
    }
  }
}
