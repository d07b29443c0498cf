import { namesInPath } from '../../../core/contract/paths.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import './policy.ts'

/** What makes a jump one that leads somewhere, and hands over no more than a code. */
export function checkJump({ connector, contract, own, report }: KindSubject): void {
  const { jump, fields, identity, rows } = contract
  if (own !== (jump !== undefined)) report('kind jump and a jump policy go together')
  if (!own || !jump) return
  const { page, handOver } = jump
  if ((identity === 'none') !== (handOver.by === 'none'))
    report('a page that knows its visitor needs a caller who is known, and a page for everybody hands nobody over', '.jump.handOver')
  if (rows === 'many') report('a jump answers one record')
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(page)) report('the page stands behind the address of the agency’s pages', '.jump.page')
  for (const name of namesInPath(page))
    if (!contract.inputs[name]) report(`the page names an input that the service doesn’t have: ${name}`, '.jump.page')
  if (handOver.by === 'none') {
    const asks = [contract.inputs, fields].some((named) => Object.keys(named).length > 0) || jump.returnParameter !== undefined
    if (asks) report('a page for everybody has one address: no inputs, no fields, no way back', '.jump')
    return
  }
  if (handOver.by === 'sign-in') {
    if (!connector.client) report('handing over by sign-in needs what the agency’s platform asks the hub for (client)', '.jump.handOver')
    if (Object.keys(fields).length > 0) report('a jump by sign-in asks the agency nothing, so it has no fields')
    return
  }
  if (fields[handOver.field]?.notes.required !== true) report('the ticket is a required field', '.jump.handOver')
  if (contract.upstream?.method === 'GET' && contract.retry) report('a ticket is asked for once', '.retry')
}
