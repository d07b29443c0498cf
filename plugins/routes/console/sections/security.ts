import type { Cell, ConsolePage, Field, Form, Table } from '../../../console/blocks.ts'
import { choices, pager, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Section, Typed, Visit } from '../../../console/section.ts'
import { adminElsewhere, characterClasses, loginMethods, newDevice, type SecuritySettings } from '../../../users/security/settings.ts'
import type { SecurityHistory, SecurityVersion } from '../../../users/security/store.ts'
import { acted, textOf } from './acted.ts'

const PATH = '/console/security'

/** 安全设置: what holds, what held, and a form that waits for a second administrator. */
export const security: Section = {
  path: PATH,
  title: '安全设置',
  permission: 'security-settings.read',
  routes(desk) {
    desk.page('/security', page)
    desk.act('/security/change', 'security-settings.change', (visit, typed) => {
      const body = { version: Number(textOf(typed, 'version')), settings: settingsIn(typed), purpose: textOf(typed, 'purpose') }
      return acted(visit, { method: 'PUT', path: '/admin/security-settings', body }, '已提出申请，由另一位管理员确认后生效。', page)
    })
  },
}

async function page({ get, given, may }: Visit): Promise<ConsolePage> {
  const { data } = await get<SecurityVersion>('/admin/security-settings')
  const { data: past, meta } = await get<SecurityHistory[]>(withQuery('/admin/security-settings/history', given('page')))
  return {
    title: '安全设置',
    blocks: [
      { kind: 'facts', rows: [['版本', data.version === 0 ? '部署时的设置' : data.version], ...wordsOf(data.settings)] },
      ...(may('security-settings.change') ? [formOf(data)] : []),
      historyTable(past),
      pager(PATH, meta.page, {}),
    ],
  }
}

function wordsOf({ lockOut, captchaAfter, methods, password, highRisk }: SecuritySettings): [string, Cell][] {
  const { failures, windowMinutes, minutes } = lockOut
  const classes = password.classes.map((each) => characterClasses[each]).join('、')
  return [
    ['账号锁定', failures === 0 ? '不锁定' : `${windowMinutes} 分钟内连续失败 ${failures} 次，锁定 ${minutes} 分钟`],
    ['图形验证码', captchaAfter === 0 ? '不要求' : `失败 ${captchaAfter} 次之后`],
    ['可用的登录方式', methods.map((method) => loginMethods[method]).join('、')],
    ['密码强度', `至少 ${password.minLength} 位${classes === '' ? '' : `，包含${classes}`}`],
    [
      '密码更换',
      `不与最近 ${password.history} 个相同；${password.maxAgeDays === 0 ? '不提示更换' : `${password.maxAgeDays} 天后提示更换`}`,
    ],
    ['管理会话换了网络地址时', adminElsewhere[highRisk.adminElsewhere]],
    ['用户换了没有信任过的设备时', newDevice[highRisk.newDevice]],
  ]
}

function historyTable(past: readonly SecurityHistory[]): Table {
  const rows = past.map(({ version, changedAt, changedBy, confirmedBy, reason, settings }): Cell[] => [
    version,
    readable(changedAt),
    [changedBy, confirmedBy ?? ''].filter((id) => id !== '').join(' → '),
    reason,
    wordsOf(settings)
      .map(([title, value]) => `${title}：${String(value)}`)
      .join('；'),
  ])
  return { kind: 'table', caption: '历次修改', columns: ['版本', '时间', '提出 → 确认', '事由', '内容'], rows, empty: '还没有修改过。' }
}

function formOf({ version, settings: { lockOut, captchaAfter, methods, password, highRisk } }: SecurityVersion): Form {
  const number = (name: string, label: string, value: number): Field => ({
    name,
    label,
    type: 'number',
    value: String(value),
    required: true,
  })
  return {
    kind: 'form',
    action: `${PATH}/change`,
    title: '修改（须另一位管理员确认）',
    fields: [
      number('failures', '连续失败多少次锁定（0：不锁定）', lockOut.failures),
      number('windowMinutes', '在多少分钟以内', lockOut.windowMinutes),
      number('minutes', '锁定多少分钟', lockOut.minutes),
      number('captchaAfter', '失败多少次之后要求图形验证码（0：不要求）', captchaAfter),
      { name: 'methods', label: '可用的登录方式', type: 'boxes', value: methods, options: choices(loginMethods) },
      number('minLength', '密码最短长度', password.minLength),
      { name: 'classes', label: '密码必须包含', type: 'boxes', value: password.classes, options: choices(characterClasses) },
      number('history', '不得与最近几个密码相同（0：不限）', password.history),
      number('maxAgeDays', '多少天后提示更换密码（0：不提示）', password.maxAgeDays),
      {
        ...{ name: 'adminElsewhere', label: '管理会话换了网络地址时', type: 'choice', value: highRisk.adminElsewhere },
        options: choices(adminElsewhere),
      },
      {
        ...{ name: 'newDevice', label: '用户换了没有信任过的设备时', type: 'choice', value: highRisk.newDevice },
        options: choices(newDevice),
      },
      { name: 'version', label: '', type: 'hidden', value: String(version) },
      purposeField,
    ],
    button: '申请修改',
    folded: true,
  }
}

/** As the form has it; whatever is none is the API's to refuse. */
function settingsIn(typed: Typed): object {
  const number = (name: string) => (textOf(typed, name) === '' ? null : Number(textOf(typed, name)))
  return {
    lockOut: { failures: number('failures'), windowMinutes: number('windowMinutes'), minutes: number('minutes') },
    captchaAfter: number('captchaAfter'),
    methods: typed['methods'] ?? [],
    password: {
      ...{ minLength: number('minLength'), classes: typed['classes'] ?? [] },
      ...{ history: number('history'), maxAgeDays: number('maxAgeDays') },
    },
    highRisk: { adminElsewhere: textOf(typed, 'adminElsewhere'), newDevice: textOf(typed, 'newDevice') },
  }
}
