import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A key and a certificate as an operator would get them. */
export function sealKey(folder: string, kind: 'rsa' | 'ec' | 'koblitz' = 'ec', days = 30) {
  const [keyFile, certificatesFile] = [join(folder, `${kind}.key`), join(folder, `${kind}.pem`)]
  const { privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: kind === 'ec' ? 'prime256v1' : 'secp256k1' })
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  openssl(['req', '-x509', '-new', '-key', keyFile, '-subj', `/CN=own-${kind}`, '-days', String(days), '-out', certificatesFile])
  return { kind, keyFile, certificatesFile, settings: { SEAL_KEY_FILE: keyFile, SEAL_CERTIFICATES_FILE: certificatesFile } }
}

/** → what it says. Throws where it fails. */
export function openssl(args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync('openssl', args, { timeout: 30_000, ...(input ? { input } : {}) })
  if (error) throw error
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`)
  return stdout
}
