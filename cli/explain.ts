import { SettingsError } from '../config/settings-error.ts'
import { troubleOf } from '../config/trouble.ts'
import { HubError } from '../core/base/errors.ts'
import { SchemaError } from '../migrations/index.ts'
import { ArchiveError } from '../plugins/audit/archive.ts'
import { DeclarationError } from '../plugins/declarations/check.ts'
import { BackupError } from '../plugins/operations/backup/format.ts'
import { KeyError } from '../plugins/operations/key-check.ts'
import type { Io } from './io.ts'
import { plainLines } from './plain.ts'
import { DeclinedError, UsageError } from './usage.ts'

/** Tells the person at the terminal what went wrong and what to do. → the exit code. */
export function explain(error: unknown, io: Io, words: readonly string[]): number {
  if (error instanceof UsageError) {
    io.err(plainLines(error.message))
    io.err(`用法见 hub ${[...words, '--help'].join(' ')}`)
    return 2
  }
  io.err(plainLines(sayWhat(error, io)))
  return 1
}

function sayWhat(error: unknown, io: Io): string {
  if (error instanceof HubError) return describe(error)
  if (error instanceof SettingsError) return `设置有误，请修改环境变量或 .env（各项见 docs/configuration.md）：\n${error.message}`
  if (
    [KeyError, SchemaError, BackupError, DeclinedError, DeclarationError, ArchiveError, RangeError].some((known) => error instanceof known)
  )
    return (error as Error).message
  return troubleOf(error, io.settings()) ?? String((error as Error)?.stack ?? error)
}

function describe({ message, extras: { detail, errors = [] } }: HubError): string {
  return [detail ? `${message}：${detail}` : message, ...errors.map(({ pointer, detail }) => `  ${pointer}：${detail}`)].join('\n')
}
