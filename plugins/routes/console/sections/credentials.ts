import type { Block, Cell, ConsolePage, Form } from '../../../console/blocks.ts'
import { ending, first, follow, purposeField, readable } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'

interface System {
  system: string
  agency: string
  dialect: string
  renewable: boolean
  configured: { title: string; setting: string | null }[]
  endsAt: string | null
  held: { id: string; obtainedAt: string | null; expiresAt: string | null; failures: number }[]
  rotation: { askedAt: string; endedAt: string | null; renewed: number; failed: number; error: string | null } | null
}

interface Overview {
  systems: System[]
  certificates: { subject: string; endsAt: string }[]
}

const PATH = '/console/credentials'

/** Credentials towards agencies and certificates: until when they are good, and having what agencies hand out replaced now. */
export const credentials: Section = {
  path: PATH,
  title: '凭据与证书',
  permission: 'credentials.read',
  routes(desk) {
    desk.page('/credentials', show)
    desk.act('/credentials/rotate', 'credentials.rotate', async (visit, typed) => {
      const body = { system: first(typed, 'system'), purpose: first(typed, 'purpose') }
      const answer = await visit.ask({ method: 'POST', path: '/admin/credentials/rotations', body })
      const { renewed = 0, failed = 0 } = answer.ok ? (answer.data as { renewed?: number; failed?: number }) : {}
      return follow(answer, said(renewed, failed), () => show(visit))
    })
  },
}

function said(renewed: number, failed: number): string {
  if (renewed + failed === 0) return '对方系统还没有发放过凭据，第一次调用时取得。'
  return `已更换 ${renewed} 个，五秒之内在所有进程生效${failed === 0 ? '。' : `；${failed} 个没有换成，原凭据继续使用。`}`
}

async function show({ get, may }: Visit): Promise<ConsolePage> {
  const { data } = await get<Overview>('/admin/credentials')
  const [handed, configured] = [data.systems.filter(({ renewable }) => renewable), data.systems.filter(({ renewable }) => !renewable)]
  return {
    title: '凭据与证书',
    blocks: [
      {
        ...{ kind: 'table', caption: '由对方系统发放、自动更新的', empty: '没有。' },
        columns: ['系统', '认证方式', '已取得', '最近一次取得', '最早的有效期', '没有取得的次数', '最近一次由管理员更换'],
        rows: handed.map(({ system, agency, dialect, held, rotation }) => [
          { text: system, more: agency },
          dialect,
          held.length,
          readable(last(held.map(({ obtainedAt }) => obtainedAt))),
          readable(earliest(held.map(({ expiresAt }) => expiresAt))),
          failing(held),
          rotationOf(rotation),
        ]),
      },
      ...(may('credentials.rotate') && handed.length > 0 ? [form(handed)] : []),
      {
        ...{ kind: 'table', caption: '人工配置的；更换时改配置，逐个重新启动进程', empty: '没有。' },
        columns: ['系统', '认证方式', '凭据', '注明的最后有效时间'],
        rows: configured.map(({ system, agency, dialect, configured: names, endsAt }) => [
          { text: system, more: agency },
          dialect,
          names.map(({ title, setting }) => (setting ? `${title}：${setting}` : title)).join('；'),
          ending(endsAt, Date.now()),
        ]),
      },
      {
        ...{ kind: 'table', caption: '证书', empty: '没有查到证书。' },
        columns: ['主机或配置项', '有效期至'],
        rows: data.certificates.map(({ subject, endsAt }) => [subject, ending(endsAt, Date.now())]),
      } satisfies Block,
    ],
  }
}

const known = (times: readonly (string | null)[]) => times.filter((time) => time !== null).sort()
const last = (times: readonly (string | null)[]) => known(times).at(-1) ?? null
const earliest = (times: readonly (string | null)[]) => known(times)[0] ?? null

function failing(held: System['held']): Cell {
  const sum = held.reduce((total, { failures }) => total + failures, 0)
  return sum === 0 ? 0 : { text: `${sum} 次`, tone: 'bad' }
}

function rotationOf(rotation: System['rotation']): Cell {
  if (rotation === null) return null
  const { askedAt, endedAt, renewed, failed, error } = rotation
  if (endedAt === null) return { text: '正在更换', more: readable(askedAt), tone: 'note' }
  const more = `${readable(askedAt)}${error === null ? '' : `，${error}`}`
  return failed === 0 ? { text: `更换 ${renewed} 个`, more, tone: 'good' } : { text: `${failed} 个没有换成`, more, tone: 'bad' }
}

function form(systems: readonly System[]): Form {
  const options = systems.map(({ system, agency }) => ({ value: system, label: `${system}（${agency}）` }))
  return {
    ...{ kind: 'form', action: `${PATH}/rotate`, title: '立即更换一个系统的凭据', button: '更换', folded: true },
    fields: [
      {
        ...{ name: 'system', label: '系统', type: 'choice', required: true, options },
        hint: '更换期间原凭据继续使用；对方系统拒绝时仍用原凭据。每个系统每分钟一次',
      },
      purposeField,
    ],
  }
}
