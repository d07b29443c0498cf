import type { ChannelId } from '../../payments/channel.ts'
import { escapeHtml, PAGE_POLICY, page, scriptPolicy } from '../../web/page.ts'
import { facts, wayOn } from '../../web/parts.ts'

/** What the page shows of an order; amounts as text in yuan, times readable. */
export interface ShownOrder {
  path: string
  title: string
  agency: string
  amount: string
  bill: readonly (readonly [title: string, value: string])[]
  number: string
  expires: string
}

type Channels = readonly { id: ChannelId; name: string }[]

const STEPS = ['核对账单', '支付', '支付结果'] as const
const APP = '“我的许昌”'
const LEAVE = `<p class="muted">可以关闭本页，回到${APP}。</p>`

function steps(current: 0 | 1 | 2): string {
  const step = (name: string, at: number) =>
    `<li${at === current ? ' aria-current="step"' : at < current ? ' class="done"' : ''}>${name}</li>`
  return `<ol class="steps">${STEPS.map(step).join('')}</ol>`
}

/** 微信支付 says what it does, 支付宝 does not. */
const callOf = (name: string) => (name.endsWith('支付') ? name : `${name}支付`)

const sum = (amount: string) => `<p class="sum"><small>应付</small> ¥ ${escapeHtml(amount)}</p>`

/** The bill, and by which channel it is paid. `chosen`: it was brought to one before, and can be paid by that one alone. */
export function billPage(order: ShownOrder, channels: Channels, seal: string, chosen: ChannelId | null): string {
  const { path, title, agency, amount, bill, number, expires } = order
  const open = channels.filter(({ id }) => chosen === null || id === chosen)
  const pay = open.map(
    ({ id, name }) => `<button name="do" value="${id}">${chosen === null ? '' : '继续'}${escapeHtml(callOf(name))}</button>`,
  )
  const before =
    chosen === null
      ? ''
      : `<p class="note">您已经去过付款页面。如果已经付款，请不要再付，<a href="${escapeHtml(path)}/result">查看支付结果</a>。</p>`
  const none = open.length === 0 ? '<p class="bad">这里暂时不能在线支付，请到收费单位的营业厅办理。</p>' : ''
  return page(
    `${title}：核对账单`,
    `${steps(0)}${sum(amount)}${before}${facts([['收费单位', agency], ...bill, ['订单号', number], ['截止时间', expires]])}${none}
<form method="post" action="${escapeHtml(path)}" autocomplete="off"><input type="hidden" name="seal" value="${escapeHtml(seal)}">${pay.join('')}<button class="second" name="do" value="close">取消这个订单</button></form>
<p class="muted">请核对户名和金额。付款在支付渠道的页面进行，本页不会要您的密码。</p>`,
  )
}

/** On the way to the channel. A form's answer may not lead elsewhere by itself, so this page does. */
export function leavingPage(name: string, url: string): string {
  return page(
    `正在前往${name}`,
    `${steps(1)}<p>马上打开${escapeHtml(name)}的付款页面。没有自动打开的，请点下面的按钮。</p>${wayOn(url, `打开${name}`)}`,
    { onTo: url },
  )
}

/** Asks how the order stands, and loads the page anew once that is otherwise than shown: whoever reads is not interrupted before. */
const SCRIPT = `(() => {
const place = document.getElementById('waiting')
let left = 150
const ask = async () => {
  try {
    const answer = await fetch(place.dataset.ask, { headers: { accept: 'application/json' } })
    if (answer.status === 401 || (answer.ok && (await answer.json()).state !== place.dataset.state)) return location.reload()
  } catch {}
  if (--left > 0) setTimeout(ask, 2000)
  else place.textContent = '还没有等到结果，本页不再自动更新。请稍后回到“我的许昌”，在“我的订单”里查看；已经付款的，请不要再付。'
}
setTimeout(ask, 1000)
})()`

export const WAITING_POLICY = `${scriptPolicy(SCRIPT)}; connect-src 'self'`
const WITHOUT_SCRIPT_S = 5

