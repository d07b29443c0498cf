import yargs from 'yargs'
import { version } from '../config/version.ts'
import { accounts } from './accounts.ts'
import { administrators } from './administrators.ts'
import { agency } from './agency.ts'
import { audit } from './audit.ts'
import { backup } from './backup.ts'
import { clients } from './clients.ts'
import type { Entry, Run } from './command.ts'
import { connector } from './connector.ts'
import { dev } from './dev.ts'
import { doctor } from './doctor.ts'
import { evidence } from './evidence.ts'
import { explain } from './explain.ts'
import type { Io } from './io.ts'
import { keys } from './keys.ts'
import { messages } from './messages.ts'
import { migrate } from './migrate.ts'
import { orders } from './orders.ts'
import { people } from './people.ts'
import { requests } from './requests.ts'
import { restore } from './restore.ts'
import { sandbox } from './sandbox.ts'
import { services } from './services.ts'
import { submissions } from './submissions.ts'
import { token } from './token.ts'
import { UsageError } from './usage.ts'

/** Every command, in the order of the help. */
export const entries: readonly Entry[] = [
  ...[dev, people, token, services, connector, agency, sandbox, messages],
  ...[clients, administrators, accounts, submissions, orders],
  ...[requests, audit, keys, migrate, backup, restore, doctor, evidence],
]

const EPILOGUE = `设置取自环境变量和 .env，见 .env.example。每条命令的说明：hub <命令> --help。
退出码：0 成功；1 没有做成，或查出了问题；2 命令用法不对。`

/** yargs' own words, where they don't say enough to somebody who has never heard of it. */
const WORDS = {
  'Did you mean %s?': '没有这个命令，您要的是 %s 吗？',
  'Unknown argument: %s': plural('没有这个命令或选项：%s'),
  'Unknown command: %s': plural('没有这个命令：%s'),
  'Not enough non-option arguments: got %s, need at least %s': plural('缺少参数：给了 %s 个，至少要 %s 个'),
  'Missing required argument: %s': plural('缺少必须写明的选项：%s'),
  'Invalid values:': '给的值不对：',
  'Argument: %s, Given: %s, Choices: %s': '%s 给的是 %s，只能是 %s',
} as Record<string, string | Record<string, string>> as Record<string, string>

/** Chinese has one form for any number. */
function plural(text: string): Record<string, string> {
  return { one: text, other: text }
}

/** Runs one command line. → the exit code: 0 done, 1 the work failed or found a fault, 2 called in a way that isn't known. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const words = complete(args)
  const state: Run = { io, code: 0 }
  try {
    await parse(words, state)
    return state.code
  } catch (error) {
    return explain(error, io, groupOf(words))
  }
}

async function parse(words: readonly string[], state: Run): Promise<void> {
  const root = yargs()
    .scriptName('hub')
    .locale('zh_CN')
    .updateStrings(WORDS)
    .usage('hub <命令>\n\n城市政务服务集成中枢的命令行')
    .epilogue(EPILOGUE)
    .version(version)
    .help()
    .alias('help', 'h')
    .option('json', { type: 'boolean', default: false, describe: '以 JSON 输出结果，别无其他' })
    .parserConfiguration({
      'greedy-arrays': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
    })
    .check(assertOnce)
    .strict()
    .recommendCommands()
    .demandCommand(1, '要写明命令')
    .completion('completion', '生成命令补全的脚本（hub completion >> ~/.bashrc）')
    .wrap(110)
    .exitProcess(false)
    .fail(false)
  for (const entry of entries) entry.attach(root, state, '')
  let work = false
  try {
    // yargs throws its complaints about what was typed; what a command throws arrives in the callback too.
    await root.parseAsync([...words], {}, (error, _args, output) => {
      work = Boolean(error)
      if (output) state.io.out(output.trimEnd())
    })
  } catch (error) {
    throw work || error instanceof UsageError ? error : complaint(error, words)
  }
}

/** What may be written several times; yargs makes a list of anything else too. */
const LISTS: ReadonlySet<string> = new Set(['_', '绑定编号', 'redirect', 'scope', 'grant', 'input', 'recipient'])

function assertOnce(args: Readonly<Record<string, unknown>>): true {
  const twice = Object.keys(args).find((name) => Array.isArray(args[name]) && !LISTS.has(name))
  if (twice !== undefined) throw new UsageError(`--${twice} 只能写一次`)
  return true
}

/** What yargs complains about, with what there is instead. */
function complaint(error: unknown, words: readonly string[]): UsageError {
  const group = entries.find(({ name, actions }) => name === words[0] && actions.length > 0)
  const known = group && !group.actions.some(({ name }) => name === words[1])
  const there = known ? `\n${group.name} 的动作：${group.actions.map(({ name }) => name).join('、')}` : ''
  const { message } = error as Error
  return new UsageError(message.endsWith(there.trim()) ? message : message + there)
}

/** No command at all asks for the help; a group alone stands for its usual action. */
function complete(args: readonly string[]): string[] {
  const [first, second, ...rest] = args
  if (first === undefined || first === 'help') return ['--help']
  const usual = entries.find(({ name }) => name === first)?.usual
  const asksHelp = args.some((word) => word === '--help' || word === '-h')
  if (usual && !asksHelp && (second === undefined || second.startsWith('-'))) return [first, usual, ...args.slice(1)]
  return second === undefined ? [first] : [first, second, ...rest]
}

function groupOf([first = '', second = '']: readonly string[]): string[] {
  const entry = entries.find(({ name }) => name === first)
  if (!entry) return []
  return entry.actions.some(({ name }) => name === second) ? [first, second] : [first]
}
