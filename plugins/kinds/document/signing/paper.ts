import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../../../config/settings.ts'
import { SettingsError } from '../../../../config/settings-error.ts'
import type { Log } from '../../../../core/base/log.ts'
import type { Seal } from '../../../workshop/seal.ts'
import type { Identity } from './cms.ts'
import { CURVES } from './curves.ts'
import { assertInForce, type Term, termOf } from './term.ts'

/** What makes a document one of this place: its fonts, its seals, and who signs it. */
export interface Paper {
  fonts: readonly string[]
  sealOf(connector: string): Seal | null
  /** Null where nobody signs: no key is set up, and it is no sandbox. Throws HUB_SEAL_EXPIRED while a certificate is not in force. */
  identity(): Promise<Identity | null>
  /** How long whoever signs still can; null where nobody does, or nobody has yet. */
  term(): Term | null
}

type Own = Pick<Settings, 'DATA_DIR' | 'DOCUMENT_FONTS' | 'SEAL_KEY_FILE' | 'SEAL_CERTIFICATES_FILE' | 'SEAL_IMAGES' | 'SEAL_WARN_DAYS'>

const SAMPLE = '沙箱样章'

/** Throws a SettingsError for a key that cannot be used. */
export function openPaper(settings: Own, isSandbox: boolean, log: Pick<Log, 'warn'>, now: () => number = Date.now): Paper {
  const fonts = settings.DOCUMENT_FONTS.split(',').filter((file) => file !== '')
  const there = fonts.filter((file) => existsSync(file))
  if (there.length < fonts.length) log.warn({ setting: 'DOCUMENT_FONTS' }, '有字体文件不存在，证明里的生僻字可能印作“〓”')
  const own = readIdentity(settings, now())
  const termNow = ({ certificates }: Identity) => termOf(certificates, now(), settings.SEAL_WARN_DAYS)
  let made: Promise<Identity> | null = null
  let signer = own
  return {
    fonts: there,
    sealOf(connector) {
      const file = settings.SEAL_IMAGES === '' ? null : join(settings.SEAL_IMAGES, `${connector}.png`)
      if (file !== null && existsSync(file)) return { image: readFileSync(file) }
      return isSandbox ? { sample: SAMPLE } : null
    },
    async identity() {
      if (own === null && isSandbox) {
        // Making it needs a library that a hub without certificates need not read.
        made ??= import('./sandbox-authority.ts').then(({ sandboxIdentity }) => sandboxIdentity(settings.DATA_DIR))
        signer = await made
      }
      // A hub runs for longer than a certificate may.
      if (signer) assertInForce(termNow(signer))
      return signer
    },
    term: () => signer && termNow(signer),
  }
}

/** The operator's own; null where none is set up. */
function readIdentity({ SEAL_KEY_FILE: keyFile, SEAL_CERTIFICATES_FILE: certificatesFile }: Own, now: number): Identity | null {
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
    const { state } = termOf(chain, now, 0)
    if (state === 'over') throw new Error('a certificate has expired')
    if (state === 'early') throw new Error('a certificate is not valid yet')
    return { key, certificates: chain }
  } catch (error) {
    throw new SettingsError([`SEAL_KEY_FILE, SEAL_CERTIFICATES_FILE: ${(error as Error).message}`])
  }
}