interface Result extends ShownOrder {
  state: string
  channel: string | null
  /** Readable; null before. */
  paidAt: string | null
  writtenOffAt: string | null
  /** Why it was closed. */
  cause: string | null
}

/** How an order stands, with the policy of its page. */
export function resultPage(order: Result): { html: string; policy: string } {
  const { path, title, state, amount, number, channel, paidAt, writtenOffAt } = order
  const told: [string, string][] = [
    ['缴费项目', title],
    ['金额', `¥ ${amount}`],
    ...(channel === null ? [] : ([['支付方式', channel]] as [string, string][])),
    ...(paidAt === null ? [] : ([['支付时间', paidAt]] as [string, string][])),
    ...(writtenOffAt === null ? [] : ([['销账时间', writtenOffAt]] as [string, string][])),
    ['订单号', number],
  ]
  const [heading, words, waits] = wordsOf(order)
  const ask = `<p id="waiting" class="note" role="status" data-ask="${escapeHtml(path)}/state" data-state="${escapeHtml(state)}">${words}</p>`
  const back = state === 'paying' ? `<p><a href="${escapeHtml(path)}">还没有付款？回到账单继续支付</a></p>` : ''
  const html = page(
    heading,
    `${state === 'closed' ? '' : steps(2)}${waits ? ask : words}${facts(told)}${back}${LEAVE}`,
    waits ? { script: SCRIPT, again: WITHOUT_SCRIPT_S } : {},
  )
  return { html, policy: waits ? WAITING_POLICY : PAGE_POLICY }
}

/** Why an order is closed, for whoever has just wanted to pay it. */
const CLOSED: Readonly<Record<string, string>> = {
  citizen: '您取消了这个订单。',
  expired: '超过了支付时间，订单已经关闭。要缴费的，请重新下单。',
  'bill-changed': '下单以后，账单变了（金额有变、已经缴清或者撤回），订单已经关闭。请重新查询账单。',
}

function wordsOf({ state, channel, cause, agency }: Result): [heading: string, words: string, waits: boolean] {
  const notice = (kind: 'good' | 'note' | 'bad', text: string) => `<p class="${kind}">${escapeHtml(text)}</p>`
  switch (state) {
    case 'paying':
      return ['支付结果确认中', `正在向${escapeHtml(channel ?? '支付渠道')}核实这笔付款，通常只要几秒钟。请不要重复付款。`, true]
    case 'paid':
      return ['已支付，正在销账', `款项已收到，正在通知${escapeHtml(agency)}销账。您不用再做什么。`, true]
    case 'written-off':
    case 'settled':
      return ['缴费成功', notice('good', '款项已收到，账单已销账。'), false]
    case 'refunding':
      return ['正在退款', notice('note', '这笔付款没有用来缴费，正在原路退回。到账时间以支付渠道为准。'), false]
    case 'refunded':
      return ['已退款', notice('note', '这笔付款没有用来缴费，已经原路退回。账单仍未缴的，请重新下单。'), false]
    case 'exception':
      return ['正在核实', notice('note', '这笔付款须由工作人员核实，核实后会在应用里告诉您。请不要重复付款。'), false]
    default:
      return [
        '订单已关闭',
        notice(
          'bad',
          `${CLOSED[cause ?? ''] ?? '这个订单已经关闭。'}${channel === null ? '没有扣款。' : '如果您已经付款，款项会原路退回。'}`,
        ),
        false,
      ]
  }
}

/** For a browser that the app did not let in, or no longer, or for something else. */
export function strangerPage(): string {
  return page(
    '请从应用打开',
    `<p>支付页面只能从${APP}打开，每次打开只能支付一个订单，半小时内有效。</p><p>请回到${APP}：已经付款的，在“我的订单”里查看结果；还没有付款的，从那里重新打开。</p>`,
  )
}

export function usedCodePage(): string {
  return page('链接已失效', `<p>这个支付链接已经用过，或者超过了一分钟。请回到${APP}，重新打开支付页面。</p>`)
}
