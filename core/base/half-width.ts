const WIDE = /[\uff01-\uff5e\uffe5\u3000\u2212\u3014\u3015\ufe59\ufe5a]/g
const OTHERS: Readonly<Record<string, string>> = { '￥': '¥', '\u3000': ' ', '\u2212': '-', '〔': '(', '〕': ')', '﹙': '(', '﹚': ')' }
const narrow = (wide: string) => OTHERS[wide] ?? String.fromCharCode(wide.charCodeAt(0) - 0xfee0)

/** Digits, letters and signs of a Chinese keyboard, which stand 0xfee0 above ASCII, in their usual width; all round brackets as one. */
export function halfWidth(text: string): string {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return text.replace(WIDE, narrow)
  return text
}
