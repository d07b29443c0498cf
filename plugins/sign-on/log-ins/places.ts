import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type CityResponse, Reader } from 'mmdb-lib'
import { SettingsError } from '../../../config/settings-error.ts'
import { addressName } from './describe.ts'

interface Named {
  readonly names?: { readonly 'zh-CN'?: string; readonly en?: string }
}

/**
 * → where an address is by the operator's file (MaxMind DB, as GeoLite2 City, DB-IP City Lite and others come), `中国 · 河南 · 许昌`,
 * or else what sort of address it is. A place is that of whoever the address was given to: a hint for people, nothing to decide by.
 * Without a file every address has its sort alone. Throws a SettingsError for one that cannot be read.
 */
export function openPlaces(file: string): (address: string) => string {
  if (file === '') return addressName
  const reader = open(file)
  return (address) => {
    const found = isIP(address) === 0 ? null : reader.get(address)
    const { country, subdivisions = [], city } = found ?? {}
    const parts = [country, subdivisions[0], city].flatMap((each?: Named) => each?.names?.['zh-CN'] ?? each?.names?.en ?? [])
    // A municipality is its own province.
    const words = parts.filter((word, index) => word !== parts[index - 1])
    return words.length === 0 ? addressName(address) : words.join(' · ')
  }
}

function open(file: string): Reader<CityResponse> {
  try {
    return new Reader<CityResponse>(readFileSync(file))
  } catch (error) {
    throw new SettingsError([`ADDRESS_PLACES_FILE: ${file} cannot be read (${(error as Error).message})`])
  }
}
