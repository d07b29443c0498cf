import { hashSource, SCHEMES, STYLE, variables } from '../web/style.ts'

/** The hub's pages, as a desk wants them: the sections beside, tables, and the wall. On a phone the sections fold, and each row is a card. */
export const CONSOLE_STYLE = `${STYLE}
.console body{padding:0 1rem 2rem}
.console header,.console main{width:100%;max-width:none;min-width:0;margin:0}
.console header{max-width:100rem;margin:0 auto}
.console .top{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center}
.console .top a{margin-right:auto}
.console .top button,.console .inline button{display:inline-block;width:auto;margin:0;padding:.3rem .75rem}
.frame{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr);max-width:100rem;margin:0 auto}
.menu{border:1px solid var(--line);border-radius:12px;background:var(--surface)}
.menu summary{padding:.75rem 1.25rem;font-weight:600;cursor:pointer}
.side{display:none}
.menu ul,.side ul{margin:0;padding:.5rem;list-style:none}
.menu li a,.side li a{display:block;padding:.5rem .75rem;border-radius:8px;color:var(--text);text-decoration:none}
.menu li a:hover,.side li a:hover{background:var(--second);color:var(--on-second)}
.menu [aria-current],.side [aria-current]{background:var(--second);color:var(--on-second);font-weight:600}
.mark{display:inline-block;padding:0 .5rem;border-radius:6px;background:var(--second);color:var(--on-second);font-size:.875rem}
.mark.good,.mark.note,.mark.bad{margin:0;padding:0 .5rem;border-radius:6px}
.mark.good{background:var(--good);color:var(--on-good)}
.mark.note{background:var(--note);color:var(--on-note)}
.mark.bad{background:var(--bad);color:var(--on-bad)}
td small{display:block}
dl:not(.figures) small{margin-left:.35rem}
th,td,dt,dd,caption{overflow-wrap:anywhere}
caption{padding:.25rem 0;color:var(--muted);font-size:.875rem;text-align:left}
.wall{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));margin:1rem 0;padding:0;list-style:none}
.wall>li{padding:.75rem 1rem;border:1px solid var(--line);border-left-width:6px;border-radius:8px}
.wall>li.good{border-left-color:var(--on-good)}
.wall>li.note{border-left-color:var(--on-note)}
.wall>li.bad{border-left-color:var(--on-bad)}
.wall>li.good,.wall>li.note,.wall>li.bad{margin:0;background:var(--surface);color:var(--text)}
.wall h2{display:flex;gap:.5rem;justify-content:space-between;margin:0 0 .25rem;font-size:1rem;line-height:1.5}
.wall small{display:block}
.filters{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:flex-end;margin:0 0 1rem}
.filters .field{flex:1 1 10rem}
.filters button{flex:0 0 auto;width:auto}
.act{margin:1rem 0;padding:.25rem 1.25rem 1.25rem;border:1px solid var(--line);border-radius:8px}
details.act{padding:0 1.25rem}
details.act[open]{padding-bottom:1.25rem}
details.act summary{margin:0 -1.25rem;padding:.75rem 1.25rem;cursor:pointer}
.act button{width:auto;min-width:8rem}
.danger button{background:var(--bad);color:var(--on-bad);border:1px solid var(--on-bad)}
.pager{display:flex;flex-wrap:wrap;gap:.25rem 1rem;color:var(--muted);font-size:.875rem}
figure{margin:1rem 0}
figure svg{display:block;max-width:100%;height:auto}
figcaption{color:var(--muted);font-size:.875rem}
figure .scroll svg{max-width:none}
main details summary{cursor:pointer}
.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,28rem),1fr));margin:1rem 0}
.grid>div{min-width:0;padding:.5rem 1rem;border:1px solid var(--line);border-radius:8px}
.grid h2{margin:.5rem 0}
.grid th,.grid td{padding:.3rem;font-size:.875rem}
.grid th{white-space:normal}
.figures{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));margin:1rem 0}
.figures div{padding:.5rem 1rem;border:1px solid var(--line);border-radius:8px}
.figures dt{font-size:.875rem}
.figures dd{font-size:1.75rem;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}
.figures dd span{margin:0;padding:0 .25rem}
.figures dd span:not([class]){padding:0}
.figures small{display:block;font-weight:400}
.board{color-scheme:dark;${variables(SCHEMES.dark)}}
.board body{padding:1rem}
.board main{padding:0;border:0;background:none}
.board h1{margin:0}
.board .grid>div,.board .figures div{background:var(--surface)}
.board .grid{margin:.75rem 0 0;gap:.75rem}
.board .figures{margin:.75rem 0 0}
.board figure{margin:0}
@media(max-width:47.99rem){.console main{padding:1.25rem 1rem}
table,tbody,tr,td{display:block;width:100%}
caption{display:block}
thead{position:absolute;left:-999rem}
tr{margin:.75rem 0;padding:.25rem .75rem;border:1px solid var(--line);border-radius:8px}
td{display:grid;grid-template-columns:minmax(5rem,30%) 1fr;gap:.5rem;padding:.3rem 0;border:0}
td::before{content:attr(data-title);color:var(--muted)}}
@media(min-width:100rem){.board .grid{grid-template-columns:repeat(3,minmax(0,1fr))}
.board h1{font-size:2rem}
.board .figures dt,.board figcaption,.board p{font-size:1.125rem}
.board .figures dd{font-size:3rem}
.board figure svg{max-height:32vh}}
@media(min-width:48rem){.mark{white-space:nowrap}.grid td:first-child{min-width:6.5rem}.grid td+td{white-space:nowrap}}
@media(min-width:64rem){.menu{display:none}.side{display:block}.frame{grid-template-columns:12rem minmax(0,1fr)}}`

/** `Content-Security-Policy` of the console: as of every page of the hub, with its own style, and pictures that stand in the page. */
export const CONSOLE_POLICY = `default-src 'none'; style-src ${hashSource(CONSOLE_STYLE)}; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`
