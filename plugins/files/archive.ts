/** End of central directory, and one entry of it (PKWARE APPNOTE 4.3.16, 4.3.12). */
const END = 0x06054b50
const END_BYTES = 22
const ENTRY = 0x02014b50
const ENTRY_BYTES = 46

/** An archive of text shrinks to a fiftieth; what grows more than this, and to more than a little, is made to fill a disk. */
const MAX_RATIO = 200
const LITTLE_BYTES = 64 * 1024 * 1024

export const isArchive = (mediaType: string) => mediaType === 'application/zip' || mediaType.includes('openxmlformats')

/**
 * Whether a ZIP archive, by its own directory, unpacks to more than anybody would want; nothing is unpacked. `tail`: the file's last
 * bytes, `size` of them all. null where its directory cannot be read in them; a megabyte holds that of some ten thousand entries.
 */
export function isBomb(tail: Buffer, size: number): boolean | null {
  const end = endOf(tail)
  if (end === null) return null
  const [entries, offset] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 16)]
  let at = offset - (size - tail.length)
  let bytes = 0
  for (let entry = 0; entry < entries; entry++) {
    if (at < 0 || at + ENTRY_BYTES > end || tail.readUInt32LE(at) !== ENTRY) return null
    // Of more than 4 GB it says 0xffffffff here, which is enough to know.
    bytes += tail.readUInt32LE(at + 24)
    at += ENTRY_BYTES + tail.readUInt16LE(at + 28) + tail.readUInt16LE(at + 30) + tail.readUInt16LE(at + 32)
  }
  return bytes > Math.max(LITTLE_BYTES, MAX_RATIO * size)
}

/** Its place in the tail: the last whose comment reaches just to the end. */
function endOf(tail: Buffer): number | null {
  for (let at = tail.length - END_BYTES; at >= 0 && at >= tail.length - END_BYTES - 0xffff; at--)
    if (tail.readUInt32LE(at) === END && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length) return at
  return null
}
