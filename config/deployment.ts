import type { ConnectorSettings } from './connectors.ts'

/** Settings that hold an address of somebody else's, or of the hub as others see it. */
const ADDRESSES = [
  'PUBLIC_URL',
  'TOKEN_ISSUER',
  'TOKEN_JWKS_URL',
  'EXCHANGE_BASE_URL',
  'SIGN_ON_BASE_URL',
  'FACE_BASE_URL',
  'MESSAGE_PUSH_URL',
  'MESSAGE_SMS_URL',
  'TRACES_URL',
] as const
const STORES = ['DATABASE_URL', 'REDIS_URL', 'MESSAGE_MAIL_URL'] as const

type Addresses = Readonly<Record<(typeof ADDRESSES)[number] | (typeof STORES)[number], string>>

interface Named {
  name: string
  value: string
}

/**
 * Names of the settings that point beyond this machine: where there is one, this is no developer's desk, whatever
 * NODE_ENV says. A person forgets NODE_ENV; nobody gives a real agency's address by mistake.
 */
export function realSettings(settings: Addresses, connectors: Readonly<Record<string, ConnectorSettings>>): string[] {
  const stores = STORES.map((name) => ({ name, value: settings[name] }))
  return [...addressesOf(settings, connectors), ...stores]
    .filter(({ value }) => value !== '' && !isOwnMachine(value))
    .map(({ name }) => name)
}

/** Names of the settings whose address is http and neither on this machine nor on a host that `allowed` lists. */
export function plainAddresses(
  settings: Addresses,
  connectors: Readonly<Record<string, ConnectorSettings>>,
  allowed: ReadonlySet<string>,
): string[] {
  return addressesOf(settings, connectors)
    .filter(({ value }) => value.startsWith('http:') && !isOwnMachine(value) && !allowed.has(new URL(value).hostname))
    .map(({ name }) => name)
}

function addressesOf(settings: Addresses, connectors: Readonly<Record<string, ConnectorSettings>>): Named[] {
  const own = ADDRESSES.map((name) => ({ name, value: settings[name] }))
  const agencies = Object.entries(connectors)
    .filter(([, { enabled }]) => enabled !== false)
    .flatMap(([id, { baseUrl, oauthBaseUrl, pagesBaseUrl, systems = {}, payment = {} }]) => [
      { name: `CONNECTORS_FILE /${id}/baseUrl`, value: baseUrl ?? '' },
      { name: `CONNECTORS_FILE /${id}/oauthBaseUrl`, value: oauthBaseUrl ?? '' },
      { name: `CONNECTORS_FILE /${id}/pagesBaseUrl`, value: pagesBaseUrl ?? '' },
      ...Object.entries(systems).map(([system, { baseUrl = '' }]) => ({
        name: `CONNECTORS_FILE /${id}/systems/${system}`,
        value: baseUrl,
      })),
      ...Object.entries(payment).map(([channel, { baseUrl }]) => ({ name: `CONNECTORS_FILE /${id}/payment/${channel}`, value: baseUrl })),
    ])
  return [...own, ...agencies]
}

/** Loopback (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). An issuer that is no address is somebody's name. */
function isOwnMachine(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
