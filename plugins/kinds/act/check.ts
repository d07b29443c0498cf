import type { KindSubject } from '../../declarations/kind-rules.ts'
import './policy.ts'
import { OWN_MEMBERS } from './routes.ts'

/** What makes an act one that can be told from every other, done once, and answered for. */
export function checkAct({ contract, own, report }: KindSubject): void {
  if (!own) {
    if (contract.act) report('act is for services of kind act')
    return
  }
  const { act = {}, upstream = {}, fields, identity, rows } = contract
  if (upstream.method === 'GET') report('an act is sent with POST, PUT or DELETE')
  if (identity === 'none') report('an act needs a caller who is known')
  if (rows === 'many' || upstream.paging) report('an act answers one record')
  if (act.statusSid !== undefined && act.serial === undefined) report('act.statusSid needs act.serial: by it the agency finds an act')
  if (!Object.values(fields).some(({ notes }) => notes.required)) report('an act needs a required field: an empty answer proves nothing')
  for (const name of OWN_MEMBERS) if (fields[name]) report('the field name belongs to the hub', `.${name}`)
}
