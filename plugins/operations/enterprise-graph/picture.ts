import { escapeHtml } from '../../web/page.ts'
import { hashSource, SCHEMES } from '../../web/style.ts'
import type { EnterpriseGraph, GraphEdge, GraphNode } from './graph.ts'

/** Colours by the names that pages know them by, so that a picture in a page is of its light or dark. */
const colour = (name: keyof (typeof SCHEMES)['light']) => `var(--${name})`
const USED = ['surface', 'text', 'muted', 'line', 'link', 'accent'] as const
const scheme = (of: (typeof SCHEMES)['light']) => `:root{${USED.map((name) => `--${name}:${of[name]}`).join(';')}}`

/** For the picture by itself: the same colours; fixed, so that a policy can name it. */
const STYLE = `${scheme(SCHEMES.light)}@media(prefers-color-scheme:dark){${scheme(SCHEMES.dark)}}`

/** `Content-Security-Policy` of the picture by itself. */
export const PICTURE_POLICY = `default-src 'none'; style-src ${hashSource(STYLE)}; frame-ancestors 'none'`

const [BOX, HEIGHT, STEP, MARGIN, GAP] = [250, 62, 84, 20, 110]
const columns = { enterprise: 0, person: 1, service: 2 } as const
const leftOf = (kind: GraphNode['kind']) => MARGIN + columns[kind] * (BOX + GAP)
const WIDTH = 2 * MARGIN + 3 * BOX + 2 * GAP
const FONT = "system-ui,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif"
const SMALL = `font-size="12" fill="${colour('muted')}"`
/** Of letters that fit, a Chinese one as wide as two others. */
const FITS = 30

/**
 * Draws the graph from left to right: the enterprise, its people, what they did for it. Whoever cannot see it is read the same in words.
 * `alone`: it is no part of a page of the hub.
 */
export function drawGraph({ nodes, edges }: Pick<EnterpriseGraph, 'nodes' | 'edges'>, alone: boolean): string {
  const tops = topsOf(nodes)
  const height = MARGIN * 2 + HEIGHT + Math.max(0, ...tops.values())
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const lines = edges.flatMap((edge) => {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)]
    return from && to ? [line(edge, from, to, tops)] : []
  })
  const name = nodes.find(({ kind }) => kind === 'enterprise')?.label ?? ''
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="graph-title graph-words" font-family="${FONT}" font-size="15"><title id="graph-title">${escapeHtml(`${name}的关系图谱`)}</title><desc id="graph-words">${escapeHtml(inWords(byId, edges))}</desc>${alone ? `<style>${STYLE}</style>` : ''}<rect width="100%" height="100%" fill="${colour('surface')}"/>${lines.join('')}${nodes.map((node) => box(node, tops)).join('')}</svg>`
}

/** The same, for those to whom it is read. */
function inWords(byId: ReadonlyMap<string, GraphNode>, edges: readonly GraphEdge[]): string {
  const label = (id: string) => byId.get(id)?.label ?? ''
  const sentences = edges.map(({ from, to, label: words, relation }) =>
    relation === 'handled' ? `${label(from)}办理“${label(to)}”${words}` : `${label(to)}是${words}`,
  )
  return sentences.length > 0 ? `${sentences.join('；')}。` : '还没有授权和办件。'
}

function topsOf(nodes: readonly GraphNode[]): ReadonlyMap<string, number> {
  const tops = new Map<string, number>()
  const rows = { enterprise: 0, person: 0, service: 0 }
  for (const { id, kind } of nodes) tops.set(id, MARGIN + STEP * rows[kind]++)
  return tops
}

function box({ id, kind, label, detail, state }: GraphNode, tops: ReadonlyMap<string, number>): string {
  const [x, y] = [leftOf(kind), tops.get(id) ?? 0]
  const second = [detail, state].filter((text) => text !== null).join(' · ')
  const full = escapeHtml([label, second].filter((text) => text !== '').join('，'))
  const rim = colour(kind === 'enterprise' ? 'accent' : 'line')
  const frame = `<rect x="${x}" y="${y}" width="${BOX}" height="${HEIGHT}" rx="8" fill="${colour('surface')}" stroke="${rim}"/>`
  const first = `<text x="${x + 12}" y="${y + 26}" fill="${colour('text')}">${escapeHtml(shorten(label, FITS))}</text>`
  const small = second === '' ? '' : `<text x="${x + 12}" y="${y + 48}" ${SMALL}>${escapeHtml(shorten(second, FITS + 6))}</text>`
  return `<g><title>${full}</title>${frame}${first}${small}</g>`
}

function line(edge: GraphEdge, from: GraphNode, to: GraphNode, tops: ReadonlyMap<string, number>): string {
  const [x1, x2] = [leftOf(from.kind) + BOX, leftOf(to.kind)]
  const [y1, y2] = [from, to].map(({ id }) => (tops.get(id) ?? 0) + HEIGHT / 2) as [number, number]
  const middle = (x1 + x2) / 2
  const path = `<path fill="none" stroke="${colour('link')}"${edge.current ? '' : ' stroke-dasharray="5 4"'} d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`
  // Beside where it arrives lines have fanned out.
  const words = `<text x="${x2 - 8}" y="${y2 - 6}" text-anchor="end" ${SMALL}>${escapeHtml(edge.label)}</text>`
  return `${path}${words}`
}

function shorten(text: string, fits: number): string {
  let width = 0
  for (const [index, letter] of [...text].entries()) {
    width += letter.charCodeAt(0) > 0xff ? 2 : 1
    if (width > fits) return `${[...text].slice(0, index - 1).join('')}…`
  }
  return text
}
