import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { Asker } from '../../core/contract/asker.ts'

/** What a link stands for. */
export interface LinkedFile {
  /** What the agency calls the file; empty where it is known by its address alone. */
  reference: string
  /** Where the agency keeps it, on a host that the service declares. */
  address?: string | undefined
  name: string
  /** What the agency says it is. */
  mediaType: string | null
}

/** As whom the record was asked for: asked again with each download. */
export interface Asked {
  dependant?: string | undefined
  binding?: string | undefined
  /** Of a filing: the user's account at the agency that it was filed with, whatever is bound by now. */
  account?: string | undefined
}

export interface FileLinks {
  /** → the last part of the address under which the asker, and nobody else, gets the file for a while. */
  seal(service: string, asker: Asker, asked: Asked, file: LinkedFile): string
  /** Throws HUB_FILE_LINK_INVALID for what the hub didn't write, wrote for another service, or wrote too long ago. */
  open(service: string, link: string): Sealed
}

interface Sealed extends LinkedFile, Asked {
  /** User, person and enterprise of the record, as one hash. */
  holder: string
  expires: number
}

/**
 * Links are sealed, not stored: a list of 100 records with a voucher each would write 100 rows that nobody asks for. What the
 * hub read in an answer to this asker is in the seal, so that the agency's number for a file cannot be replaced by another.
 */
export function createFileLinks({ vault, seconds }: { vault: Vault; seconds: number }): FileLinks {
  return {
    seal(service, asker, { dependant, binding, account }, { reference, address, name, mediaType }) {
      const sealed: Sealed = {
        ...{ reference, address, name, mediaType, dependant, binding, account },
        holder: holderOf(vault, asker),
        expires: Date.now() + seconds * 1000,
      }
      return vault.seal(JSON.stringify(sealed), contextOf(service))
    },
    open(service, link) {
      const sealed = unseal(vault, link, contextOf(service))
      if (sealed === null || sealed.expires <= Date.now()) throw new HubError('HUB_FILE_LINK_INVALID')
      return sealed
    },
  }
}

/** Another's link says no more than one that never was. */
export function assertHolder(vault: Vault, { holder }: Sealed, asker: Asker): void {
  if (holder !== holderOf(vault, asker)) throw new HubError('HUB_FILE_LINK_INVALID')
}

const contextOf = (service: string) => `agency-file ${service}`

/** A guardian's own record and the child's are two, and so are a person's and the firm's. */
function holderOf(vault: Vault, { userId = '', person, enterprise, account }: Asker): string {
  return vault.fingerprint([userId, person?.idNumber, enterprise?.id, account?.externalId].join('\0'), 'agency-file')
}

function unseal(vault: Vault, link: string, context: string): Sealed | null {
  try {
    return JSON.parse(vault.open(link, context)) as Sealed
  } catch {
    return null
  }
}
