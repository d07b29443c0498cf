import Type from 'typebox'
import { secret } from './secret.ts'

/** What it proves with: heads of the evidence, seals, fonts. */
export const papersSettings = {
  AUDIT_HEADS: Type.String({
    default: '',
    pattern: '^(file:.+|mysql://.+)?$',
    description:
      'Second place for the heads of the audit chains: file:/path, to be appended to, or mysql://… of another database. Required in production (empty: evidence/ in DATA_DIR, docs/evidence.md)',
    ...secret,
  }),
  SEAL_KEY_FILE: Type.String({
    default: '',
    description:
      'File with the private key, PEM, RSA or EC, that signs certificates (PAdES), or SM2 (GM/T 0010). Empty: the sandbox makes one with an authority of its own, production signs none',
  }),
  SEAL_CERTIFICATES_FILE: Type.String({
    default: '',
    description: 'Its certificate and those above it, PEM, the signer’s first; with SEAL_KEY_FILE',
  }),
  SEAL_TSA_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description:
      'Address of a time-stamping authority (RFC 3161) that is asked with every signature of a document (empty: the sandbox asks its own, production none)',
  }),
  SEAL_TSA_CERTIFICATES_FILE: Type.String({
    default: '',
    description: 'Certificates, PEM, of the authorities above that one; what leads to none of them is no time stamp (empty: not looked at)',
  }),
  SEAL_TSA_REQUIRED: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'off',
    description: 'on: no certificate without a time stamp; off: signed without where none can be had, which its record says',
  }),
  SEAL_WARN_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    description: 'Days before the end of such a certificate from which on /health, the log and messages to operators say so',
  }),
  SEAL_IMAGES: Type.String({
    default: '',
    description: 'Folder with the seal of each agency as <connector>.png, shown on its certificates (empty: none, in the sandbox a sample)',
  }),
  DOCUMENT_FONTS: Type.String({
    default: '/usr/share/fonts/truetype/hanazono/HanaMinA.ttf,/usr/share/fonts/truetype/hanazono/HanaMinB.ttf',
    description:
      'Font files, comma-separated, for characters of certificates that the hub’s own font lacks, as rare ones of names; these are of Debian’s fonts-hanazono',
  }),
  ADDRESS_PLACES_FILE: Type.String({
    default: '',
    description:
      'MaxMind DB file (.mmdb: GeoLite2 City, DB-IP City Lite or the like) from which log-ins show the place of their address (empty: only what sort of address it is)',
  }),
  AUDIT_KEY_FILE: Type.String({
    default: '',
    description:
      'File with the private key, PEM, Ed25519 or SM2, that signs these and archives; the database’s holder must not have it. Required in production (empty: generated once into evidence/ in DATA_DIR)',
  }),
  AUDIT_RETENTION_MONTHS: Type.Integer({
    default: 6,
    minimum: 6,
    maximum: 1200,
    description: 'Full months for which audit rows stay in the database before they may be archived',
  }),
}
