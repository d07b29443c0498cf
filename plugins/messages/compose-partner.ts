import type { Recipient } from './recipients.ts'
import type { ComposeContext, OpenNotice, Told } from './told.ts'

const WORDS: Readonly<Record<string, readonly [what: string, remarks: string]>> = {
  'partner-approved': ['入驻申请已批准', '请以实名账户登录，凭回执编号成为负责人。'],
  'partner-refused': ['入驻申请未通过', '请凭回执编号查看原因。'],
  'application-approved': ['应用已批准接入', '请登录接入方页面生成密钥，密钥只显示一次。'],
  'application-refused': ['应用未通过审核', '请登录接入方页面查看原因。'],
  'change-approved': ['应用的变更已批准', ''],
  'change-refused': ['应用的变更未通过', '请登录接入方页面查看原因。'],
  'webhook-disabled': ['事件推送已停用', '接收地址长时间没有应答，请修复后重新启用。'],
}

/** All who act for a partner; while nobody does, the contact that it gave. */
export async function composePartner({ database }: ComposeContext, { about, detail }: OpenNotice<'partner'>): Promise<Told[]> {
  const partner: { name: string } | undefined = await database('partners').where({ id: about }).first('name')
  const words = WORDS[detail.event]
  if (!partner || !words) return []
  const members: string[] = await database('partner_members').where({ partner_id: about }).pluck('user_id')
  const application: { name: string } | undefined =
    detail.application === null ? undefined : await database('partner_applications').where({ id: detail.application }).first('name')
  const [what, remarks] = words
  const facts = { holder: partner.name, what, remarks, application: application ? `（${application.name}）` : '' }
  const recipients = (members.length === 0 ? [null] : members).map((userId): Recipient => ({ userId, enterpriseId: null }))
  return [{ topic: 'partner', template: 'partner', facts, recipients }]
}
