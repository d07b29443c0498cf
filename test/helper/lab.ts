import type { OpenLab } from '../../conformance/lab.ts'
import { openLabOn } from '../../conformance/open-lab.ts'
import { copyStore } from './templates.ts'

/** The kit's own hub, on a copy of a migrated store. */
export const openLab: OpenLab = (declarations) => openLabOn(declarations, copyStore)
