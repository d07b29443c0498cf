import { escapeHtml, page } from '../../web/page.ts'

interface Standing {
  stateName: string
  filedAt: string
  since: string
  until: string | null
}

/** What whoever holds a receipt sees. */
export function receiptPage({ stateName, filedAt, since, until }: Standing): string {
  const rows: [string, string][] = [
    ['办理状态', stateName],
    ['提交时间', readable(filedAt)],
    ['进入这个状态的时间', readable(since)],
    ...(until === null ? [] : ([['须在此之前补正', readable(until)]] as [string, string][])),
  ]
  const list = rows.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join('')
  return page(
    '办理状态',
    `<dl>${list}</dl><p class="muted">凭回执只能看到状态和时间。申请的内容、需要补正什么，请登录“我的许昌”查看。</p><a class="button" href="/receipts">查询另一个回执</a>`,
    { home: true },
  )
}

/** Where a receipt's code is typed. */
export function receiptForm(): string {
  return page(
    '凭回执查询',
    `<p>输入提交申请后得到的回执编号，不用登录就能查询办到哪一步。</p><form action="/receipts" method="get"><label class="field">回执编号（12 位，例如 XXXX-XXXX-XXXX）<input name="code" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false"></label><button>查询</button></form>`,
    { home: true },
  )
}

/** `2026-11-22 10:40` of a time in RFC 3339 with Beijing's offset. */
function readable(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
