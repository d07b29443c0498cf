import type { ConnectorDeclaration } from '../core/contract/types.ts'
import { DeclarationError } from '../plugins/declarations/check.ts'
import { readConfigured } from '../plugins/load-connectors.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage.ts'

interface Which {
  /** Those of the hub itself too. */
  own?: boolean
  /** Those with which the hub would not start, too. */
  faulty?: boolean
}

/**
 * → the connector of that id, in a folder or a package, and the folder of its code ('' unless it is sound). Throws what is wrong with it, or which ones
 * there are.
 */
export async function findConnector(io: Io, id: string, { own = false, faulty = false }: Which = {}) {
  const { declarations, internal, refused, places } = await readConfigured(io.settings())
  const all = own ? [...declarations, ...internal] : declarations
  const broken = refused.find((each) => each.id === id)
  const found: ConnectorDeclaration | null | undefined = all.find((each) => each.id === id) ?? (faulty ? broken?.declaration : null)
  if (found) return { connector: found, place: places.get(id) ?? '' }
  if (broken) throw new DeclarationError([...broken.reasons])
  throw new UsageError(`没有这个连接器：${id}（现有 ${all.map((each) => each.id).join('、')}）`)
}
