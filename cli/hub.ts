import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { readSettings, SettingsError } from '../config/settings.ts'
import { formatReport } from '../conformance/report.ts'
import { checkConnector, readReadme } from '../conformance/run.ts'
import { HubError } from '../core/base/errors.ts'
import { beijing } from '../core/base/time.ts'
import { createVault, lookupKeyOf } from '../core/base/vault.ts'
import { listServices } from '../core/contract/catalog.ts'
import { checkDeclarations, DeclarationError } from '../core/contract/check.ts'
import { migrate } from '../migrations/index.ts'
import { createMoves } from '../plugins/agency-accounts/moves.ts'
import { verifyAudit } from '../plugins/audit/verify.ts'
import { createSubmissions } from '../plugins/kinds/filing/submissions.ts'
import { loadConnectors } from '../plugins/load-connectors.ts'
import { rotateKeys } from '../plugins/operations/rotation.ts'
import { issueSandboxToken } from '../plugins/sandbox/issuer.ts'
import { appointFromCommandLine } from '../plugins/users/appointment.ts'
import { type AdminRole, adminRoles } from '../plugins/users/roles.ts'
import { clientsCommand } from './clients.ts'
import { withDatabase } from './store.ts'
import { UsageError } from './usage.ts'

const HELP = `用法：npm run --silent hub -- <命令>

  token [--person N] [--face] [--enterprise N]   签发沙箱访问令牌（N：第几个虚构的人或单位；--face：刚做过人脸核验）
  services                                       以 JSON 数组列出全部服务
  connector check <id> [--json]                  在沙箱里检验一个连接器并评级，未达铜级以 1 退出
  submissions                                    列出待人工处理的申请
  submissions retry <id>                         再次办理（结果不明的先向对方系统查询）
  submissions resolve <id> submitted|refused     按对方系统的答复了结
  audit verify                                   校验审计链；有问题时逐条列出并以 1 退出
  keys rotate                                    以现用主密钥重新加密全部密文（不停机，可中断后再来）
  keys lookup                                    显示查找哈希所用的密钥，更换主密钥前存入 LOOKUP_KEY
  accounts merge <用户> <并入的用户> --reason …  把一个用户的账户并入另一个用户
  accounts split <用户> <移入的用户> <绑定编号>… --reason …
                                                 把部分账户移入另一个用户
  accounts undo <编号>                           撤销 30 天以内的合并或拆分
  administrators <用户编号> admin|operator|auditor|none
                                                 任命或撤销管理员（第一位只能这样任命）
  clients [--json]                               列出登记的应用
  clients add <应用编号> --name … --purpose … [--redirect 地址]… [--scope 授权项]… [--grant 授权方式]…
      [--kind web|native] [--icon 文件] [--sector …] [--algorithm ES256|RS256] [--trusted]
                                                 登记应用并显示密钥（只显示这一次；--trusted：可交换本应用的令牌）
  clients change <应用编号> [--name …] [--purpose …] [--redirect 地址]… [--scope 授权项]… [--icon 文件]
                                                 修改应用
  clients show <应用编号> [--json]               显示应用
  clients disable|enable|rotate <应用编号>       停用、启用应用，更换密钥
  migrate                                        把数据库升级到最新结构
  --help                                         显示本说明

设置取自环境变量，见 .env.example。
`

