import { userInfo } from 'node:os'
import type { Database } from '../core/base/database.ts'
import type { Vault } from '../core/base/vault.ts'
import { checkpointFromCommandLine, recordFromCommandLine } from '../plugins/audit/command-line.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage.ts'

export interface Store {
  database: Database
  vault: Vault
}

/** What a command changes, as its audit row says it. */
export interface Change {
  /** In Chinese, a few words: 登记应用. */
  readonly what: string
  /** How the row names the act; by default the command with dots: `keys.rotate`. */
  readonly service?: string
  /** Changes to persons, keys, applications and administrators demand a reason. */
  readonly reason: 'required' | 'optional'
}

/** Puts the act on record before it is done, with who does it and why. Throws HUB_AUDIT_UNAVAILABLE: then it is not done. */
export type Act = (store: Store, target: string, detail?: string) => Promise<void>

/** What a row has room for, the other words taken off. */
const MAX_REASON = 120

export const reasonOption = (change: Change) =>
  ({
    type: 'string',
    describe: `理由，与操作一同存档；不要写个人信息${change.reason === 'required' ? '（必须写明）' : ''}`,
  }) as const

/** The account of the operating system that acts, as audit rows and moves name it. */
export const actor = () => `cli:${userInfo().username}`

export function createAct(io: Io, service: string, { what, reason: need }: Change, typed: unknown): Act {
  const reason = typeof typed === 'string' ? typed.trim() : ''
  if (need === 'required' && reason === '') throw new UsageError(`须用 --reason 写明${what}的理由，与操作一同存档`)
  if (reason.length > MAX_REASON) throw new UsageError(`--reason 最多 ${MAX_REASON} 个字`)
  return async ({ database, vault }, target, detail) => {
    const purpose = `命令行${what}${detail ? ` ${detail}` : ''}${reason ? `：${reason}` : ''}`
    const chain = await recordFromCommandLine(database, vault, { actor: actor(), service, purpose, target })
    const trouble = await checkpointFromCommandLine(database, io.settings(), chain)
    if (trouble) io.err(`操作已记入审计日志，但检查点未能写入（${trouble}）：由运行中的中枢补上，请核对 AUDIT_HEADS 和 AUDIT_KEY_FILE`)
  }
}

/** For commands that change nothing. */
export const noAct: Act = async () => {
  throw new Error('a command that changes something says so (`change`)')
}
