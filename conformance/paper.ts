import type { ConnectorDeclaration } from '../core/contract/types.ts'

/** What there is to read of a connector before it is started. */
export interface Paper {
  connector: ConnectorDeclaration
  /** Text of `connectors/<id>/README.md`; null where there is none. */
  readme: string | null
}
