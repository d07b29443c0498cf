import type { Described } from './capability.ts'

const USER = '用户本人的访问令牌'
const CLIENT = '已登记的应用'
const A_MINUTE = '每位用户每分钟 120 次'
const IN_APP = '由“我的许昌”在用户同意后提供'

const platform = (id: string, name: string, more: Omit<Described, 'id' | 'type' | 'name' | 'version' | 'docs' | 'words'>): Described => ({
  ...{ id, type: 'platform', name, version: '1.0.0', docs: null, words: [] },
  ...more,
})

/** The app has it, the hub only tells of it. */
const native = (id: string, name: string, summary: string): Described => ({
  ...{ id, type: 'native', name, version: '1.0.0', summary, permission: IN_APP, rate: null, docs: null, operations: [], words: [] },
})

/** What the platform itself and its app offer: 身份认证, 开发工具包 and 消息服务 (contract annex 1.2.3.3.2.1 to 1.2.3.3.2.3). */
export const platformAbilities: readonly Described[] = [
  platform('unified-sign-in', '统一登录', {
    summary: '用户未登录时，引导其到统一身份认证登录；登录一次，各服务通用。',
    ...{ permission: '公开', rate: null, operations: ['sign-on.start', 'sign-on', 'sign-on.end'] },
  }),
  platform('unified-registration', '统一注册', {
    summary: '未注册的用户在统一登录的页面注册，第一次登录时平台即有他的账户。',
    ...{ permission: '公开', rate: null, operations: ['sign-on.start'] },
  }),
  platform('authorised-sign-in', '用户授权登录', {
    summary: '跳转至第三方应用时，经用户同意后登录（OAuth 2.1、OpenID Connect，须用 PKCE）；配置见 /.well-known/openid-configuration。',
    ...{ permission: CLIENT, rate: null, operations: ['hub.authorizations.list', 'hub.authorizations.revoke'] },
  }),
  platform('user-information', '用户信息获取', {
    summary: '第三方应用取得用户同意提供的信息，用于绑定自己的用户。',
    ...{ permission: `${CLIENT}，并经用户同意`, rate: A_MINUTE, operations: ['hub.me.read'] },
  }),
  platform('real-name', '实名认证', {
    summary: '未实名的用户在统一身份认证完成实名；平台以登录票据所载为准，实名等级见“我的账户”。',
    ...{ permission: USER, rate: A_MINUTE, operations: ['hub.me.read'] },
  }),
  platform('face-verification', '实人认证', {
    summary: '敏感业务和核验身份时，由用户本人完成一次人脸核验，办理时凭其编号。',
    ...{
      permission: `${USER}，须已实名`,
      rate: A_MINUTE,
      operations: ['face-verification.start', 'face-verification.read', 'face-verification.start-for', 'face-verification.read-for'],
    },
  }),
  platform('files', '文件上传下载', {
    summary: '上传办理所需的文件（20 MB 以内一次传完，更大的分段续传），检查后可以下载和引用。',
    permission: USER,
    rate: A_MINUTE,
    operations: [
      'hub.me.files.add',
      'hub.me.files',
      'hub.me.files.read',
      'hub.me.files.content',
      'hub.me.files.delete',
      'hub.me.uploads.begin',
    ],
  }),
  native('camera-and-recording', '拍照、录音、录像', '在应用里拍照、录音、录像，作为材料交给文件上传。'),
  native('wechat-mini-programs', '微信小程序跳转', '从应用打开已登记的微信小程序，并可带参数返回。'),
  native('location', '定位', '取得用户当前位置，用于附近的网点和服务。'),
  platform('push-messages', '消息推送', {
    summary: '平台向应用推送消息，用户在“我的消息”里查看，并可设置接收的方式。',
    ...{ permission: USER, rate: A_MINUTE, operations: ['hub.me.messages', 'hub.me.messages.read', 'hub.me.message-settings'] },
  }),
  platform('text-messages', '短信', {
    summary: '办事进度提醒和通知以短信发送；是否接收由用户设置。',
    ...{ permission: USER, rate: A_MINUTE, operations: ['hub.me.message-settings', 'hub.me.message-settings.change'] },
  }),
]

/** The groups of the contract's 1.2.3.3.2, as they stand when the hub first starts. */
export const firstGroups: Readonly<Record<string, readonly string[]>> = {
  身份认证: ['unified-sign-in', 'unified-registration', 'authorised-sign-in', 'user-information', 'real-name', 'face-verification'],
  开发工具包: ['files', 'camera-and-recording', 'wechat-mini-programs', 'location'],
  消息服务: ['push-messages', 'text-messages'],
}
