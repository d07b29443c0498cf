import type { SandboxRows } from '../../../core/connector.ts'
import { accountRows } from './account-rows.ts'
import { contractRows } from './contract-rows.ts'
import { loanRows } from './loan-rows.ts'
import { trialRows } from './trial-rows.ts'

/**
 * The agency's records of the sandbox's invented people: person 1 has everything, 2 is co-borrower
 * of 1, 3 is retired with two loans that are paid off, 4 to 6 only save, 7 and 8 have nothing at all. Rows are in the
 * agency's own keys and forms.
 */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  ...accountRows,
  ...contractRows,
  ...loanRows,
  ...trialRows,
}
