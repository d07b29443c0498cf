import type { LightMyRequestResponse } from 'fastify'
import { png } from './file-bytes.ts'
import type { Hub } from './hub.ts'
import { call, usccOf } from './identity.ts'
import { inOffice } from './second-person.ts'

/** Whoever stands for whom in tests of partners. */
export const [ADMIN, OPERATOR, AUDITOR, CITIZEN, OWNER, DEVELOPER, SECOND] = [1, 2, 3, 4, 5, 6, 7] as const
export const REDIRECT = 'https://rent.example/callback'
/** What an enterprise has to send. */
export const PAPERS = ['business-licence', 'authorisation'] as const
export const PURPOSE = '材料齐全，同意'

export const organisation = (email = 'lin@rent.example', enterprise = 1) => ({
  name: '安居租房有限公司',
  uscc: usccOf(enterprise),
  domain: 'housing',
  introduction: '为租客办理租房提取，核对其身份和缴存。',
  contact: { name: '林某', phone: '13900000001', email },
})

export const application = (more: object = {}) => ({
  name: '安居租房',
  home: 'https://rent.example/',
  purpose: '租房提取时核对身份',
  safety: '数据只存于境内自建机房，专人访问留痕，办结三十日后删除。',
  redirectUris: [REDIRECT],
  rights: [
    { scope: 'real-name', why: '核对承租人姓名' },
    { scope: 'desk.permit', why: '为租客提交申请' },
  ],
  ...more,
})

export const data = (response: LightMyRequestResponse) => response.json().data

/** The steps by which an organisation becomes a partner, each as whoever takes it. */
export function steps(hub: Hub) {
  const caught = () => hub.app.sandbox?.messages.caught() ?? []
  const decide = (id: string, act: 'review' | 'approve' | 'refuse', person: number) =>
    call(hub, 'POST', `/admin/partner-reviews/${id}/${act}`, { person, body: { purpose: PURPOSE } })

  return {
    caught,
    decide,
    async inOffice() {
      await inOffice(hub, ADMIN)
      await inOffice(hub, OPERATOR, 'operator')
      await inOffice(hub, AUDITOR, 'auditor')
      await inOffice(hub, SECOND)
    },
    begin: (body: object, address = '192.0.2.1') =>
      hub.app.inject({ method: 'POST', url: '/v1/partner-applications', payload: body, remoteAddress: address }),
    confirm: (receipt: string, code: string) =>
      hub.app.inject({ method: 'POST', url: `/v1/partner-applications/${receipt}/confirmation`, payload: { code } }),
    /** The code that was last sent to an address. */
    code: (email: string) =>
      /验证码：(\d{6})/.exec(
        JSON.stringify(
          caught()
            .filter(({ channel, parcel }) => channel === 'mail' && parcel['to'] === email)
            .at(-1),
        ),
      )?.[1] ?? '',
    send: (receipt: string, kind: string, content: Buffer = png, more: { name?: string; type?: string; address?: string } = {}) =>
      hub.app.inject({
        method: 'POST',
        url: `/v1/partner-applications/${receipt}/papers`,
        query: { kind, name: more.name ?? `${kind}.png` },
        headers: { 'content-type': more.type ?? 'image/png' },
        payload: content,
        remoteAddress: more.address ?? '192.0.2.1',
      }),
    async openReview(): Promise<string> {
      return data(await call(hub, 'GET', '/admin/partner-reviews?state=checked&pageSize=1', { person: ADMIN }))[0]?.id
    },
    async approve(id: string) {
      await decide(id, 'review', OPERATOR)
      return decide(id, 'approve', ADMIN)
    },
  }
}

/** A partner of which OWNER is the owner. → its id. */
export async function partnered(hub: Hub, email = 'lin@rent.example', enterprise = 1): Promise<string> {
  const { begin, confirm, code, send, openReview, approve } = steps(hub)
  const { receipt } = data(await begin(organisation(email, enterprise), `192.0.2.${100 + enterprise}`))
  await confirm(receipt, code(email))
  for (const kind of PAPERS) await send(receipt, kind)
  await approve(await openReview())
  const joined = await call(hub, 'POST', '/v1/partners/memberships', { person: OWNER, body: { code: receipt } })
  return data(joined).id
}

/** One of its applications, approved, with its first key. */
export async function applied(hub: Hub, partner: string, more: object = {}) {
  const { approve } = steps(hub)
  const review = data(await call(hub, 'POST', `/v1/partners/${partner}/applications`, { person: OWNER, body: application(more) }))
  await approve(review.id)
  const id: string = review.applicationId
  const keys = `/v1/partners/${partner}/applications/${id}/keys`
  const { clientId, secret } = data(await call(hub, 'POST', keys, { person: OWNER, body: {} }))
  return { id, keys, clientId: clientId as string, secret: secret as string }
}
