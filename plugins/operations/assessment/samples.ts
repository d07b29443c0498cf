import type { Settings } from '../../../config/settings.ts'
import type { Database } from '../../../core/base/database.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { evidenceKey } from '../../audit/evidence.ts'

interface System {
  settings: Settings
  database: Database
  vault: Vault
}

type Row = Readonly<Record<string, unknown>>

/** What is taken from the running system: counts, times and hashes, never a person or a secret. → Chinese sentences. */
const samples = {
  administrators: ({ database }: System) => grouped(database, 'administrators', 'role', '各角色人数'),
  users: ({ database }: System) => grouped(database, 'users', 'status', '各状态账号数'),
  lockOuts: async ({ database }: System) => [`在记的失败 ${await count(database, 'login_failures')} 次`],
  administratorSessions: async ({ database }: System) => [`管理会话 ${await count(database, 'admin_sessions')} 个`],
  secondFactors: async ({ database }: System) => {
    const confirmed = await database('second_factors').whereNotNull('confirmed_at').count({ count: '*' }).first<Row>()
    return [`已绑定验证器的管理员 ${Number(confirmed?.['count'])} 人`]
  },
  auditLog: async ({ database }: System) => {
    const span = await database('audit_rows').min({ first: 'at' }).max({ last: 'at' }).first<Row>()
    const said = `库里 ${await count(database, 'audit_rows')} 条记录，${await count(database, 'audit_chains')} 条链`
    return span?.['first'] ? [`${said}，自 ${beijing(Number(span['first']))} 至 ${beijing(Number(span['last']))}`] : [said]
  },
  auditRow: async ({ database }: System) => {
    const row = await database('audit_rows').orderBy('at', 'desc').first<Row>('chain', 'seq', 'hash', 'record')
    if (!row) return ['还没有记录']
    // Names of what is kept; the values are for auditors, who have a way of their own to them.
    const fields = Object.keys(JSON.parse(String(row['record'])) as object).join('、')
    return [`最新一条：链 ${row['chain']} 第 ${row['seq']} 条，哈希 ${row['hash']}`, `它的各项：${fields}`]
  },
  evidence: async ({ settings }: System) => {
    const { former } = evidenceKey(settings)
    return [`检查点由 AUDIT_KEY_FILE 的密钥签名，另认 ${former.length} 个以前的公钥`]
  },
  sealing: async ({ vault }: System) => [`现用主密钥的编号 ${vault.keyId}，算法 AES-256-GCM，密钥由 HKDF-SHA256 派生`],
  lastBackup: async ({ database }: System) => {
    const row = await database('audit_rows').where({ connector: 'admin', service: 'backup' }).max({ at: 'at' }).first<Row>()
    return [row?.['at'] ? `最近一次 hub backup：${beijing(Number(row['at']))}` : '记录里没有 hub backup：请核对是否另有备份']
  },
  consents: async ({ database }: System) => [`第三方授权 ${await count(database, 'oauth_grants')} 项`],
} satisfies Record<string, (system: System) => Promise<string[]>>

export type SampleName = keyof typeof samples

export function takeSample(name: SampleName, system: System): Promise<string[]> {
  return samples[name](system)
}

async function grouped(database: Database, table: string, column: string, title: string): Promise<string[]> {
  const rows: Row[] = await database(table).groupBy(column).orderBy(column).select(column).count({ count: '*' })
  const parts = rows.map((row) => `${row[column]} ${Number(row['count'])}`)
  return [`${title}：${parts.length === 0 ? '无' : parts.join('，')}`]
}

async function count(database: Database, table: string): Promise<number> {
  const row = await database(table).count({ count: '*' }).first<Row>()
  return Number(row?.['count'])
}
