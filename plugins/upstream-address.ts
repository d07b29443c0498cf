import type { ConnectorSettings } from '../config/connectors.ts'
import type { Settings } from '../config/settings.ts'
import type { UpstreamDeclaration } from '../core/contract/types.ts'
import type { Sandbox } from './sandbox/server.ts'

type Given = Pick<ConnectorSettings, 'baseUrl' | 'credentials'>

/** Where a system stands and what calls to it are signed with. */
export interface UpstreamAddress {
  baseUrl: string
  credentials: Record<string, string>
}

/** The address that an operator has configured: for the connector, or for all of its dialect; '' where it is the sandbox's. */
export function configuredAddress({ dialect }: UpstreamDeclaration, own: Given, settings: Settings): string {
  const general = settings as unknown as Readonly<Record<string, string>>
  return own.baseUrl ?? (dialect.baseUrlSetting ? (general[dialect.baseUrlSetting] ?? '') : '')
}

/** The connector's own configuration first, then the hub's settings, then the sandbox. */
export function addressOf(
  key: string,
  declaration: UpstreamDeclaration,
  own: Given,
  settings: Settings,
  simulated: Sandbox | null,
): UpstreamAddress {
  const { dialect } = declaration
  const general = settings as unknown as Readonly<Record<string, string>>
  const configured = configuredAddress(declaration, own, settings)
  const sandbox: Readonly<Record<string, string>> | undefined = configured ? undefined : simulated?.[dialect.name as 'exchange']
  const baseUrl = configured || sandbox?.['baseUrl']
  if (!baseUrl) throw new Error(`${key}: no address; set ${dialect.baseUrlSetting ?? 'baseUrl in CONNECTORS_FILE'}`)
  const credentials: Record<string, string> = {}
  for (const [name, notes] of Object.entries(dialect.credentials)) {
    const value = own.credentials?.[name] ?? sandbox?.[name] ?? (notes.setting ? general[notes.setting] : undefined)
    if (!value) throw new Error(`${key}: credential ${name} is missing${notes.setting ? `; set ${notes.setting}` : ''}`)
    credentials[name] = value
  }
  return { baseUrl, credentials }
}
