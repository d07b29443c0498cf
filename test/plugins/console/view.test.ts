import { readdirSync, readFileSync } from 'node:fs'
import type { Eta } from 'eta'
import t from 'tap'
import type { Block, ConsolePage } from '../../../plugins/console/blocks.ts'
import { readable } from '../../../plugins/console/parts.ts'
import { CONSOLE_POLICY, CONSOLE_STYLE } from '../../../plugins/console/style.ts'
import { viewOf, viewOptions } from '../../../plugins/console/view.ts'
import { hashSource } from '../../../plugins/web/style.ts'

const FOLDER = new URL('../../../plugins/console/templates/', import.meta.url)
const templates = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }))

const eta: Eta = viewOptions.engine.eta
eta.configure({ views: viewOptions.root, cache: true })
const frame = { who: null, sections: [], ticket: () => ({ number: 'n', seal: 's' }) }
const drawn = (page: ConsolePage, more = {}) => eta.render('./page', viewOf(page, { ...frame, ...more }))

const EVIL = `"><script>alert('1')</script><%= it %>`
const mark = { text: EVIL, href: EVIL, more: EVIL }
const field = { name: EVIL, label: EVIL, value: EVIL, hint: EVIL, problem: EVIL, options: [{ value: EVIL, label: EVIL }] }
const fields = (['text', 'area', 'date', 'moment', 'number', 'choice', 'boxes', 'code', 'hidden'] as const).map((type) => ({
  ...field,
  type,
}))

/** Every kind of block, with the worst in each of its places. */
const worst: { [K in Exclude<Block['kind'], 'drawing'>]: Extract<Block, { kind: K }> } = {
  table: {
    kind: 'table',
    caption: EVIL,
    columns: [EVIL],
    rows: [[EVIL], [mark], [[EVIL, { text: EVIL, tone: 'bad', more: EVIL }]], [null]],
    empty: '',
  },
  facts: { kind: 'facts', rows: [[EVIL, EVIL]] },
  heading: { kind: 'heading', text: EVIL },
  note: { kind: 'note', tone: 'bad', title: EVIL, lines: [EVIL], trace: EVIL },
  form: { kind: 'form', action: EVIL, title: EVIL, fields, button: EVIL, tone: 'bad' },
  filters: { kind: 'filters', action: EVIL, fields },
  pager: { kind: 'pager', words: EVIL, links: [mark] },
  tiles: { kind: 'tiles', tiles: [{ title: EVIL, href: EVIL, state: { text: EVIL, tone: 'good' }, lines: [EVIL] }] },
  links: { kind: 'links', links: [mark] },
  words: { kind: 'words', text: EVIL },
  figures: { kind: 'figures', figures: [{ title: EVIL, value: EVIL, tone: 'bad', more: EVIL }] },
  grid: { kind: 'grid', cells: [[{ kind: 'heading', text: EVIL }], [{ kind: 'form', action: EVIL, fields, button: EVIL }]] },
}

t.test('whatever stands in a block leaves as text', async (t) => {
  for (const [kind, block] of Object.entries(worst)) {
    const html = drawn({ title: EVIL, blocks: [block, ...(kind === 'form' ? [{ ...worst.form, folded: true }] : [])] }, { who: EVIL })
    t.notMatch(html, '<script', kind)
    t.notMatch(html, `"><`.concat('script'), kind)
    t.ok(html.split('alert(&#39;1&#39;)').length > 3, `${kind} is there`)
  }
  t.match(drawn({ title: '', blocks: [{ kind: 'table', caption: '', columns: [], rows: [], empty: EVIL }] }), '&#60;script')
})

t.test('a block shows nothing of the page around it', async (t) => {
  const html = drawn({ title: '页面', blocks: [{ kind: 'form', action: '/a', fields: [], button: '确定' }] })
  t.equal(html.split('页面').length, 3, 'in the title of the window and in the heading')
})

t.test('templates write as it is only what templates wrote, the style and drawings', async (t) => {
  const allowed = /^(include\(.*\)|it\.style|it\.block\.svg|must|length|types\[it\.field\.type\] \?\? '[^']*')$/
  const raw = templates.flatMap(({ name, text }) => [...text.matchAll(/<%~ (.*?) %>/g)].map(([, code = '']) => `${name}: ${code}`))
  t.ok(raw.length > 10)
  for (const each of raw) t.match(each.slice(each.indexOf(': ') + 2), allowed, each)
})

t.test('no template has a script, or a style or handler of its own, which the policy would refuse', async (t) => {
  for (const { name, text } of templates) t.notMatch(text, /<script|style=|\son\w+=|hx-/, name)
  t.match(CONSOLE_POLICY, hashSource(CONSOLE_STYLE))
  t.notMatch(CONSOLE_POLICY, /script-src|unsafe/)
  t.match(drawn({ title: '', blocks: [] }), `<style>${CONSOLE_STYLE}</style>`)
})

t.test('times are those of Beijing, whatever offset they come with', async (t) => {
  t.equal(readable('2026-11-27T20:30:00Z'), '2026-11-28 04:30')
  t.equal(readable('2026-11-27T20:30:00+08:00'), '2026-11-27 20:30')
  t.equal(readable('2026-11-27'), '2026-11-27')
  t.equal(readable(null), '—')
})
