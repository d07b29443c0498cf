import type { ArgumentsCamelCase, Argv } from 'yargs'
import { type Act, type Change, createAct, noAct, reasonOption } from './act.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage.ts'

/** What every command takes. */
export interface Common {
  json: boolean
}

/** Where a run stands: what it may use, and the exit code that it ends with. */
export interface Run {
  readonly io: Io
  code: number
}

/** A command, or a group of them, ready to be put under its parent. */
export interface Entry {
  /** The first words: `clients`, `add`. */
  readonly name: string
  readonly actions: readonly Entry[]
  /** What it changes; null for a group, and for a command that only looks. */
  readonly change: Change | null
  /** The action that a group stands for when none is named. */
  readonly usual?: string
  attach(parent: Argv<Common>, run: Run, path: string): void
}

interface CommandSpec<O> {
  /** As yargs reads it: `add <应用编号>`. */
  usage: string
  describe: string
  /** What follows `hub`, and what it does. */
  examples?: readonly (readonly [line: string, what: string])[]
  options?: (parent: Argv<Common>) => Argv<O>
  /** A command that changes something says so here: it takes `--reason`, and has to call `act` before it does anything. */
  change?: Change
  /** Whether it changes nothing when it is called like this. */
  idle?(args: ArgumentsCamelCase<O>): boolean
  /** → the exit code: 0 done, 1 the work failed or found a fault. */
  run(args: ArgumentsCamelCase<O>, io: Io, act: Act): Promise<number>
}

const EXIT_CODES = '退出码：0 成功；1 没有做成，或查出了问题；2 命令用法不对。'

export function command<O = Common>(spec: CommandSpec<O>): Entry {
  const name = spec.usage.split(' ', 1)[0] ?? ''
  const { change = null } = spec
  return {
    name,
    actions: [],
    change,
    attach(parent, run, path) {
      const usage = `hub ${path}${spec.usage}\n\n${spec.describe}`
      parent.command(
        spec.usage,
        spec.describe,
        (own) => {
          const described = own.usage(usage).epilogue(EXIT_CODES)
          for (const [line, what] of spec.examples ?? []) described.example(`hub ${line}`, what)
          if (change) described.option('reason', reasonOption(change))
          // Without options of its own, O is what every command takes.
          return spec.options ? spec.options(described) : (described as unknown as Argv<O>)
        },
        async (args) => {
          const typed = args as ArgumentsCamelCase<O>
          const service = change?.service ?? `${path}${name}`.replaceAll(' ', '.')
          const act = change && !spec.idle?.(typed) ? createAct(run.io, service, change, args['reason']) : noAct
          run.code = await spec.run(typed, run.io, act)
        },
      )
    },
  }
}

export function group(name: string, describe: string, actions: readonly Entry[], usual?: string): Entry {
  const names = actions.map((action) => action.name).join('、')
  return {
    name,
    actions,
    change: null,
    ...(usual === undefined ? {} : { usual }),
    attach(parent, run, path) {
      parent.command(name, `${describe}（${names}）`, (own) => {
        own
          .usage(`hub ${path}${name} <动作>\n\n${describe}`)
          .epilogue(EXIT_CODES)
          .demandCommand(1, `${name} 的动作：${names}`)
          .recommendCommands()
        for (const action of actions) action.attach(own, run, `${path}${name} `)
        return own
      })
    },
  }
}

/** For acts that cannot be undone; {@link confirm} heeds it. */
export const yes = { type: 'boolean', default: false, describe: '不再询问，直接执行（不能撤销的操作在脚本里须写明）' } as const

export const progress = { type: 'boolean', default: false, describe: '显示进度（在终端里总是显示）' } as const

/** → the whole number that was typed, or a mistake that names the range. */
export function ordinal(value: unknown, option: string, last: number): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > last) throw new UsageError(`${option} 须是 1 至 ${last} 的序号，没有 ${value}`)
  return number
}
