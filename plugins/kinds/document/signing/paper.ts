import type { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../../../config/settings.ts'
import { SettingsError } from '../../../../config/settings-error.ts'
import type { Log } from '../../../../core/base/log.ts'
import type { Seal } from '../../../workshop/seal.ts'
import { certificatesOf, type Identity, readIdentity } from './identity.ts'
import { assertInForce, type Term, termOf } from './term.ts'

/** What makes a document one of this place: its fonts, its seals, and who signs it. */
export interface Paper {
  fonts: readonly string[]
  sealOf(connector: string): Seal | null
  /** Null where nobody signs: no key is set up, and it is no sandbox. Throws HUB_SEAL_EXPIRED while a certificate is not in force. */
  identity(): Promise<Identity | null>
  /** Authorities whose time stamps are believed; with none, whoever signs well is. */
  stampers: readonly X509Certificate[]
  /** How long whoever signs still can; null where nobody does, or nobody has yet. */
  term(): Term | null
}

type Own = Pick<
  Settings,
  | 'DATA_DIR'
  | 'DOCUMENT_FONTS'
  | 'SEAL_KEY_FILE'
  | 'SEAL_CERTIFICATES_FILE'
  | 'SEAL_IMAGES'
  | 'SEAL_WARN_DAYS'
  | 'SEAL_TSA_CERTIFICATES_FILE'
>

const SAMPLE = '沙箱样章'

/** Throws a SettingsError for a key that cannot be used. */
export function openPaper(settings: Own, isSandbox: boolean, log: Pick<Log, 'warn'>, now: () => number = Date.now): Paper {
  const fonts = settings.DOCUMENT_FONTS.split(',').filter((file) => file !== '')
  const there = fonts.filter((file) => existsSync(file))
  if (there.length < fonts.length) log.warn({ setting: 'DOCUMENT_FONTS' }, '有字体文件不存在，证明里的生僻字可能印作“〓”')
  const own = ownIdentity(settings, now())
  const termNow = ({ certificates }: Identity) => termOf(certificates, now(), settings.SEAL_WARN_DAYS)
  let made: Promise<Identity> | null = null
  let signer = own
  const file = settings.SEAL_TSA_CERTIFICATES_FILE
  return {
    fonts: there,
    stampers: file === '' ? [] : usable('SEAL_TSA_CERTIFICATES_FILE', () => certificatesOf(readFileSync(file, 'utf8'))),
    sealOf(connector) {
      const image = settings.SEAL_IMAGES === '' ? null : join(settings.SEAL_IMAGES, `${connector}.png`)
      if (image !== null && existsSync(image)) return { image: readFileSync(image) }
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
function ownIdentity({ SEAL_KEY_FILE: keyFile, SEAL_CERTIFICATES_FILE: certificatesFile }: Own, now: number): Identity | null {
  if (keyFile === '' && certificatesFile === '') return null
  if (keyFile === '' || certificatesFile === '') throw new SettingsError(['SEAL_KEY_FILE and SEAL_CERTIFICATES_FILE go together'])
  return usable('SEAL_KEY_FILE, SEAL_CERTIFICATES_FILE', () => {
    const identity = readIdentity(readFileSync(keyFile, 'utf8'), readFileSync(certificatesFile, 'utf8'))
    const { state } = termOf(identity.certificates, now, 0)
    if (state === 'over') throw new Error('a certificate has expired')
    if (state === 'early') throw new Error('a certificate is not valid yet')
    return identity
  })
}

function usable<T>(names: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new SettingsError([`${names}: ${(error as Error).message}`])
  }
}
