import { yuanOf } from '../../payments/fen.ts'
import { escapeHtml, page } from '../../web/page.ts'
import type { Ledger } from './ledger.ts'
import type { PaymentAnswer, PaymentCall } from './simulator.ts'

/** The page on which the invented citizen pays, under `address`; null for any other path. */
export function cashier(
  channel: string,
  ledger: Ledger,
  address: string,
  { method, path, query, body }: PaymentCall,
): PaymentAnswer | null {
  if (path !== '/cashier') return null
  const form = method === 'POST' ? new URLSearchParams(body) : query
  const number = form.get('number') ?? ''
  const back = form.get('back') ?? form.get('redirect_url') ?? ''
  const trade = ledger.find(number)
  if (!trade) return html(404, '订单不存在', '<p>没有这个订单。</p>')
  if (method === 'POST') {
    const paid = form.get('do') === 'pay' && ledger.pay(number)
    if (back !== '') return { status: 303, headers: { location: back }, body: Buffer.alloc(0) }
    return html(200, paid ? '支付成功' : '没有支付', '<p>可以关闭本页，返回“我的许昌”。</p>')
  }
  const fields = `<input type="hidden" name="number" value="${escapeHtml(number)}"><input type="hidden" name="back" value="${escapeHtml(back)}">`
  const buttons = '<button name="do" value="pay">支付</button><button class="second" name="do" value="leave">放弃</button>'
  const due = `<p>${escapeHtml(trade.description)}</p><p class="sum">¥ ${yuanOf(trade.amountFen)}</p>`
  const done = trade.state === 'unpaid' ? '' : '<p>这个订单不能再支付了。</p>'
  return html(200, `${channel}（沙箱，不收真钱）`, `${due}${done || `<form method="post" action="${address}">${fields}${buttons}</form>`}`)
}

function html(status: number, title: string, body: string): PaymentAnswer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(page(title, body)) }
}
