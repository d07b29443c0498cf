const MAX_BYTES = 32 * 1024

/** What a file of each type begins with, in hex. SVG is none of them: whoever shows it elsewhere than in <img> would run its scripts. */
const SIGNATURES: Readonly<Record<string, RegExp>> = {
  'image/png': /^89504e470d0a1a0a/,
  'image/jpeg': /^ffd8ff/,
  'image/webp': /^52494646.{8}57454250/,
}

/** → what is wrong with an icon, in Chinese, or null. */
export function iconProblem(icon: string): string | null {
  const [, type = '', text = ''] = /^data:([a-z+/-]+);base64,([A-Za-z0-9+/]+={0,2})$/.exec(icon) ?? []
  const signature = SIGNATURES[type]
  if (!signature) return '须是 PNG、JPEG 或 WebP 的 data: 地址（base64）'
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length > MAX_BYTES) return `不能超过 ${MAX_BYTES / 1024} KiB`
  if (bytes.toString('base64') !== text || !signature.test(head(bytes))) return '内容与所写的图片类型不符'
  return null
}

/** → the `data:` URI of a file; one that is no image of these types gets a type that {@link iconProblem} refuses. */
export function iconOf(bytes: Buffer): string {
  const found = Object.entries(SIGNATURES).find(([, signature]) => signature.test(head(bytes)))
  return `data:${found?.[0] ?? 'application/octet-stream'};base64,${bytes.toString('base64')}`
}

const head = (bytes: Buffer) => bytes.subarray(0, 16).toString('hex')
