/** How the sandbox's platform treats time; a test may change it while the sandbox runs. */
export interface Timing {
  /** How far a request's time may be from the platform's. */
  skewMs: number
  /** Life of a secret; null: until 23:59:59 in Beijing. */
  secretLifeMs: number | null
  /** Whether handing out a secret ends the one before; otherwise both serve until their end. */
  oneSecretAtATime: boolean
  /** Life of the users' access tokens that agencies hand out. */
  tokenLifeSeconds: number
  /** How long a filing stays at each step of its progress. */
  progressStepMs: number
  /** The clock by which the invented lives go on. */
  now: () => number
}

export const defaultTiming: Readonly<Timing> = {
  skewMs: 300_000,
  secretLifeMs: null,
  oneSecretAtATime: false,
  tokenLifeSeconds: 600,
  progressStepMs: 2000,
  now: Date.now,
}
