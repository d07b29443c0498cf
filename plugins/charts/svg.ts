import { PALETTE } from './option.ts'

export interface Words {
  /** Of the element, unique among those of a page. */
  id: string
  title: string
  description: string
  width: number
  height: number
}

const escapeXml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** What it was clipped to, and what happens under a pointer, come last. */
const AFTER = /<defs|<style|<\/svg>/

/** What a style attribute may say, as the attribute that says the same. */
const KEPT = new Set(['font-size', 'font-weight', 'text-anchor'])

/**
 * What echarts drew, so that it may stand in a page whose policy knows neither style attributes nor foreign style sheets: its
 * styles as attributes, its colours those of the page, light or dark, with words for those who don't see it.
 */
export function plain(drawn: string, { id, title, description, width, height }: Words): string {
  const [start, end] = [drawn.indexOf('>') + 1, drawn.search(AFTER)]
  const body = `${drawn.slice(start, end)}</svg>`
    .replace(/ (?:class|clip-path|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => attributesOf(style))
    .replace(/="(#[0-9a-f]{6}|rgb\(\d+,\d+,\d+\))"/g, (all, colour: string) => ofPage.get(colour) ?? all)
  const head = `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-labelledby="${id}" aria-describedby="${id}-words" font-family="system-ui,sans-serif">`
  return `${head}<title id="${id}">${escapeXml(title)}</title><desc id="${id}-words">${escapeXml(description)}</desc>${body}`
}

/** Colours as echarts writes them, the opaque ones and those with an opacity, by the page's variables. */
const ofPage = new Map<string, string>(
  Object.entries(PALETTE).flatMap(([name, colour]) => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    return [colour, `rgb(${parts.join()})`].map((written) => [written, `="var(--${name},${colour})"`] as const)
  }),
)

function attributesOf(style: string): string {
  return style
    .split(';')
    .map((each) => each.split(':', 2).map((part) => part.trim()))
    .flatMap(([name = '', value = '']) => (KEPT.has(name) ? [` ${name}="${value}"`] : []))
    .join('')
}

/** Where nothing is known a chart says so. */
export const NOTHING = `<svg><text x="50%" y="50%" text-anchor="middle" font-size="14px" fill="${PALETTE.muted}">没有数据</text></svg>`
