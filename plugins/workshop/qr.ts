import { create } from 'qrcode'

/** A QR code as squares: `size` a side, row by row, `1` is dark. */
export interface QrMatrix {
  size: number
  modules: string
}

/** QR code (ISO/IEC 18004) of a text, level M: readable with 15 % of it gone. */
export function qrOf(text: string): QrMatrix {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  return { size: modules.size, modules: Array.from(modules.data, (dark) => (dark ? '1' : '0')).join('') }
}
