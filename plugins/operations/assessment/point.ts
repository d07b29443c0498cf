import type { Settings } from '../../../config/settings.ts'
import type { SampleName } from './samples.ts'

/** A point of GB/T 22239-2019 level 3 (8.1.4) or of what goes with it, as far as an application answers for it. Texts are Chinese, for an assessor. */
export interface Point {
  /** `8.1.4.1 a`; unique. */
  clause: string
  area: string
  /** What is required, in short. */
  requires: string
  /** How the hub meets it; null where it is the operator's alone. */
  how: string | null
  /** Settings that decide it: their values in force are shown, of secrets only whether there is one. */
  settings?: readonly Extract<keyof Settings, string>[]
  /** Tests that prove it; each is a file of the source. */
  tests?: readonly string[]
  /** What is taken from the running system. */
  samples?: readonly SampleName[]
  /** What is left to whoever operates it. */
  operator: string
}
