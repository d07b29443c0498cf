import { archive } from './audit-archive.ts'
import { exportRows } from './audit-export.ts'
import { key } from './audit-key.ts'
import { verify } from './audit-verify.ts'
import { group } from './command.ts'

export const audit = group('audit', '审计日志', [verify, exportRows, archive, key])
