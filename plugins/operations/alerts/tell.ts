import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { AlertReceiver, Severity } from '../../../config/alerts.ts'
import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { AlertRow, AlertRows } from './rows.ts'
import { type AlertRule, type Signal, wordsOf } from './rules.ts'
import { isSilenced, type Silences } from './silences.ts'

/** Why something is told. */
export type Telling = 'firing' | 'repeated' | 'escalated' | 'resolved' | 'test'

/** One thing that is told: all that is wrong by one rule at once. */
export interface Notification {
  telling: Telling
  rule: string
  title: string
  severity: Severity
  /** Epoch milliseconds. */
  at: number
  alerts: readonly { id: string; target: string; name: string; words: string; since: number }[]
}

export interface TellOptions {
  database: Database
  rows: AlertRows
  silences: Silences
  rules: readonly AlertRule[]
  receivers: readonly AlertReceiver[]
  /** Whether a connector is down on purpose. */
  isPlanned(connector: string, at: number): boolean | Promise<boolean>
  nameOf(target: string, connector: string | null): string
  now: () => number
}

/** So many alerts are one message at most: a column of text holds 65,535 bytes, and what cannot be written down is told to nobody. */
const MOST_AT_ONCE = 80

function inParts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / MOST_AT_ONCE) }, (_, at) => all.slice(at * MOST_AT_ONCE, (at + 1) * MOST_AT_ONCE))
}

type Due = { alert: AlertRow; telling: Telling }

/** Decides what is told, of all alerts as they stand, and leaves it as deliveries. What another process told meanwhile is left to it. */
export function createTell({ database, rows, silences, rules, receivers, isPlanned, nameOf, now }: TellOptions): () => Promise<void> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))

  function dueOf(alert: AlertRow, at: number): Telling | null {
    const rule = byId.get(alert.rule)
    if (!rule || alert.state !== 'firing') return null
    if (alert.told_at === null) return 'firing'
    if (alert.escalated_at === null && at - (alert.fired_at ?? at) >= rule.escalateMinutes * 60_000) return 'escalated'
    return at - alert.told_at >= rule.repeatMinutes * 60_000 ? 'repeated' : null
  }

  async function isQuiet(alert: AlertRow, at: number, quiet: Awaited<ReturnType<Silences['list']>>): Promise<boolean> {
    return isSilenced(quiet, alert, at) || (alert.connector !== null && (await isPlanned(alert.connector, at)))
  }

  /** By rule and reason: forty agencies behind one gateway are one message. */
  function groupsOf(due: readonly Due[]): Due[][] {
    const groups = new Map<string, Due[]>()
    for (const each of due) {
      const key = `${each.alert.rule} ${each.telling} ${each.alert.escalated_at === null}`
      groups.set(key, [...(groups.get(key) ?? []), each])
    }
    return [...groups.values()].flatMap(inParts)
  }

  function markOf(telling: Telling, at: number): Partial<AlertRow> {
    if (telling === 'resolved') return { end_told_at: at }
    return telling === 'escalated' ? { told_at: at, escalated_at: at } : { told_at: at }
  }

  async function tell(group: readonly Due[], at: number): Promise<void> {
    await transact(database, async (transaction) => {
      const won: AlertRow[] = []
      for (const { alert, telling } of group) {
        // As it was when it was looked at: acknowledged or told by somebody else meanwhile, it is not this one's any more.
        const { id, state, told_at, end_told_at } = alert
        if ((await transaction('alerts').where({ id, state, told_at, end_told_at }).update(markOf(telling, at))) === 1) won.push(alert)
      }
      const [first] = group
      if (!first || won.length === 0) return
      const told = receivers.filter((receiver) => hears(receiver, first))
      const content = JSON.stringify(notificationOf(first, won, at))
      for (const { name, mode, channels } of told)
        for (const index of mode === 'first' ? [0] : channels.keys())
          await addDelivery(transaction, { receiver: name, channel: index, content }, at)
      const event = first.telling === 'escalated' ? ('escalated' as const) : ('told' as const)
      const detail =
        told
          .map(({ name }) => name)
          .join('、')
          .slice(0, 400) || '没有设置接收人'
      for (const { id } of won) await rows.note(transaction, id, { at, event, by: null, detail })
    })
  }

  function notificationOf({ telling, alert }: Due, alerts: readonly AlertRow[], at: number): Notification {
    const rule = byId.get(alert.rule)
    const told = alerts.map(({ id, target, connector, value, since }) => ({
      id,
      target,
      name: nameOf(target, connector),
      words: rule ? wordsOf(rule.signal satisfies Signal, value) : '',
      since,
    }))
    return { telling, rule: alert.rule, title: rule?.title ?? alert.rule, severity: alert.severity, at, alerts: told }
  }

  return async () => {
    const at = now()
    const quiet = await silences.list()
    const due: Due[] = []
    for (const alert of await rows.open()) {
      const telling = dueOf(alert, at)
      if (telling && !(await isQuiet(alert, at, quiet))) due.push({ alert, telling })
    }
    for (const alert of await rows.ended()) due.push({ alert, telling: 'resolved' })
    for (const group of groupsOf(due)) await tell(group, at)
  }
}

/** The second level hears what was not taken up, and then how it ended. */
function hears({ level = 1, severities }: AlertReceiver, { alert, telling }: Due): boolean {
  return (level === 1 || telling === 'escalated' || alert.escalated_at !== null) && (severities?.includes(alert.severity) ?? true)
}

export async function addDelivery(
  database: Knex,
  { receiver, channel, content }: { receiver: string; channel: number; content: string },
  at: number,
): Promise<void> {
  const row = { id: randomUUID(), receiver, channel, content, state: 'waiting', due_at: at, created_at: at, updated_at: at }
  await database('alert_deliveries').insert(row)
}
