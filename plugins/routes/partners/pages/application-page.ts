import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Chart } from '../../../charts/chart.ts'
import { listScopes, type Scope } from '../../../oauth/scopes.ts'
import { ALWAYS } from '../../../partners/checks.ts'
import { deliveryStates, eventKinds, webhookStates } from '../../../partners/webhooks/rows.ts'
import { escapeHtml } from '../../../web/page.ts'
import { facts, readable } from '../../../web/parts.ts'
import { draftFields, draftOf } from './draft.ts'
import { choiceField, rowsOf, section, table, textField } from './parts.ts'
import { type Deeds, idIn, type Seat, type Show } from './seat.ts'

interface Limit {
  service: string
  perMinute: number | null
  perDay: number | null
  perMonth: number | null
}
interface Application {
  name: string
  home: string
  clientId: string | null
  state: string
  stateName: string
  purpose: string | null
  redirectUris: readonly string[]
  rights: readonly string[]
  limits: readonly Limit[]
  used: readonly { service: string; period: string; used: number }[]
}
interface Key {
  id: string
  state: string
  stateName: string
  createdAt: string
  endsAt: string | null
  lastUsedAt: string | null
}
interface Webhook {
  id: string
  url: string
  kinds: readonly (keyof typeof eventKinds)[]
  state: keyof typeof webhookStates
  failures: number
}
interface Delivery {
  id: string
  kind: keyof typeof eventKinds
  aboutState: string
  state: keyof typeof deliveryStates
  attempts: number
  lastError: string | null
  updatedAt: string
}
interface Point {
  key: string
  calls: number
  failed: number
}

/** `/partners/{id}/applications/{applicationId}`: keys, rights, use, webhooks, and how much it was called. */
export const showApplication =
  (app: FastifyInstance, api: string): Show =>
  async (seat, told) => {
    const [{ data }, keys, webhooks, deliveries, trend] = await Promise.all([
      seat.read<Application>(api),
      seat.read<Key[]>(`${api}/keys`),
      seat.read<Webhook[]>(`${api}/webhooks`),
      seat.read<Delivery[]>(`${api}/webhook-deliveries?pageSize=10`),
      seat.read<Point[]>(`${api}/trend`),
    ])
    const about = facts([
      ['状态', data.stateName],
      ['主页', data.home],
      ['客户端编号', data.clientId ?? '批准后才有'],
      ['用途', data.purpose ?? '—'],
      ['回调地址', data.redirectUris.join(' ') || '—'],
    ])
    const body = [
      data.clientId === null ? '' : keysPart(seat, keys.data),
      section('权限', rightsPart(data.rights, listScopes(app.connectors))),
      data.clientId === null ? '' : changePart(seat, data),
      section('限额和用量', usagePart(data)),
      section('最近七天的调用', `${await drawn(app, seat, trend.data)}<p class="ways"><a href="${seat.path}/calls">调用记录</a></p>`),
      data.clientId === null ? '' : webhooksPart(seat, webhooks.data),
      data.clientId === null ? '' : section('最近的推送', rowsOf(deliveries.data.map((each) => deliveryRow(seat, each)))),
    ]
    return seat.send(data.name, `${told}${about}${body.join('')}`)
  }

function keysPart(seat: Seat, keys: readonly Key[]): string {
  const rows = keys.map(({ id, state, stateName, createdAt, endsAt, lastUsedAt }) => {
    const told = facts([
      ['状态', stateName],
      ['生成', readable(createdAt)],
      ['失效', endsAt === null ? '不自动失效' : readable(endsAt)],
      ['最近使用', lastUsedAt === null ? '没有用过' : readable(lastUsedAt)],
    ])
    const label = `${readable(createdAt)} 生成的密钥`
    return `${told}${state === 'living' || state === 'ending' ? seat.form('revoke', '', '撤销', { about: { key: id }, label }) : ''}`
  })
  const fields = [
    textField('overlapDays', '原有密钥还能用几天（0：立即失效）', 'type="number" min="0" max="90" required', '7'),
    textField('validDays', '新密钥几天后自动失效（空：不自动失效）', 'type="number" min="1" max="3650"'),
  ]
  return `${section('密钥', rowsOf(rows))}<h3>生成新的密钥</h3>${seat.form('key', fields.join(''), '生成')}`
}

/** Until two administrators have agreed all is as before. Rights that every application has need no reason. */
function changePart(seat: Seat, { rights, ...draft }: Application): string {
  const own = rights.filter((right) => !ALWAYS.includes(right))
  const form = seat.form('change', draftFields({ ...draft, purpose: draft.purpose ?? '', rights: own }), '申请变更')
  const sandbox = `<p class="ways"><a href="${seat.path}/sandbox">下载登记，用于自己的沙箱</a></p>`
  return `<details><summary>申请变更应用或权限</summary>${form}</details>${sandbox}`
}

/** In words, with the scope by which programs know it. */
function rightsPart(rights: readonly string[], scopes: ReadonlyMap<string, Scope>): string {
  const rows = rights.map((right) => {
    const [scope, title] = [right, scopes.get(right)?.title ?? right].map(escapeHtml)
    const words = right.includes('.') ? `<a href="/docs/capabilities/${scope}">${title}</a>` : title
    return `<li>${words} <code>${scope}</code></li>`
  })
  return rows.length === 0 ? '' : `<ul>${rows.join('')}</ul>`
}

