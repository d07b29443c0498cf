import { SignPdf } from '@signpdf/signpdf'
import { Signer } from '@signpdf/utils'
import { addTimeStamp, encode, ID, signatureOf, signCms } from './cms.ts'
import { signGm } from './gm.ts'
import type { Identity } from './identity.ts'
import type { TimeStamper } from './time-stamper.ts'

/** What a signature is, as a document's record has it: PAdES without and with a time stamp, or SM2, of which `stampedAt` tells. */
export const signatureForms = { 'pades-b-b': 'PAdES B-B', 'pades-b-t': 'PAdES B-T（带时间戳）', gm: 'GM/T 0010（SM2）' } as const
export type SignatureForm = keyof typeof signatureForms

export interface SignedPdf {
  pdf: Buffer
  form: SignatureForm
  /** When the time-stamping authority says that it was signed, in epoch milliseconds; null without one. */
  stampedAt: number | null
}

/** Fills the room for a signature that the drawing left. Rejects where a time stamp has to be had and is not. */
export async function signPdf(pdf: Buffer, identity: Identity, stamper: TimeStamper | null = null): Promise<SignedPdf> {
  const filler = new Filler(identity, stamper)
  return { pdf: await new SignPdf().sign(pdf, filler), form: filler.form, stampedAt: filler.stampedAt }
}

class Filler extends Signer {
  form: SignatureForm
  stampedAt: number | null = null
  readonly #identity: Identity
  readonly #stamper: TimeStamper | null

  constructor(identity: Identity, stamper: TimeStamper | null) {
    super()
    this.#identity = identity
    this.#stamper = stamper
    this.form = identity.scheme === 'gm' ? 'gm' : 'pades-b-b'
  }

  override async sign(bytes: Buffer): Promise<Buffer> {
    const identity = this.#identity
    if (identity.scheme === 'gm') return signGm(bytes, identity, (signature) => this.#stamp(signature))
    const signed = await signCms(identity, { type: ID.data, bytes, detached: true })
    const token = await this.#stamp(signatureOf(signed))
    if (token) {
      addTimeStamp(signed, token)
      this.form = 'pades-b-t'
    }
    return encode(signed)
  }

  async #stamp(signature: Buffer): Promise<Buffer | null> {
    const stamp = (await this.#stamper?.stamp(signature)) ?? null
    this.stampedAt = stamp?.at ?? null
    return stamp?.token ?? null
  }
}
