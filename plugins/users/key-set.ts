import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'

/** The keys that an issuer publishes, as {@link createKeySet} keeps them. */
export interface KeySet {
  /**
   * → what a token says that one of the keys signed. A key that is not there, or does not fit, is looked for anew.
   * Rejects as jose does, and with a plain error where the keys cannot be had.
   */
  verify(token: string, options: JWTVerifyOptions): Promise<JWTPayload>
  /** Counts the times that the set turned out to hold other keys than before. */
  readonly generation: number
  /** Fetches the set anew, unless that was tried a moment ago. */
  renew(): Promise<void>
}

export interface KeySetPace {
  /** Between two fetches, at the least, whatever tokens are sent. */
  restMs: number
  /** After this long the set is fetched again before it is used. */
  freshMs: number
  /** Of an issuer that does not answer, the last set is good for this long: so long a withdrawn key may be believed, and no longer. */
  staleMs: number
}

/** With the 30 s for which a verified token is remembered, a key that was withdrawn is believed for 60 s at most while its issuer answers. */
const PACE: KeySetPace = { restMs: 5000, freshMs: 30_000, staleMs: 600_000 }

export function createKeySet(url: string, own: Partial<KeySetPace> = {}, now: () => number = Date.now): KeySet {
  const pace = { ...PACE, ...own }
  // When to fetch is decided here alone: jose knows no rest after a failure, and none after a bad signature.
  const remote = createRemoteJWKSet(new URL(url), { timeoutDuration: 3000, cooldownDuration: Infinity, cacheMaxAge: Infinity })
  let tried = Number.NEGATIVE_INFINITY
  let fetched = Number.NEGATIVE_INFINITY
  let generation = 0
  let trouble: unknown = null
  let running: Promise<void> | null = null

  async function fetchAnew(): Promise<void> {
    const before = JSON.stringify(remote.jwks())
    try {
      await remote.reload()
      fetched = now()
      if (JSON.stringify(remote.jwks()) !== before) generation++
    } catch (error) {
      trouble = error
    } finally {
      running = null
    }
  }

  function renew(): Promise<void> {
    if (running) return running
    if (now() - tried < pace.restMs) return Promise.resolve()
    tried = now()
    running = fetchAnew()
    return running
  }

  const keys: JWTVerifyGetKey = async (header, token) => {
    if (now() - fetched >= pace.freshMs) await renew()
    if (now() - fetched >= pace.staleMs) throw new Error('the issuer’s keys cannot be had', { cause: trouble })
    return remote(header, token)
  }

  return {
    get generation() {
      return generation
    },
    renew,
    async verify(token, options) {
      const before = generation
      try {
        return (await jwtVerify(token, keys, options)).payload
      } catch (error) {
        // Its issuer may have withdrawn a key or taken a new one: under a new name, or under the old.
        if (!isKeyTrouble(error)) throw error
        await renew()
        if (generation === before) throw error
        return (await jwtVerify(token, keys, options)).payload
      }
    },
  }
}

function isKeyTrouble(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed
}
