import { page } from '../../web/page.ts'
import { codeForm, facts, readable, wayOn } from '../../web/parts.ts'

interface Standing {
  stateName: string
  filedAt: string
  since: string
  until: string | null
}

/** What whoever holds a receipt sees. */
export function receiptPage({ stateName, filedAt, since, until }: Standing): string {
  const shown: [string, string][] = [
    ['办理状态', stateName],
    ['提交时间', readable(filedAt)],
    ['进入这个状态的时间', readable(since)],
    ...(until === null ? [] : ([['须在此之前补正', readable(until)]] as [string, string][])),
  ]
  return page(
    '办理状态',
    `${facts(shown)}<p class="muted">凭回执只能看到状态和时间。申请的内容、需要补正什么，请登录“我的许昌”查看。</p>${wayOn('/receipts', '查询另一个回执')}`,
    { home: true },
  )
}

/** Where a receipt's code is typed. */
export function receiptForm(): string {
  return page(
    '凭回执查询',
    `<p>输入提交申请后得到的回执编号，不用登录就能查询办到哪一步。</p>${codeForm('/receipts', '回执编号（12 位，例如 XXXX-XXXX-XXXX）', '查询')}`,
    { home: true },
  )
}
