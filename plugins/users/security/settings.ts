import Type, { type Static } from 'typebox'

/** By what a user may log in to the app (多样化登录方式, contract 1.2.1.5). */
export const loginMethods = {
  password: '密码',
  sms: '手机号验证码',
  email: '邮箱验证',
  'third-party': '第三方账号',
  face: '人脸',
} as const
export type LoginMethod = keyof typeof loginMethods

/** Sorts of characters of which a password must have one each. */
export const characterClasses = { lower: '小写字母', upper: '大写字母', digit: '数字', special: '特殊字符' } as const

/** What is asked for where the surroundings are risky; `off`: nothing. */
export const adminElsewhere = { off: '不限制', 'second-factor': '重新验证动态验证码' } as const

/** Of a device that is neither its user's first nor one that he trusts (绑定可信设备). */
export const newDevice = { off: '不限制', face: '办事须先核验人脸' } as const

const count = (title: string, minimum: number, maximum: number) => Type.Integer({ title, minimum, maximum })
const chosen = <T extends string>(title: string, names: Readonly<Record<T, string>>) =>
  Type.Unsafe<T>({ type: 'string', title, enum: Object.keys(names) })
const several = <T extends string>(title: string, names: Readonly<Record<T, string>>, minItems: number) =>
  Type.Array(chosen(title, names), { title, minItems, uniqueItems: true })
const closed = { additionalProperties: false }

const lockOut = Type.Object(
  {
    failures: count('连续失败多少次锁定账户（0：不锁定）', 0, 1000),
    windowMinutes: count('在多少分钟以内', 1, 1440),
    minutes: count('锁定多少分钟', 1, 10_080),
  },
  { ...closed, title: '账号锁定' },
)

const password = Type.Object(
  {
    minLength: count('最短长度', 8, 64),
    classes: several('必须包含', characterClasses, 0),
    history: count('不得与最近几个密码相同（0：不限）', 0, 24),
    maxAgeDays: count('多少天后提示更换（0：不提示）', 0, 3650),
  },
  { ...closed, title: '密码强度' },
)

const highRisk = Type.Object(
  { adminElsewhere: chosen('管理会话换了网络地址时', adminElsewhere), newDevice: chosen('用户换了没有信任过的设备时', newDevice) },
  { ...closed, title: '高风险环境' },
)

/** 安全配置 (contract 1.2.1.5): the whole of it, which is changed as a whole. */
export const securitySettingsSchema = Type.Object(
  {
    lockOut,
    captchaAfter: count('失败多少次之后要求图形验证码（0：不要求）', 0, 1000),
    methods: several('可用的登录方式', loginMethods, 1),
    password,
    highRisk,
  },
  { ...closed, title: '安全设置' },
)

export type SecuritySettings = Static<typeof securitySettingsSchema>

/** Number of a version; 0: what the hub was started with. */
export const securityVersion = Type.Integer({ title: '版本（0：部署时的设置）', minimum: 0, maximum: 2_000_000_000 })

/** What a hub goes by until administrators say something else. */
export function presetSecurity(lockOut: SecuritySettings['lockOut']): SecuritySettings {
  return {
    lockOut,
    captchaAfter: Math.min(3, Math.max(0, lockOut.failures - 1)),
    methods: Object.keys(loginMethods) as LoginMethod[],
    password: { minLength: 8, classes: ['lower', 'upper', 'digit', 'special'], history: 5, maxAgeDays: 180 },
    highRisk: { adminElsewhere: 'second-factor', newDevice: 'off' },
  }
}

/** → what contradicts itself, by pointer. */
export function contradictionsIn({ lockOut, captchaAfter, password }: SecuritySettings): { pointer: string; detail: string }[] {
  const late = lockOut.failures > 0 && captchaAfter >= lockOut.failures
  const long = password.classes.length > password.minLength
  return [
    ...(late ? [{ pointer: '/captchaAfter', detail: '须少于锁定账户的失败次数，否则账户先被锁定' }] : []),
    ...(long ? [{ pointer: '/password/minLength', detail: '不能短于必须包含的字符种类数' }] : []),
  ]
}
