import { createHash, randomUUID } from 'node:crypto'
import type { Row } from '../../../core/answer/reading.ts'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type Asker, NOBODY } from '../../../core/contract/asker.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import { principalOf } from '../../access/principal.ts'
import { groupCode, newCode, readCode } from '../../users/typed-code.ts'
import type { DocumentBody } from '../../workshop/body.ts'
import type { PrintedDocument } from '../../workshop/layout.ts'
import type { SignatureNote } from '../../workshop/signature-field.ts'
import { composeBody, type Holder, maskedHolder } from './content.ts'
import type { Identity } from './signing/identity.ts'
import type { Paper } from './signing/paper.ts'
import type { SignatureForm } from './signing/sign.ts'
import type { TimeStamper } from './signing/time-stamper.ts'

/** How long a document can be verified, in milliseconds, unless its service says otherwise. */
export const VALID_MS = 90 * 24 * 3_600_000

/** What a verification shows. */
export interface Verification {
  valid: true
  service: string
  agency: string
  /** Masked; null for a document about nobody. */
  holder: Holder | null
  /** RFC 3339, Beijing time. */
  issuedAt: string
  expiresAt: string
  /** SHA-256 of the file, hex. */
  contentHash: string
}

type Print = (content: PrintedDocument) => Promise<Buffer>

/** A document that is no service's answer. */
export interface OwnDocument {
  /** Of which connector it speaks, and what its kind is called in listings. */
  connector: string
  service: string
  body: DocumentBody
  /** What its words say, as data; a keyed hash of it is kept. */
  facts: unknown
}

export interface Documents {
  /** Draws a document of the hub's own, which is about nobody, and writes it down, like {@link Documents.issue}. */
  certify(document: OwnDocument, print: Print): Promise<Buffer>
  /** Draws a document from masked rows and writes it down; resolves with the PDF once the row is committed. Throws HUB_STORE_UNAVAILABLE and what composing and `print` throw. */
  issue(
    service: CompiledService,
    rows: readonly Row[],
    input: Readonly<Record<string, unknown>>,
    asker: Asker,
    print: Print,
  ): Promise<Buffer>
  /** → null for a code that is unknown, expired or revoked: which of them is nobody's business. */
  verify(code: string): Promise<Verification | null>
}

export interface DocumentsOptions {
  database: Database
  vault: Vault
  /** Address of the hub, without a closing slash. */
  publicUrl: string
  paper: Paper
  /** Null where no signature is given a time by somebody else. */
  stamper: TimeStamper | null
}

/** What is kept of a document's words, sealed. */
export interface Summary {
  service: string
  agency: string
  holder: Holder | null
}

interface IssuedRow {
  id: string
  content_hash: string
  summary_sealed: string
  issued_at: number
  expires_at: number
}

export function createDocuments({ database, vault, publicUrl, paper, stamper }: DocumentsOptions): Documents {
  async function sign(pdf: Buffer, identity: Identity): Promise<Signed> {
    // What it needs is loaded with the first certificate.
    const { signPdf } = await import('./signing/sign.ts')
    return signPdf(pdf, identity, stamper)
  }

  const hashOf = (code: string) => vault.fingerprint(code, 'issued_documents.code')

  async function issue({ connector, service, body, facts }: OwnDocument, asker: Asker, validMs: number, print: Print): Promise<Buffer> {
    const code = newCode()
    const issuedAt = Date.now()
    const expiresAt = issuedAt + validMs
    const verifyUrl = `${publicUrl}/v1/verify/${code}`
    const times = { issuedAt, issued: readable(issuedAt), expires: readable(expiresAt) }
    const { qrOf } = await import('../../workshop/qr.ts')
    const identity = await paper.identity()
    const looks = {
      fonts: paper.fonts,
      seal: paper.sealOf(connector),
      signature: identity && { ...noteOf(identity, body.title, issuedAt), stamped: stamper !== null },
    }
    const drawn = await print({ ...body, ...times, ...looks, code: groupCode(code), verifyUrl, qr: qrOf(verifyUrl) })
    const { pdf, form, stampedAt } = identity ? await sign(drawn, identity) : unsigned(drawn)

    const id = randomUUID()
    const summary: Summary = { service: body.title, agency: body.agency, holder: maskedHolder(asker) }
    const insert = database('issued_documents').insert({
      id,
      code_hash: hashOf(code),
      connector,
      service,
      user_id: asker.userId ?? null,
      enterprise_id: asker.enterprise?.id ?? null,
      principal: principalOf(asker),
      content_hash: createHash('sha256').update(pdf).digest('hex'),
      rows_hash: vault.fingerprint(JSON.stringify(facts), 'issued_documents.rows'),
      summary_sealed: vault.seal(JSON.stringify(summary), summaryContext(id)),
      signature: form,
      stamped_at: stampedAt,
      issued_at: issuedAt,
      expires_at: expiresAt,
    })
    await insert.catch(unavailable)
    return pdf
  }

  return {
    certify: (document, print) => issue(document, NOBODY, VALID_MS, print),
    async issue(service, rows, input, asker, print) {
      const { connector, contract } = service
      const body = composeBody(service, rows, input, asker)
      const about = { connector: connector.id, service: contract.id, body, facts: rows }
      return issue(about, asker, validMsOf(contract), print)
    },

    async verify(text) {
      const code = readCode(text)
      if (code === null) return null
      const row: IssuedRow | undefined = await database('issued_documents')
        .where({ code_hash: hashOf(code), revoked_at: null })
        .where('expires_at', '>', Date.now())
        .first('id', 'content_hash', 'summary_sealed', 'issued_at', 'expires_at')
        .catch(unavailable)
      if (!row) return null
      const { service, agency, holder } = openSummary(vault, row)
      const [issuedAt, expiresAt] = [beijing(Number(row.issued_at)), beijing(Number(row.expires_at))] as const
      return { valid: true, service, agency, holder, issuedAt, expiresAt, contentHash: row.content_hash }
    },
  }
}

interface Signed {
  pdf: Buffer
  form: SignatureForm | null
  stampedAt: number | null
}

const unsigned = (pdf: Buffer): Signed => ({ pdf, form: null, stampedAt: null })

const validMsOf = ({ document: { minutes } = { title: '' } }: ServiceContract) => (minutes === undefined ? VALID_MS : minutes * 60_000)

/** What a reader shows of a signature: whose certificate it is, and for what. */
function noteOf({ certificates, scheme }: Identity, title: string, at: number): SignatureNote {
  const [, name = ''] = /^CN=(.*)$/m.exec(certificates[0]?.subject ?? '') ?? []
  return { name, reason: `出具${title}`, at, subFilter: scheme === 'gm' ? 'adbe.pkcs7.detached' : 'ETSI.CAdES.detached' }
}

const summaryContext = (id: string) => `issued_documents.summary:${id}`

export function openSummary(vault: Vault, { id, summary_sealed }: Pick<IssuedRow, 'id' | 'summary_sealed'>): Summary {
  return JSON.parse(vault.open(summary_sealed, summaryContext(id))) as Summary
}

function unavailable(cause: unknown): never {
  throw new HubError('HUB_STORE_UNAVAILABLE', {}, cause)
}

/** `2026-11-22 10:40:05` */
function readable(at: number): string {
  return beijing(at).slice(0, 19).replace('T', ' ')
}
