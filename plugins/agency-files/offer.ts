import type { Row } from '../../core/answer/reading.ts'
import { addressOf, referenceOf } from '../../core/answer/values.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import type { Fields, FileNote } from '../../core/contract/fields.ts'
import { allowedAddress } from './address.ts'
import type { Asked, FileLinks } from './links.ts'

/** Gives each file of an answer, in place, the address under which this asker gets it. */
export function offerFiles(links: FileLinks, service: CompiledService, asker: Asker, asked: Asked, rows: readonly Row[]): void {
  const { contract, key } = service
  if (!contract.files) return
  for (const file of rows.flatMap((row) => filesIn(contract.fields, row))) {
    const reference = referenceOf(file)
    const given = contract.files.addresses ? addressOf(file) : undefined
    const address = given && contract.files.addresses ? allowedAddress(contract.files.addresses, given)?.href : undefined
    if (reference === undefined && address === undefined) continue
    const { name, mediaType } = file
    const sealed = links.seal(key, asker, asked, { reference: reference ?? '', address, name, mediaType })
    file.href = filePath(service, sealed)
  }
}

/** Where a file of the service is had. Beside a filing's own routes, `…/<id>/cancel`, it is a step longer, so that none is taken for the other. */
export function filePath({ connector, contract }: CompiledService, link: string): string {
  return `/v1/${connector.id}/${contract.id}/files/${link}${contract.submission ? '/content' : ''}`
}

function filesIn(fields: Fields, row: Row): FileNote[] {
  return Object.entries(fields).flatMap(([name, { notes }]) => {
    const value = row[name]
    if (!Array.isArray(value)) return []
    if (notes.type === 'files') return value as FileNote[]
    const { columns } = notes
    return columns ? (value as Row[]).flatMap((item) => filesIn(columns, item)) : []
  })
}
