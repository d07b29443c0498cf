import type { Fields } from '../../core/contract/fields.ts'
import { namesInPath } from '../../core/contract/paths.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'

/** What is wrong with how a service's files are fetched. */
export function checkFiles(connector: ConnectorDeclaration, contract: ServiceContract): string[] {
  const { id, services } = connector
  const { files, fields, identity } = contract
  const named = hasFiles(fields)
  if (!files) return named ? ['a field of files needs the policy by which they are fetched: files'] : []
  const { sid, path, parameter, content } = files
  const isTaken = services.some(({ contract }) => (contract.upstream?.sid ?? `${id}.${contract.id}`) === sid)
  return [
    ...(named ? [] : ['files: no field of the service names any']),
    ...(sid === '' || isTaken ? ['files.sid must be a service id of its own'] : []),
    ...(parameter === '' || content === '' ? ['files: parameter and content are keys of the agency'] : []),
    ...(files.watermark?.words === '' ? ['files.watermark needs words'] : []),
    ...(files.addresses?.hosts.some((host) => !URL.canParse(`https://${host}`) || new URL(`https://${host}`).host !== host)
      ? ['files.addresses: a host is a name, with a port where it needs one']
      : []),
    ...(Number.isSafeInteger(files.addresses?.mostBytes ?? 1) && (files.addresses?.mostBytes ?? 1) > 0
      ? []
      : ['files.addresses.mostBytes is a number of bytes']),
    ...(files.addresses?.hosts.length === 0 ? ['files.addresses names no host'] : []),
    // The file is asked for by its number; the record's inputs are not at hand then.
    ...(namesInPath(path).length > 0 ? ['files.path takes no inputs'] : []),
    ...(identity === 'none' ? ['files are for who has proved who they are'] : []),
  ]
}

function hasFiles(fields: Fields): boolean {
  return Object.values(fields).some(({ notes: { type, columns } }) => type === 'files' || (columns !== undefined && hasFiles(columns)))
}
