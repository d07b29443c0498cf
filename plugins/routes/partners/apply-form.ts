import type { Problem } from '../../../core/base/errors.ts'
import { paperKinds } from '../../partners/paper-kinds.ts'
import { domains } from '../../partners/rows.ts'
import { escapeHtml, page } from '../../web/page.ts'
import { facts, wayOn } from '../../web/parts.ts'

/** What was typed, by the name of its field. */
export type Typed = Readonly<Record<string, string>>

const FIELDS: readonly (readonly [name: string, title: string, attributes: string])[] = [
  ['name', '单位名称', 'maxlength="100" autocomplete="organization"'],
  ['uscc', '统一社会信用代码', 'maxlength="30" autocomplete="off" autocapitalize="characters" spellcheck="false"'],
  ['contactName', '联系人', 'maxlength="40" autocomplete="name"'],
  ['phone', '联系手机', 'type="tel" maxlength="20" autocomplete="tel"'],
  ['email', '联系邮箱', 'type="email" maxlength="254" autocomplete="email"'],
]
/** Where the API points, and the field of the form that is meant. */
const POINTED: Readonly<Record<string, string>> = {
  '/body/contact/name': 'contactName',
  '/body/contact/phone': 'phone',
  '/body/contact/email': 'email',
}

/** 申请成为接入方, without a script; what was wrong stands beside its field. */
export function applyForm(seal: string, typed: Typed = {}, problem?: Problem): string {
  const wrong = new Map((problem?.errors ?? []).map(({ pointer, detail }) => [POINTED[pointer] ?? pointer.slice('/body/'.length), detail]))
  const remark = (name: string) =>
    wrong.has(name) ? `<small class="wrong" id="${name}-wrong">${escapeHtml(wrong.get(name) ?? '')}</small>` : ''
  const invalid = (name: string) => (wrong.has(name) ? ` aria-invalid="true" aria-describedby="${name}-wrong"` : '')
  const value = (name: string) => escapeHtml(typed[name] ?? '')
  const boxes = FIELDS.map(
    ([name, title, attributes]) =>
      `<label class="field" for="${name}">${title}${remark(name)}<input id="${name}" name="${name}" value="${value(name)}" required ${attributes}${invalid(name)}></label>`,
  )
  const options = Object.entries(domains).map(
    ([id, name]) => `<option value="${id}"${typed['domain'] === id ? ' selected' : ''}>${name}</option>`,
  )
  const domain = `<label class="field" for="domain">服务领域${remark('domain')}<select id="domain" name="domain" required${invalid('domain')}><option value="">请选择</option>${options.join('')}</select></label>`
  const introduction = `<label class="field" for="introduction">要提供的服务（至少 10 个字）${remark('introduction')}<textarea id="introduction" name="introduction" rows="5" maxlength="1000" required${invalid('introduction')}>${value('introduction')}</textarea></label>`
  const refused = problem && wrong.size === 0 ? `<p class="note" role="alert">${escapeHtml(problem.detail)}</p>` : ''
  return page(
    '申请成为接入方',
    `<p>提交后会向联系邮箱发送验证码，确认邮箱之后由两位管理员审核。</p>${refused}<form method="post" action="/partners/apply"><input type="hidden" name="seal" value="${escapeHtml(seal)}">${boxes.join('')}${domain}${introduction}<button>提交申请</button></form>`,
    { home: true },
  )
}

interface Standing {
  state: string
  stateName: string
  reason: string | null
  checks: readonly { title: string; passed: boolean; detail: string | null }[]
  papers: readonly { id: string; kindName: string; name: string }[]
  lacking: readonly { kind: string; kindName: string }[]
}

/** The papers that were sent, and where more are; they can be changed until somebody has reviewed them. */
function papersPart(receipt: string, seal: string, { state, papers, lacking }: Standing): string {
  const tie = `<input type="hidden" name="seal" value="${escapeHtml(seal)}">`
  const at = `/partners/apply/${escapeHtml(receipt)}/papers`
  const isOpen = state === 'checked'
  const lines = papers.map(({ id, kindName, name }) => {
    const words = `${escapeHtml(kindName)}：${escapeHtml(name)}`
    if (!isOpen) return `<li>${words}</li>`
    return `<li>${words}<form method="post" action="${at}/${escapeHtml(id)}">${tie}<button class="second" aria-label="删除${words}">删除</button></form></li>`
  })
  const list = lines.length === 0 ? '' : `<h2>已提交的材料</h2><ul>${lines.join('')}</ul>`
  if (!isOpen) return list
  const wanted = lacking.map(({ kindName }) => kindName).join('、')
  const note = wanted === '' ? '' : `<p class="note">还需提交：${escapeHtml(wanted)}。没有这些，业务审核不能通过。</p>`
  const options = Object.entries(paperKinds).map(
    ([kind, name]) => `<option value="${kind}"${lacking[0]?.kind === kind ? ' selected' : ''}>${name}</option>`,
  )
  const kind = `<label class="field" for="kind">材料种类<select id="kind" name="kind">${options.join('')}</select></label>`
  const file =
    '<label class="field" for="paper">文件（PDF、JPEG 或 PNG，10 MB 以内）<input id="paper" name="paper" type="file" required accept="application/pdf,image/jpeg,image/png"></label>'
  return `${list}${note}<h2>提交材料</h2><form method="post" action="${at}" enctype="multipart/form-data">${tie}${kind}${file}<button>提交材料</button></form>`
}

/** How an application stands, for whoever holds its receipt; while it is a draft, where the code is typed. */
export function standingPage(receipt: string, seal: string, standing: Standing, problem?: Problem): string {
  const { state, stateName, reason, checks } = standing
  const shown: [string, string][] = [
    ['回执编号（请保存，凭它查询和认领）', receipt],
    ['状态', stateName],
    ...(reason === null ? [] : ([['原因', reason]] as [string, string][])),
    ...checks.map(({ title, passed, detail }): [string, string] => [title, passed ? '通过' : (detail ?? '没有通过')]),
  ]
  const refused = problem ? `<p class="note" role="alert">${escapeHtml(problem.detail)}</p>` : ''
  const form =
    state === 'draft'
      ? `<form method="post" action="/partners/apply/${escapeHtml(receipt)}"><input type="hidden" name="seal" value="${escapeHtml(seal)}"><label class="field" for="code">邮箱收到的验证码<input id="code" name="code" inputmode="numeric" maxlength="6" required autocomplete="one-time-code"></label><button>确认邮箱</button></form>`
      : ''
  return page('入驻申请', `${refused}${facts(shown)}${form}${papersPart(receipt, seal, standing)}${wayOn('/', '回到首页')}`, { home: true })
}
