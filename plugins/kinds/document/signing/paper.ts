import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../../../config/settings.ts'
import { SettingsError } from '../../../../config/settings-error.ts'
import type { Log } from '../../../../core/base/log.ts'
import type { Seal } from '../../../workshop/seal.ts'
import type { Identity } from './cms.ts'
import { CURVES } from './curves.ts'

/** What makes a document one of this place: its fonts, its seals, and who signs it. */
export interface Paper {
  fonts: readonly string[]
  sealOf(connector: string): Seal | null
  /** Null where nobody signs: no key is set up, and it is no sandbox. */
  identity(): Promise<Identity | null>
}

type Own = Pick<Settings, 'DATA_DIR' | 'DOCUMENT_FONTS' | 'SEAL_KEY_FILE' | 'SEAL_CERTIFICATES_FILE' | 'SEAL_IMAGES'>

const SAMPLE = '沙箱样章'

/** Throws a SettingsError for a key that cannot be used. */
export function openPaper(settings: Own, isSandbox: boolean, log: Pick<Log, 'warn'>): Paper {
  const fonts = settings.DOCUMENT_FONTS.split(',').filter((file) => file !== '')
  const there = fonts.filter((file) => existsSync(file))
  if (there.length < fonts.length) log.warn({ setting: 'DOCUMENT_FONTS' }, '有字体文件不存在，证明里的生僻字可能印作“〓”')
  const own = readIdentity(settings)
  let made: Promise<Identity> | null = null
  return {
    fonts: there,
    sealOf(connector) {
      const file = settings.SEAL_IMAGES === '' ? null : join(settings.SEAL_IMAGES, `${connector}.png`)
      if (file !== null && existsSync(file)) return { image: readFileSync(file) }
      return isSandbox ? { sample: SAMPLE } : null
    },
    async identity() {
      if (own !== null || !isSandbox) return own
      // Making it needs a library that a hub without certificates need not read.
      made ??= import('./sandbox-authority.ts').then(({ sandboxIdentity }) => sandboxIdentity(settings.DATA_DIR))
      return made
    },
  }
}

/** The operator's own; null where none is set up. */
function readIdentity({ SEAL_KEY_FILE: keyFile, SEAL_CERTIFICATES_FILE: certificatesFile }: Own): Identity | null {
  if (keyFile === '' && certificatesFile === '') return null
  if (keyFile === '' || certificatesFile === '') throw new SettingsError(['SEAL_KEY_FILE and SEAL_CERTIFICATES_FILE go together'])
  try {
    const key = createPrivateKey(readFileSync(keyFile))
    const certificates = readFileSync(certificatesFile, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    const chain = certificates.map((pem) => new X509Certificate(pem))
    if (!['rsa', 'ec'].includes(key.asymmetricKeyType ?? '')) throw new Error('only RSA and EC keys sign documents')
    const curve = key.asymmetricKeyDetails?.namedCurve
    if (key.asymmetricKeyType === 'ec' && !Object.hasOwn(CURVES, curve ?? ''))
      throw new Error(`no documents are signed on the curve ${curve}`)
    if (!chain[0]?.checkPrivateKey(key)) throw new Error('the first certificate is not of this key')
    if (Date.parse(chain[0].validTo) < Date.now()) throw new Error('the certificate has expired')
    return { key, certificates: chain }
  } catch (error) {
    throw new SettingsError([`SEAL_KEY_FILE, SEAL_CERTIFICATES_FILE: ${(error as Error).message}`])
  }
}
