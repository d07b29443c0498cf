import { DEFAULT_BYTE_RANGE_PLACEHOLDER } from '@signpdf/utils'
import type Pdf from 'pdfkit'

/** Who signs, and when (epoch milliseconds). */
export interface SignatureNote {
  name: string
  reason: string
  at: number
  /** What the signature is (ISO 32000-1 table 257): a PAdES one, or another SignedData. */
  subFilter: 'ETSI.CAdES.detached' | 'adbe.pkcs7.detached'
  /** Whether a time stamp may stand in it. */
  stamped?: boolean
}

/** Room for a signature with its certificates; a chain of three takes 5 KB, a time stamp with its own as much again. */
const ROOM_BYTES = 12 * 1024
const STAMP_BYTES = 12 * 1024

interface Reference {
  data: Record<string, unknown>
  end(): void
}

/** What pdfkit keeps to itself, and makes of a form of its own what PDF/A forbids. */
interface Inside {
  ref(data: object): Reference
  _root: { data: Record<string, unknown> }
  _acroform: object
  page: { dictionary: unknown; annotations: unknown[] }
}

/**
 * A field with room for a signature of the whole file (ISO 32000-1 §12.8; ETSI EN 319 142-1), on the page that is being drawn.
 * `box`: where it can be pressed; without it there is nothing to see of it.
 */
export function addSignatureField(
  doc: InstanceType<typeof Pdf>,
  { name, reason, at, subFilter, stamped = false }: SignatureNote,
  box: readonly number[] = [0, 0, 0, 0],
): void {
  const inside = doc as unknown as Inside
  const [left = 0, top = 0, right = 0, bottom = 0] = box
  const { height } = doc.page
  const rect = box.every((edge) => edge === 0) ? [0, 0, 0, 0] : [left, height - bottom, right, height - top]
  // The library looks for these members in this order.
  const signature = inside.ref({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: subFilter,
    ByteRange: [0, DEFAULT_BYTE_RANGE_PLACEHOLDER, DEFAULT_BYTE_RANGE_PLACEHOLDER, DEFAULT_BYTE_RANGE_PLACEHOLDER],
    Contents: Buffer.alloc(ROOM_BYTES + (stamped ? STAMP_BYTES : 0)),
    Name: new String(name),
    Reason: new String(reason),
    M: new Date(at),
  })
  // What is seen stands on the page: the field's own look is empty.
  const look = inside.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, 0, right - left, bottom - top], Resources: {} })
  const widget = inside.ref({
    Type: 'Annot',
    Subtype: 'Widget',
    FT: 'Sig',
    // Printed, and nobody moves it.
    F: 132,
    Rect: rect,
    T: new String('签名'),
    TU: new String(reason),
    V: signature,
    P: inside.page.dictionary,
    AP: { N: look },
  })
  inside.page.annotations.push(widget)
  for (const part of [signature, look, widget]) part.end()
  // pdfkit ends the form, as one of its own: with fonts, of which there are none.
  inside._acroform = { fonts: {}, defaultFont: 'none' }
  inside._root.data['AcroForm'] = inside.ref({ Fields: [widget], SigFlags: 3, DR: { Font: {} } })
}
