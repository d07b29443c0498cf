import { careRows } from './care-rows.ts'
import type { Rows } from './insured.ts'
import { personalRows } from './personal-rows.ts'
import { publicRows } from './public-rows.ts'
import { unitRows } from './unit-rows.ts'

/** Persons 1 to 3 have something in every service, 4 to 6 are insured and little more, 7 has nothing. */
export const sandbox: Readonly<Record<string, Rows>> = { ...personalRows, ...careRows, ...publicRows, ...unitRows }
