import type { Database } from '../../core/base/database.ts'
import type { Log } from '../../core/base/log.ts'
import type { Closure } from './closings.ts'

/** How a connector is used. Running calls end in any case; `drain` lets what goes on in the background ask the agency, `off` nothing. */
export const switchStates = { on: '启用', drain: '排空', off: '停用' } as const
export type SwitchState = keyof typeof switchStates

/** Times are epoch milliseconds. */
export interface Switch {
  connector: string
  state: SwitchState
  /** Why, in words for citizens; null where it is on. */
  title: string | null
  changedBy: string
  changedAt: number
}

export interface Switches {
  /** What keeps a system from being used; `background`: by what nobody waits for. */
  closureOf(system: string, background: boolean): Closure | null
  /** The last word counts. */
  set(change: Omit<Switch, 'changedAt'>): Promise<Switch>
  list(): Promise<Switch[]>
  /** Reads them now. */
  load(): Promise<void>
  /** Goes on reading them, until {@link stop}. */
  start(): void
  stop(): void
}

const FRESH_MS = 2000
/** Nobody knows when a switch is turned back: whoever was refused may ask again after so long. */
const AGAIN_MS = 60_000

type Row = Record<'connector' | 'changed_by', string> & { state: SwitchState; title: string | null; changed_at: number | string }

/** What administrators turned off, the same in every process within {@link FRESH_MS}. */
export function createSwitches(database: Database, log: Pick<Log, 'warn'>): Switches {
  let known: ReadonlyMap<string, Row> = new Map()
  let timer: NodeJS.Timeout | null = null
  // One after the other, so that what was read earlier never replaces what was read later.
  let reading = Promise.resolve()

  async function read(): Promise<void> {
    const rows: Row[] = await database('connector_switches').whereNot({ state: 'on' })
    known = new Map(rows.map((row) => [row.connector, row]))
  }

  function load(): Promise<void> {
    const work = reading.then(read)
    reading = work.catch(() => undefined)
    return work
  }

  return {
    closureOf(system, background) {
      if (known.size === 0) return null
      const [connector = ''] = system.split('/', 1)
      const row = known.get(connector)
      if (!row || (background && row.state !== 'off')) return null
      return { why: 'switched', title: row.title ?? '', until: Date.now() + AGAIN_MS, waitMs: AGAIN_MS }
    },
    async set({ connector, state, title, changedBy }) {
      const row = { connector, state, title, changed_by: changedBy, changed_at: Date.now() }
      await database('connector_switches').insert(row).onConflict('connector').merge()
      await load()
      return toSwitch(row)
    },
    list: async () => (await database<Row>('connector_switches').orderBy('connector')).map(toSwitch),
    load,
    start() {
      timer = setInterval(() => {
        // What is known goes on until the store is back.
        load().catch((error: Error) => log.warn({ error: error.name }, '连接器开关读取失败'))
      }, FRESH_MS)
      timer.unref()
    },
    stop() {
      if (timer) clearInterval(timer)
    },
  }
}

function toSwitch({ connector, state, title, changed_by, changed_at }: Row): Switch {
  return { connector, state, title, changedBy: changed_by, changedAt: Number(changed_at) }
}
