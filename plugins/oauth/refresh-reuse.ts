import Provider from 'oidc-provider'
import type { Vault } from '../../core/base/vault.ts'

/**
 * What a rotated refresh token is followed by: derived, so that the same token twice, in whatever process, has the
 * same answer, and a hub that died on the way left nothing that another could not do over.
 */
export function successorOf(vault: Vault, token: string): string {
  return vault.fingerprint(token, 'oauth.refresh-successor')
}

/** Lets oidc-provider name rotated refresh tokens so; all others keep their random names. */
export function nameSuccessors(provider: Provider, vault: Vault): void {
  const { prototype } = provider.RefreshToken
  const random = Reflect.get(prototype, 'generateTokenId') as (this: unknown) => string
  Object.defineProperty(prototype, 'generateTokenId', {
    value(this: unknown) {
      const rotated = Provider.ctx?.oidc.entities.RotatedRefreshToken
      return rotated?.jti ? successorOf(vault, rotated.jti) : random.call(this)
    },
  })
}
