import type { Point } from './point.ts'
import { accessPoints } from './points-of-access.ts'
import { dataPoints } from './points-of-data.ts'

/** Every application-level point, in the order of the standard. */
export const points: readonly Point[] = [...accessPoints, ...dataPoints]
