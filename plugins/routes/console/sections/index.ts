import type { Section } from '../../../console/section.ts'
import { wall } from './wall.ts'

/** In the order in which the pages name them. */
export const sections: readonly Section[] = [wall]
