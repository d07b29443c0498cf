import { createHash } from 'node:crypto'

/** Colours by what they are for; a test computes the contrast of each pair in {@link PAIRS}. */
const LIGHT = {
  ground: '#f2f5f9',
  surface: '#ffffff',
  text: '#16202c',
  muted: '#56606c',
  line: '#d4dae2',
  link: '#0b57d0',
  accent: '#0b57d0',
  'on-accent': '#ffffff',
  second: '#e3e8ef',
  'on-second': '#16202c',
  good: '#e4f5e9',
  'on-good': '#0b5a28',
  bad: '#fdeaea',
  'on-bad': '#8f1d1d',
  note: '#fff3d6',
  'on-note': '#664200',
}

const DARK: typeof LIGHT = {
  ground: '#0f1419',
  surface: '#1a2028',
  text: '#e8edf3',
  muted: '#a3aebb',
  line: '#38424e',
  link: '#8ab8ff',
  accent: '#8ab8ff',
  'on-accent': '#06213f',
  second: '#313b47',
  'on-second': '#e8edf3',
  good: '#12351f',
  'on-good': '#a6e6bd',
  bad: '#451a1c',
  'on-bad': '#ffc4c2',
  note: '#3b2f10',
  'on-note': '#ffdd96',
}

export const SCHEMES = { light: LIGHT, dark: DARK }

/** What is written on what. */
export const PAIRS: readonly (readonly [keyof typeof LIGHT, keyof typeof LIGHT])[] = [
  ['text', 'ground'],
  ['text', 'surface'],
  ['muted', 'ground'],
  ['muted', 'surface'],
  ['link', 'ground'],
  ['link', 'surface'],
  ['on-accent', 'accent'],
  ['on-second', 'second'],
  ['on-good', 'good'],
  ['on-bad', 'bad'],
  ['on-note', 'note'],
]

/** A scheme as custom properties. */
export const variables = (scheme: typeof LIGHT) =>
  Object.entries(scheme)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')

/** The one style sheet of all pages: phone first, light and dark, nothing from elsewhere. */
export const STYLE = `:root{color-scheme:light dark;${variables(LIGHT)}}
@media(prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
body{margin:0;padding:0 1rem 2rem;font:16px/1.65 system-ui,-apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif;background:var(--ground);color:var(--text)}
header,main,footer{max-width:28rem;margin:0 auto}
.wide header,.wide main,.wide footer{max-width:56rem}
header,footer{padding:1rem .25rem;color:var(--muted);font-size:.875rem}
header a{color:inherit;text-decoration:none}
header a:hover{text-decoration:underline}
main{padding:1.5rem 1.25rem;background:var(--surface);border:1px solid var(--line);border-radius:12px}
h1{margin:0 0 .75rem;font-size:1.4rem;line-height:1.35}
h2{margin:1.75rem 0 .5rem;font-size:1.075rem}
h3{margin:1.25rem 0 .25rem;font-size:1rem}
p{margin:.5rem 0}
a{color:var(--link)}
small,.muted{color:var(--muted);font-size:.875rem}
h1,h2,small,code,dd{overflow-wrap:anywhere}
code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.875em}
ul{margin:.5rem 0;padding:0 0 0 1.25rem}
ul.plain{padding:0;list-style:none}
dl{display:grid;grid-template-columns:fit-content(45%) minmax(0,1fr);gap:.4rem 1rem;margin:1rem 0}
dt{color:var(--muted)}
dd{margin:0}
a.button,button{display:block;width:100%;margin:.75rem 0 0;padding:.75rem 1rem;border:0;border-radius:8px;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
button.second{background:var(--second);color:var(--on-second)}
.star button{display:inline-block;width:auto;margin:0;padding:.4rem .75rem;font-weight:400}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.note,.good,.bad{margin:1rem 0;padding:.75rem 1rem;border-radius:8px}
.note{background:var(--note);color:var(--on-note)}
.good{background:var(--good);color:var(--on-good)}
.bad{background:var(--bad);color:var(--on-bad)}
.note a,.good a,.bad a{color:inherit}
fieldset{margin:1rem 0;padding:.25rem 1rem 1rem;border:1px solid var(--line);border-radius:8px}
fieldset.sensitive{border-width:2px;border-color:var(--on-note)}
legend{padding:0 .4rem;font-weight:600}
.choice{display:grid;grid-template-columns:1.5rem 1fr;gap:0 .5rem;margin:.75rem 0 0}
.choice input{width:1.15rem;height:1.15rem;margin:.25rem 0 0;accent-color:var(--link)}
.choice small{display:block}
.field{display:block;margin:.75rem 0 0}
.field input,.field select,.field textarea{display:block;width:100%;margin:.25rem 0 0;padding:.65rem .75rem;border:1px solid var(--muted);border-radius:8px;background:var(--surface);color:var(--text);font:inherit}
.field input[type=file]{padding:.5rem;border-style:dashed}
.field small,legend+small{display:block}
.wrong{display:block;margin:.25rem 0;padding:.25rem .5rem;border-radius:4px;background:var(--bad);color:var(--on-bad)}
.search{display:flex;gap:.5rem;align-items:flex-end}
.search .field{flex:1}
.search button{width:auto;white-space:nowrap}
.tiles{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,13rem),1fr));margin:.75rem 0;padding:0;list-style:none}
.tiles.one{grid-template-columns:1fr}
.tiles a{display:grid;grid-template-columns:2.5rem 1fr;gap:0 .75rem;align-items:center;height:100%;padding:.75rem;border:1px solid var(--line);border-radius:8px;color:var(--text);text-decoration:none}
.tiles a:hover{border-color:var(--link)}
.tiles i{display:grid;place-items:center;grid-row:span 2;width:2.5rem;height:2.5rem;border-radius:8px;background:var(--second);color:var(--on-second);font-style:normal;font-weight:600}
.tiles small{grid-column:2}
.rows>li{margin:.75rem 0;padding:.25rem 1rem;border:1px solid var(--line);border-radius:8px}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.5rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--muted);font-weight:400;white-space:nowrap}
.ways{display:flex;flex-wrap:wrap;gap:.5rem 1rem;margin:1rem 0}
.who{float:right}
.code{display:block;width:min(100%,18rem);margin:0 auto;background:#fff}
.sum{margin:.25rem 0 1rem;font-size:2.25rem;font-weight:600;line-height:1.2;font-variant-numeric:tabular-nums}
.sum small{font-size:1rem;font-weight:400}
.steps{display:flex;gap:.5rem;margin:0 0 1.25rem;padding:0;list-style:none;color:var(--muted);font-size:.875rem}
.steps li{flex:1;padding-top:.5rem;border-top:3px solid var(--line)}
.steps li[aria-current]{border-color:var(--link);color:var(--text);font-weight:600}
.steps .done{border-color:var(--link)}
.drop{display:block;margin:1rem 0 0;padding:1.25rem 1rem;border:2px dashed var(--muted);border-radius:8px;text-align:center;cursor:pointer}
.drop input{display:block;max-width:100%;margin:.75rem auto 0;font:inherit}
.cards{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));margin:1rem 0}
.cards section{padding:1rem 1.25rem;border:1px solid var(--line);border-radius:8px}
.cards h2{margin-top:0}
.skip{position:absolute;left:-999rem}
.skip:focus{position:static}
@media(min-width:48rem){body{padding-top:4vh}main{padding:2rem 2.25rem}}`

export function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
