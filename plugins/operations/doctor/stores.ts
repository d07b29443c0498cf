import { Redis } from 'ioredis'
import type { Settings } from '../../../config/settings.ts'
import type { Database } from '../../../core/base/database.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { migrationStatus, migrations } from '../../../migrations/index.ts'
import { evidenceKey, headsAddress } from '../../audit/evidence.ts'
import { openHeadsPlace } from '../../audit/open-heads.ts'
import { readWitness } from '../../audit/witness.ts'
import { assertKeys, KeyError } from '../key-check.ts'
import { ailing, type Finding, looked, skipped, well } from './finding.ts'

const SKEW_MS = 2000
const STALE_MS = 5 * 60_000
const OLD_MS = 10 * 60_000

/** The database, its keys, what waits in it, Redis, and the second place of the evidence. */
export async function lookAtStores(settings: Settings, database: Database, vault: Vault, now = Date.now): Promise<Finding[]> {
  const server = await lookAtDatabase(database, now)
  // Whatever else stands in it cannot be looked at either.
  const inside = server.some(({ state }) => state === 'fail')
    ? []
    : [await lookAtKeys(database, vault), await lookAtQueue(database, now), await lookAtEvidence(settings, now)]
  return [...server, ...inside, await lookAtRedis(settings)]
}

async function lookAtDatabase(database: Database, now: () => number): Promise<Finding[]> {
  const place = { id: 'database', title: '数据库' }
  const reached = await looked(place, '请启动数据库，并核对 DATABASE_URL', async () => {
    const version = database.engine === 'mysql' ? 'version()' : 'sqlite_version()'
    const row = await database.select(database.raw(`${version} as version`)).first<{ version: string }>()
    return well(place, `${database.engine === 'mysql' ? 'MySQL/MariaDB' : 'SQLite'} ${row.version}`)
  })
  if (reached.state !== 'ok') return [reached]
  const schema = { id: 'migrations', title: '数据库结构' }
  const migrated = await looked(schema, '请核对数据库用户的权限', async () => {
    const { applied, pending } = await migrationStatus(database)
    const foreign = applied.filter((name) => !migrations[name])
    // As in an upgrade without a stop, while both versions run; what this one says of such a store is not all there is.
    if (foreign.length > 0)
      return ailing(schema, 'warn', `有 ${foreign.length} 项升级是更新的版本做的，这个版本不认识`, '请用运行中的那个版本的 hub doctor 来查')
    if (pending.length === 0) return well(schema, `最新，${applied.length} 项升级都已做过`)
    const state = applied.length === 0 ? 'fail' : 'warn'
    return ailing(schema, state, `有 ${pending.length} 项升级还没有做`, '请启动中枢，或执行 hub migrate（之前先 hub backup）')
  })
  return [reached, migrated, await lookAtClock(database, now)]
}

function lookAtClock(database: Database, now: () => number): Promise<Finding> {
  const subject = { id: 'database-clock', title: '与数据库的时差' }
  return looked(subject, '请核对两台机器的时钟', async () => {
    if (database.engine === 'sqlite') return skipped(subject, '内嵌数据库用本机的时钟')
    const before = now()
    const { at } = await database.select(database.raw('unix_timestamp(now(3)) as at')).first<{ at: number | string }>()
    const skew = Math.round(Number(at) * 1000 - (before + now()) / 2)
    if (Math.abs(skew) <= SKEW_MS) return well(subject, `${skew} 毫秒`)
    return ailing(subject, 'warn', `相差 ${(skew / 1000).toFixed(1)} 秒`, '请在两台机器上启用时钟同步（chrony）')
  })
}

