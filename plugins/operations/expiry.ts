import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { ConnectorSettings } from '../../config/connectors.ts'

/** Something that ends on a day that is known. */
export interface Expiry {
  kind: 'certificate' | 'credential'
  /** `<host>:<port>`, the name of a setting, or a system's key. */
  subject: string
  /** Epoch milliseconds. */
  at: number
}

/** Certificates live for weeks at least. */
const LOOK_MS = 3_600_000
const TIMEOUT_MS = 3000

/** When the certificates of agencies and of the hub's own, and credentials whose end an operator has noted, run out. Looked at hourly. */
export function createExpiries(
  {
    settings,
    systemAddresses,
    connectorSettings,
    log,
  }: Pick<FastifyInstance, 'settings' | 'systemAddresses' | 'connectorSettings' | 'log'>,
  now: () => number = Date.now,
): () => Promise<readonly Expiry[]> {
  let last: Promise<readonly Expiry[]> | null = null
  let lookedAt = 0

  async function look(): Promise<readonly Expiry[]> {
    const places = new Set([...systemAddresses.values(), settings.PUBLIC_URL].filter((url) => url.startsWith('https:')).map(placeOf))
    const served = await Promise.all([...places].map((place) => certificateAt(place).catch((error) => missed(place, error))))
    const seal = settings.SEAL_CERTIFICATES_FILE ? [await ownCertificate('SEAL_CERTIFICATES_FILE', settings.SEAL_CERTIFICATES_FILE)] : []
    return [...[...served, ...seal].filter((found) => found !== null), ...credentialsOf(connectorSettings)]
  }

  /** That nobody answers is told elsewhere. */
  function missed(place: string, error: unknown): null {
    log.debug({ place, error: String((error as { code?: unknown }).code ?? 'TIMEOUT') }, '没有取得对方系统的证书')
    return null
  }

  async function ownCertificate(subject: string, path: string): Promise<Expiry | null> {
    const pem = await readFile(path, 'utf8').catch(() => null)
    return pem === null ? null : { kind: 'certificate', subject, at: Date.parse(new X509Certificate(pem).validTo) }
  }

  return () => {
    if (!last || now() - lookedAt > LOOK_MS) {
      lookedAt = now()
      last = look()
    }
    return last
  }
}

function placeOf(url: string): string {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port || 443}`
}

/** What is presented, valid or not: that it is no more is what is wanted to be known. */
function certificateAt(place: string): Promise<Expiry> {
  const cut = place.lastIndexOf(':')
  const [host, port] = [place.slice(0, cut).replace(/^\[|\]$/g, ''), Number(place.slice(cut + 1))]
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(isIP(host) ? {} : { servername: host }), rejectUnauthorized: false, timeout: TIMEOUT_MS })
    socket.once('secureConnect', () => {
      const at = Date.parse(socket.getPeerCertificate().valid_to)
      socket.destroy()
      if (Number.isNaN(at)) reject(new Error('no certificate'))
      else resolve({ kind: 'certificate', subject: place, at })
    })
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')))
    socket.once('error', reject)
  })
}

/** The end of the day, Beijing time. */
function credentialsOf(settings: Readonly<Record<string, ConnectorSettings>>): Expiry[] {
  return Object.entries(settings).flatMap(([id, { credentialsExpire, systems = {} }]) =>
    [
      [id, credentialsExpire] as const,
      ...Object.entries(systems).map(([name, own]) => [`${id}/${name}`, own.credentialsExpire] as const),
    ].flatMap(([subject, day]) => (day ? [{ kind: 'credential' as const, subject, at: Date.parse(`${day}T23:59:59+08:00`) }] : [])),
  )
}
