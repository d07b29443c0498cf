import type { Outgoing, SignedRequest, Signer } from '../upstream/dialect.ts'
import type { Secret } from '../upstream/secret-memory.ts'
import type { FreshSecret, SecretStore } from '../upstream/secret-store.ts'

/** What a request was signed with, out of sight of JSON and of header loops. */
const SIGNED_WITH = Symbol('version of the secret')
type HeldRequest = SignedRequest & { [SIGNED_WITH]?: string }

export interface HeldSecretOptions {
  store: SecretStore
  /** Id of the secret that signs calls of a service. */
  idOf(sid: string): string
  fetchFresh(sid: string): Promise<FreshSecret>
  signWith(secret: string, outgoing: Outgoing): SignedRequest
  /** Asks whether the agency is there, without asking for a secret. */
  reach(): Promise<void>
}

/** The part of a signer that is the same for all short-lived secrets and tokens: obtained once, renewed when due, given up when refused. */
export function createHeldSecret({
  store,
  idOf,
  fetchFresh,
  signWith,
  reach,
}: HeldSecretOptions): Required<Pick<Signer, 'sign' | 'renew' | 'refresh' | 'inspect' | 'rotate' | 'probe'>> {
  const obtain = (sid: string) => store.obtain(idOf(sid), () => fetchFresh(sid))

  function sign(held: Secret, outgoing: Outgoing): HeldRequest {
    const request: HeldRequest = signWith(held.value, outgoing)
    request[SIGNED_WITH] = held.version
    return request
  }

  return {
    sign(outgoing) {
      const now = Date.now()
      const held = store.current(idOf(outgoing.sid), now)
      if (held === null) return obtain(outgoing.sid).then((fresh) => sign(fresh, outgoing))
      // Due, but valid: this call doesn't wait for the new secret. The store has logged a failure already.
      if (now >= held.dueAt) obtain(outgoing.sid).catch(() => {})
      return sign(held, outgoing)
    },
    async renew(sid, used: HeldRequest) {
      const version = used[SIGNED_WITH]
      if (version !== undefined) store.forget(idOf(sid), version)
    },
    inspect: (sid) => store.inspect(idOf(sid)),
    rotate: (sid) => store.rotate(idOf(sid), () => fetchFresh(sid)),
    refresh: (sid) => store.refresh(idOf(sid), () => fetchFresh(sid)),
    async probe(sid) {
      let fetched = false
      await store.obtain(idOf(sid), async () => {
        const fresh = await fetchFresh(sid)
        fetched = true
        return fresh
      })
      // A valid secret is not renewed for the sake of a probe: that could take it from calls under way.
      if (!fetched) await reach()
    },
  }
}
