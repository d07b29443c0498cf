/** What a terminal obeys rather than shows (ECMA-48), and what turns the direction of letters around. */
const CONTROL = /[\p{Cc}\p{Bidi_Control}]/gu
const LAYOUT = new Set(['\n', '\t'])

const written = (mark: string) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`

/** → what others wrote, as one line that a terminal only shows. */
export function plainLine(text: string): string {
  return text.replace(CONTROL, written)
}

/** The same for what has lines of its own. */
export function plainLines(text: string): string {
  return text.replace(CONTROL, (mark) => (LAYOUT.has(mark) ? mark : written(mark)))
}