const commands: Record<string, (args: string[]) => Promise<number>> = {
  async token(args) {
    const { values } = parseArgs({
      args,
      options: { person: { type: 'string', default: '1' }, face: { type: 'boolean', default: false }, enterprise: { type: 'string' } },
    })
    const settings = readSettings()
    if (!settings.sandbox) throw new UsageError('沙箱没有开启，不能签发沙箱令牌')
    const enterprise = values.enterprise === undefined ? {} : { enterprise: ordinal(values.enterprise, '--enterprise') }
    const token = await issueSandboxToken({
      dataDir: settings.DATA_DIR,
      audience: settings.TOKEN_AUDIENCE,
      person: ordinal(values.person, '--person'),
      face: values.face,
      ...enterprise,
    })
    console.log(token)
    return 0
  },

  async services() {
    const connectors = await loadConnectors()
    const { kinds } = await import('../plugins/kinds/index.ts')
    const violations = checkDeclarations(connectors, kinds)
    if (violations.length > 0) throw new DeclarationError(violations)
    console.log(JSON.stringify(listServices(connectors)))
    return 0
  },

  async connector(args) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean', default: false } } })
    const [action, id = '', ...more] = positionals
    if (action !== 'check' || id === '' || more.length > 0) throw new UsageError('connector 只有一个动作：check <id>')
    const connectors = await loadConnectors()
    const connector = connectors.find((declared) => declared.id === id)
    if (!connector) throw new UsageError(`没有这个连接器：${id}（现有 ${connectors.map((declared) => declared.id).join('、')}）`)
    // It builds a whole hub, which the other commands need not wait for.
    const { openLab } = await import('../conformance/open-lab.ts')
    const report = await checkConnector({ connector, readme: await readReadme(id) }, openLab)
    console.log(values.json ? JSON.stringify(report) : formatReport(report))
    return report.tier === 'none' ? 1 : 0
  },

  async audit([action]) {
    if (action !== 'verify') throw new UsageError('audit 只有一个动作：verify')
    const settings = readSettings()
    return withDatabase(async (database) => {
      await migrate(database)
      const { chains, rows, faults } = await verifyAudit({ database, vault: createVault(settings.keys) })
      for (const { chain, seq, kind, detail } of faults) console.log(`链 ${chain} 第 ${seq} 行：${kind}，${detail}`)
      console.log(
        faults.length === 0 ? `审计链完好：${chains} 条链，${rows} 行` : `审计链有 ${faults.length} 处问题（${chains} 条链，${rows} 行）`,
      )
      return faults.length === 0 ? 0 : 1
    })
  },

  async submissions([action, id = '', outcome = '']) {
    const { keys } = readSettings()
    return withDatabase(async (database) => {
      const submissions = createSubmissions({ database, vault: createVault(keys), wake: () => undefined })
      if (action === undefined) {
        const rows = await database('submissions')
          .where({ state: 'attention' })
          .orderBy('updated_at')
          .limit(500)
          .select('id', 'connector', 'service', 'attempts', 'last_error', 'updated_at')
        for (const row of rows)
          console.log(
            `${row.id}  ${row.connector}.${row.service}  报送 ${row.attempts} 次  ${row.last_error ?? ''}  ${beijing(Number(row.updated_at))}`,
          )
        if (rows.length === 0) console.log('没有待人工处理的申请')
        return 0
      }
      const done = await operate()
      console.log(done ? '已处理，运行中的中枢会接着办理' : '没有这项待人工处理的申请')
      return done ? 0 : 1

      function operate(): Promise<boolean> {
        if (action === 'retry' && id !== '') return submissions.retry(id)
        if (action === 'resolve' && id !== '' && (outcome === 'submitted' || outcome === 'refused')) return submissions.resolve(id, outcome)
        throw new UsageError('submissions 的动作：retry <id>，resolve <id> submitted|refused')
      }
    })
  },

  async keys([action]) {
    const { keys } = readSettings()
    if (action === 'lookup') {
      console.log((keys.lookup ?? lookupKeyOf(keys.current.key)).toString('base64'))
      return 0
    }
    if (action !== 'rotate') throw new UsageError('keys 的动作：rotate，lookup')
    return withDatabase(async (database) => {
      await migrate(database)
      const { done, failed } = await rotateKeys({
        database,
        vault: createVault(keys),
        onProgress: ({ table, column, done }) => console.log(`${table}.${column}：已重新加密 ${done} 处`),
      })
      for (const place of failed) console.log(`无法解密，未作改动：${place}`)
      console.log(`完成：以主密钥 ${keys.current.id} 重新加密 ${done} 处${failed.length > 0 ? `，${failed.length} 处无法解密` : ''}`)
      return failed.length === 0 ? 0 : 1
    })
  },

  async accounts(args) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { reason: { type: 'string', default: '' } } })
    const [action, first = '', second = '', ...accountIds] = positionals
    const { keys } = readSettings()
    const declarations = new Map((await loadConnectors()).map(({ id, accounts }) => [id, accounts]))
    return withDatabase(async (database) => {
      // A running hub learns of a shut user within two seconds.
      const moves = createMoves({ database, vault: createVault(keys), declarationOf: (id) => declarations.get(id), changed: () => {} })
      const why = { actor: `cli:${userInfo().username}`, reason: values.reason }
      if (action === 'undo' && /^\d+$/.test(first)) {
        await moves.undo(Number(first))
        console.log(`已撤销 ${first}`)
        return 0
      }
      if (values.reason === '' || second === '') throw new UsageError('accounts 的动作：merge，split（须写明 --reason），undo <编号>')
      if (action !== 'merge' && action !== 'split') throw new UsageError('accounts 的动作：merge，split，undo')
      const id =
        action === 'merge'
          ? await moves.merge({ from: first, into: second, ...why })
          : await moves.split({ from: first, to: second, accountIds, ...why })
      console.log(`已完成，编号 ${id}；30 天内可用 accounts undo ${id} 撤销`)
      return 0
    })
  },

  async administrators([id = '', role = '']) {
    if (id === '' || !(role in adminRoles || role === 'none'))
      throw new UsageError('administrators 的用法：administrators <用户编号> admin|operator|auditor|none')
    const { keys } = readSettings()
    return withDatabase(async (database) => {
      await migrate(database)
      const appointed = role === 'none' ? null : (role as AdminRole)
      await appointFromCommandLine(database, createVault(keys), id, appointed, `cli:${userInfo().username}`)
      console.log(appointed ? `已任命：${id} 为${adminRoles[appointed]}` : `已撤销：${id}`)
      return 0
    })
  },

  clients: (args) => clientsCommand(args, console.log),

  async migrate() {
    return withDatabase(async (database) => {
      const applied = await migrate(database)
      console.log(applied.length === 0 ? '数据库已是最新结构' : `已升级：${applied.join('、')}`)
      return 0
    })
  },
}

function ordinal(text: string, option: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new UsageError(`${option} 须是从 1 开始的序号`)
  return Number(text)
}

async function run([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help' || args.includes('--help')) {
    console.log(HELP)
    return 0
  }
  const command = commands[name]
  if (!command) throw new UsageError(`没有这个命令：${name}`)
  return command(args)
}

function explain({ message, extras: { detail, errors = [] } }: HubError): string {
  return [detail ? `${message}：${detail}` : message, ...errors.map(({ pointer, detail }) => `  ${pointer}：${detail}`)].join('\n')
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const usage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
    const known =
      usage ||
      error instanceof SettingsError ||
      error instanceof DeclarationError ||
      error instanceof HubError ||
      error instanceof RangeError
    console.error(error instanceof HubError ? explain(error) : known ? (error as Error).message : error)
    if (usage) console.error(`\n${HELP}`)
    process.exitCode = usage ? 2 : 1
  },
)