function usagePart({ limits, used }: Application): string {
  const periods = ['perMinute', 'perDay', 'perMonth'] as const
  const services = [...new Set([...limits, ...used].map(({ service }) => service))]
  if (services.length === 0) return ''
  const rows = services.map((service) => [
    service === '*' ? '全部合计' : service,
    ...periods.map((period) => {
      const taken = used.find((each) => each.service === service && each.period === period)?.used ?? 0
      return `${taken} / ${limits.find((each) => each.service === service)?.[period] ?? '不限'}`
    }),
  ])
  return table('限额和用量', ['服务', '本分钟', '今日', '本月'], rows)
}

/** The chart with its numbers; the numbers alone where nobody can draw now. */
async function drawn(app: FastifyInstance, { visitor }: Seat, points: readonly Point[]): Promise<string> {
  if (points.length === 0) return '<p class="muted">没有调用。</p>'
  const chart: Chart = {
    ...{ kind: 'lines', title: '最近七天的调用次数', unit: '次', labels: points.map(({ key }) => key.slice(5)) },
    series: [
      { name: '调用', values: points.map(({ calls }) => calls) },
      { name: '没有成功的', values: points.map(({ failed }) => failed) },
    ],
  }
  const [svg = ''] = await app.charts.draw(visitor.userId, [chart]).catch(() => [])
  const rows = points.map(({ key, calls, failed }) => [key, calls, failed])
  return `${svg === '' ? '' : `<figure>${svg}</figure>`}${table('调用次数', ['日期', '调用', '没有成功的'], rows)}`
}

function webhooksPart(seat: Seat, webhooks: readonly Webhook[]): string {
  const rows = webhooks.map(({ id, url, kinds, state, failures }) => {
    const told = facts([
      ['地址', url],
      ['事件', kinds.map((kind) => eventKinds[kind]).join('、')],
      ['状态', `${webhookStates[state]}${failures > 0 ? `，连续失败 ${failures} 次` : ''}`],
    ])
    const options = { about: { webhook: id }, label: url }
    return `${told}${state === 'active' ? '' : seat.form('enable', '', '重新启用', options)}${seat.form('drop', '', '删除', options)}`
  })
  const fields = [
    textField('url', '接收地址（https、公网）', 'type="url" required maxlength="500"'),
    choiceField('kinds', '要哪些事件', { ...eventKinds, '': '全部' }),
  ]
  return `${section('事件推送', rowsOf(rows))}<h3>登记一个地址</h3>${seat.form('webhook', fields.join(''), '登记')}`
}

function deliveryRow(seat: Seat, { id, kind, aboutState, state, attempts, lastError, updatedAt }: Delivery): string {
  const told = facts([
    ['事件', `${eventKinds[kind]}：${aboutState}`],
    ['推送', `${deliveryStates[state]}，试了 ${attempts} 次，${readable(updatedAt)}`],
    ...(lastError === null ? [] : [['最近一次失败', lastError] as const]),
  ])
  const label = `${eventKinds[kind]}，${readable(updatedAt)}`
  return `${told}${state === 'failed' ? seat.form('replay', '', '再推送一次', { about: { delivery: id }, label }) : ''}`
}

const secretPart = (title: string, lines: readonly (readonly [string, string])[]) =>
  `<p>${title}只显示这一次，请现在就保存好：</p>${lines.map(([name, value]) => `<p>${name} <code>${escapeHtml(value)}</code></p>`).join('')}`

/** `…/sandbox`: what `hub clients import` takes. */
export async function sendRegistration(seat: Seat, api: string): Promise<FastifyReply> {
  const { data } = await seat.read<{ id: string }>(`${api}/sandbox`)
  seat.reply.header('content-disposition', 'attachment; filename="application.json"').type('application/json; charset=utf-8')
  return seat.reply.send(JSON.stringify(data, null, 2))
}

export function applicationDeeds(api: string): Deeds {
  const days = (text = '') => (text === '' ? undefined : Number(text))
  return {
    change: {
      question: (sent) => ({ method: 'POST', path: `${api}/changes`, body: draftOf(sent) }),
      once: () => '<p>已提交变更申请：自动检查之后由两位管理员审核，批准之前一切照旧。进展见接入方页面的“最近的审核”。</p>',
    },
    key: {
      question: ({ overlapDays, validDays }) => {
        return { method: 'POST', path: `${api}/keys`, body: { overlapDays: days(overlapDays), validDays: days(validDays) } }
      },
      once(data) {
        const { clientId, secret } = data as { clientId: string; secret: string }
        return secretPart('密钥', [
          ['客户端编号', clientId],
          ['密钥', secret],
        ])
      },
    },
    revoke: { question: (sent) => ({ method: 'DELETE', path: `${api}/keys/${idIn(sent, 'key')}` }) },
    webhook: {
      question: ({ url, kinds = '' }) => {
        return { method: 'POST', path: `${api}/webhooks`, body: { url, kinds: kinds === '' ? Object.keys(eventKinds) : [kinds] } }
      },
      once: (data) => secretPart('签名密钥', [['密钥', (data as { secret: string }).secret]]),
    },
    enable: { question: (sent) => ({ method: 'POST', path: `${api}/webhooks/${idIn(sent, 'webhook')}/enable` }) },
    drop: { question: (sent) => ({ method: 'DELETE', path: `${api}/webhooks/${idIn(sent, 'webhook')}` }) },
    replay: { question: (sent) => ({ method: 'POST', path: `${api}/webhook-deliveries/${idIn(sent, 'delivery')}/replay` }) },
  }
}
