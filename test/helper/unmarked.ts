import type { ConnectorDeclaration } from '../../core/contract/types.ts'

/** A connector whose files leave as the agency made them, for who reads what stands in them. */
export function unmarked(connector: ConnectorDeclaration): ConnectorDeclaration {
  const services = connector.services.map((service) => {
    const { watermark: _, ...files } = service.contract.files ?? { sid: '', parameter: '' }
    return service.contract.files ? { ...service, contract: { ...service.contract, files } } : service
  })
  return { ...connector, services }
}
