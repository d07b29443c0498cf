import { HubError } from '../../core/base/errors.ts'

/** Longest name that is kept, in characters; file systems end at 255 bytes, of which a Chinese character takes three. */
const LONGEST = 80
const FALLBACK = '未命名'

/** Controls, what a path or a shell reads, and what turns the direction of writing (so that `gpj.exe` reads `exe.jpg`). */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}"*/:<>?\\|]/gu

/**
 * A name as somebody gave it, fit to be shown and saved under anywhere: the last part of a path, bounded, and never
 * empty. Nothing is stored under it.
 */
export function safeName(given: string, extension?: string): string {
  // What is beyond says nothing; and nobody pays for reading it.
  const last = given.slice(-1024).normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = trimmed(last.replace(UNSAFE, ' '))
  const { stem, end } = parted(plain)
  const suffix = extension === undefined || isSame(end, extension) ? end : extension
  const room = LONGEST - (suffix === '' ? 0 : suffix.length + 1)
  const short = trimmed([...stem].slice(0, room).join('')) || FALLBACK
  return suffix === '' ? short : `${short}.${suffix}`
}

/** RFC 6266: a plain name for old readers, and the real one (RFC 8187). */
export function contentDisposition(name: string, kind: 'attachment' | 'inline' = 'attachment', plainStem = 'file'): string {
  const safe = safeName(name)
  const { end } = parted(safe)
  const plain = /^[\w-]{1,16}$/.test(end) ? `${plainStem}.${end}` : plainStem
  const encoded = encodeURIComponent(safe).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** Neither blanks nor points at the ends: Windows drops them, elsewhere they hide a file. */
function trimmed(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && ' .\u3000'.includes(text.charAt(from))) from++
  while (to > from && ' .\u3000'.includes(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

function parted(name: string): { stem: string; end: string } {
  const at = name.lastIndexOf('.')
  const end = name.slice(at + 1)
  return at > 0 && /^[A-Za-z0-9]{1,10}$/.test(end) ? { stem: name.slice(0, at), end } : { stem: name, end: '' }
}

function isSame(end: string, extension: string): boolean {
  const plain = end.toLowerCase()
  return plain === extension || (plain === 'jpeg' && extension === 'jpg')
}

export const LONGEST_NAME = 255

/** What is wrong with a file before a byte of it has come. */
export function assertNew(name: string, size: number): void {
  const errors = [
    ...(name === '' ? [{ pointer: '/name', detail: '缺少文件名' }] : []),
    ...(name.length > LONGEST_NAME ? [{ pointer: '/name', detail: `不能超过 ${LONGEST_NAME} 个字符` }] : []),
    ...(size > 0 ? [] : [{ pointer: '/size', detail: '文件是空的' }]),
  ]
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}
