import type { SandboxRows } from '../../../core/connector.ts'
import { careRows } from './care-rows.ts'
import { personalRows } from './personal-rows.ts'
import { publicRows } from './public-rows.ts'
import { unitRows } from './unit-rows.ts'

/** Persons 1 to 3 have been ill or given birth, 4 to 6 and 8 are insured and little more, 7 has nothing. */
export const sandbox: Readonly<Record<string, SandboxRows>> = { ...personalRows, ...careRows, ...publicRows, ...unitRows }
