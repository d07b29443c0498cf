import type { AuditEntry } from '../../audit/entry.ts'

/** In what role somebody used a person's data. */
export const useKinds = {
  own: '本人使用',
  family: '家庭成员或监护人',
  representative: '监护人或窗口人员代办',
  agent: '单位经办人',
  application: '第三方应用',
  agency: '政府部门',
  administrator: '平台管理人员',
  platform: '平台代您办理',
} as const
export type UseKind = keyof typeof useKinds

/** What is registered of an application. */
export interface ClientNote {
  name: string
  /** Belongs to the city's own app. */
  trusted: boolean
  agency: boolean
}

export interface Use {
  /** Pseudonym of the person, or `enterprise:<id>`. */
  subject: string
  use: UseKind
}

/** A row of the audit log as it was written, read back. */
export type Recorded = Pick<AuditEntry, 'app' | 'user' | 'enterprise' | 'connector' | 'service' | 'outcome' | 'fields'> &
  Pick<AuditEntry, 'actor' | 'target' | 'subjects' | 'role' | 'submission' | 'file'> & { action: AuditEntry['action'] | 'open' | 'close' }

/** Of what the hub's own routes give out, what leaves it: claims to an application. */
const CLAIMS = 'oauth.userinfo'
const PSEUDONYM = /^[0-9a-f]{32}$/

/** Whose data a row of the audit log says were used, and by whom. Refused calls used none; a page stands beside the call that filled it. */
export function usesOf(row: Recorded, clientOf: (id: string) => ClientNote | undefined): Use[] {
  if (row.outcome !== 'ok' || row.action === 'open' || row.action === 'close') return []
  // Some acts of administrators name the agency that they asked.
  if (row.connector === 'admin' || row.role !== undefined) return concerned(row).map((subject) => ({ subject, use: 'administrator' }))
  const isOurs = row.connector === 'hub' || row.connector === null
  if (isOurs && row.service !== CLAIMS) return []
  if (row.fields.length === 0 && row.submission === undefined && row.file === undefined) return []
  const uses: Use[] = []
  const [target] = concerned(row)
  if (row.enterprise !== null) uses.push({ subject: `enterprise:${row.enterprise}`, use: 'agent' })
  if (row.user !== null && target === undefined) uses.push({ subject: row.user, use: useBy(row, clientOf) })
  // The family member's data were used; whoever asked finds it in his own ledger too.
  else if (row.user !== null && target !== undefined)
    uses.push({ subject: target, use: 'family' }, ...(target === row.user ? [] : [{ subject: row.user, use: 'own' as const }]))
  return uses
}

/** Whether it was a call of a third party or an agency's platform, in its own name or for somebody with a token of the exchange. */
export function isByOthers({ action, app }: Recorded, clientOf: (id: string) => ClientNote | undefined): boolean {
  const client = action === 'call' && app !== null ? clientOf(app) : undefined
  return client !== undefined && !client.trusted
}

function useBy({ action, actor, app }: Recorded, clientOf: (id: string) => ClientNote | undefined): UseKind {
  if (action !== 'call') return 'platform'
  if (actor !== undefined) return 'representative'
  const client = app === null ? undefined : clientOf(app)
  if (!client || client.trusted) return 'own'
  return client.agency ? 'agency' : 'application'
}

function concerned({ target, subjects = [] }: Recorded): string[] {
  const named = target !== undefined && PSEUDONYM.test(target) ? [target] : []
  return [...new Set([...named, ...subjects])]
}
