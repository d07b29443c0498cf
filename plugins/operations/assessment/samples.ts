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
    return [`最新一条：链 ${row['chain']} 第 ${row['seq']} 条，哈希 ${row['hash']}`, `它的各项：${fieldsOf(String(row['record']))}`]
  },
  evidence: async ({ settings }: System) => {
    const { algorithm, id, former } = evidenceKey(settings)
    const whose = settings.AUDIT_KEY_FILE === '' ? '中枢在 DATA_DIR 里自备的密钥（AUDIT_KEY_FILE 没有设置）' : 'AUDIT_KEY_FILE 的密钥'
    return [`检查点由${whose}签名（${algorithm}，${id}），另认 ${former.length} 个以前的公钥`]
  },
  sealing: async ({ vault }: System) => [`现用主密钥的编号 ${vault.keyId}，算法 AES-256-GCM，密钥由 HKDF-SHA256 派生`],
  lastBackup: async ({ database }: System) => {
    const row = await database('audit_rows').where({ connector: 'admin', service: 'backup' }).max({ at: 'at' }).first<Row>()
    // The row stands before the work does.
    return [
      row?.['at']
        ? `最近一次开始 hub backup：${beijing(Number(row['at']))}；做成没有，以备份文件为准`
        : '记录里没有 hub backup：请核对是否另有备份',
    ]
  },
  consents: async ({ database }: System) => [`第三方授权 ${await count(database, 'oauth_grants')} 项`],
} satisfies Record<string, (system: System) => Promise<string[]>>

export type SampleName = keyof typeof samples

export function takeSample(name: SampleName, system: System): Promise<string[]> {
  return samples[name](system)
}

/** What a field of a record is called; a record that was tampered with may hold anything. */
const FIELD = /^[a-zA-Z]{1,40}$/

/** → the names of what is kept; the values are for auditors, who have a way of their own to them. */
function fieldsOf(record: string): string {
  try {
    const names = Object.keys(JSON.parse(record) as object)
    if (names.length > 0 && names.every((name) => FIELD.test(name))) return names.join('、')
  } catch {
    // Said below.
  }
  return '读不出，这条记录不是中枢写的，或者改动过：请执行 hub audit verify'
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