function lookAtKeys(database: Database, vault: Vault): Promise<Finding> {
  const subject = { id: 'keys', title: '主密钥' }
  return looked(subject, '请核对 MASTER_KEY、MASTER_KEYS_OLD 和 LOOKUP_KEY', async () => {
    try {
      await assertKeys(database, vault)
      return well(subject, `打得开库里的密文（现用 ${vault.keyId}）`)
    } catch (error) {
      if (!(error instanceof KeyError)) throw error
      const [said = '', ...todo] = error.message.split('\n')
      return ailing(subject, 'fail', said, todo.join(''))
    }
  })
}

function lookAtQueue(database: Database, now: () => number): Promise<Finding> {
  const subject = { id: 'queue', title: '待办的申办' }
  return looked(subject, '请执行 hub migrate', async () => {
    const [attention, oldest] = await Promise.all([
      database('submissions').where({ state: 'attention' }).count({ count: '*' }).first<{ count: number }>(),
      database('submissions').whereIn('state', ['filed', 'sending']).min({ at: 'due_at' }).first<{ at: number | null }>(),
    ])
    const lateMs = oldest.at === null ? 0 : now() - Number(oldest.at)
    if (Number(attention.count) > 0) return ailing(subject, 'warn', `有 ${attention.count} 件须人工处理`, '请看 hub submissions')
    if (lateMs <= OLD_MS) return well(subject, '没有积压')
    return ailing(
      subject,
      'warn',
      `最早该办的一件已迟了 ${Math.round(lateMs / 60_000)} 分钟`,
      '请看中枢是否在运行、对方系统是否应答（/health）',
    )
  })
}

function lookAtEvidence(settings: Settings, now: () => number): Promise<Finding> {
  const subject = { id: 'evidence', title: '检查点（第二处）' }
  return looked(subject, '请核对 AUDIT_HEADS 和 AUDIT_KEY_FILE（docs/evidence.md）', async () => {
    const key = evidenceKey(settings)
    const place = openHeadsPlace(headsAddress(settings))
    try {
      // Adds nothing, but has to be able to.
      await place.append(() => null)
      const { last, faults } = await readWitness(place.lines(), { keys: [key, ...key.former] })
      if (faults.length > 0) return ailing(subject, 'fail', `有 ${faults.length} 处不对：${faults[0]}`, '请执行 hub audit verify')
      if (!last) return ailing(subject, 'warn', '还没有检查点', '请启动中枢；已在运行的，看它的日志')
      const age = now() - last.at
      if (age <= STALE_MS) return well(subject, `能写，第 ${last.n} 个，${Math.round(age / 1000)} 秒前`)
      return ailing(
        subject,
        'warn',
        `最后一个是 ${Math.round(age / 60_000)} 分钟前的`,
        '请看中枢是否在运行；在运行的，看 /health 的 evidence',
      )
    } finally {
      await place.close()
    }
  })
}

function lookAtRedis({ REDIS_URL }: Settings): Promise<Finding> {
  const subject = { id: 'redis', title: 'Redis' }
  return looked(subject, '请启动 Redis，并核对 REDIS_URL；没有它，任务由扫描数据库来办，频率按进程计', async (late) => {
    if (REDIS_URL === '') return skipped(subject, '没有设置 REDIS_URL：任务在进程里办')
    const redis = new Redis(REDIS_URL, { lazyConnect: true, connectTimeout: 3000, maxRetriesPerRequest: 0, retryStrategy: () => null })
    redis.on('error', () => undefined)
    late.addEventListener('abort', () => redis.disconnect())
    try {
      await redis.connect()
      const info = await redis.info()
      const [, version = '?'] = /redis_version:(\S+)/.exec(info) ?? []
      const [, policy = ''] = /maxmemory_policy:(\S+)/.exec(info) ?? []
      if (policy === '' || policy === 'noeviction') return well(subject, `${version}，${policy}`)
      return ailing(
        subject,
        'warn',
        `${version}，maxmemory-policy 是 ${policy}`,
        '请设为 noeviction：满了以后丢掉任务的唤醒，要等扫描才补上',
      )
    } finally {
      redis.disconnect()
    }
  })
}
