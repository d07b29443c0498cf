export interface Sniffed {
  mediaType: string
  /** Without the point. */
  extension: string
}

/** As many first bytes as are enough for every type that the hub takes; more does no harm. */
export const SNIFFED_BYTES = 1024 * 1024

/** What a file is by its own bytes, whatever it is called; null where they say nothing (plain text, or what nobody knows). */
export async function sniff(bytes: Uint8Array): Promise<Sniffed | null> {
  const { fileTypeFromBuffer } = await import('file-type')
  try {
    const found = await fileTypeFromBuffer(bytes.subarray(0, SNIFFED_BYTES))
    return found ? { mediaType: found.mime, extension: found.ext } : null
  } catch {
    // Bytes that begin like a type and break off say nothing either.
    return null
  }
}

/** `image/jpg; q=1` and `image/jpeg` are one. */
export function plainMediaType(text: string): string {
  const type = text.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return ALIASES[type] ?? type
}

const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'application/x-pdf': 'application/pdf',
  'application/x-zip-compressed': 'application/zip',
}
