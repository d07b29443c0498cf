import type { Log } from '../../../core/base/log.ts'
import type { Reading, Readings } from './readings.ts'
import { type AlertRow, type AlertRows, keyOf } from './rows.ts'
import { type AlertRule, isBreached, wordsOf } from './rules.ts'

/** What comes and goes is one alert: it is over when nothing was found for so long. */
const CLEAR_MS = 120_000

export interface EvaluateOptions {
  rows: AlertRows
  rules: readonly AlertRule[]
  read(): Promise<Readings>
  log: Pick<Log, 'warn'>
  now: () => number
}

/** Looks at everything once, and moves alerts along: what is found begins or goes on, what is not found any more ends. */
export function createEvaluate({ rows, rules, read, log, now }: EvaluateOptions): () => Promise<void> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))

  async function found(alert: AlertRow, rule: AlertRule, { name, value }: Reading, at: number): Promise<void> {
    await rows.seen(alert.id, value, at)
    if (alert.state !== 'pending' || at - alert.since < rule.forSeconds * 1000) return
    const detail = wordsOf(rule.signal, value)
    const fired = await rows.move(alert.id, 'firing', { fired_at: at }, { event: 'fired', by: null, detail }, at)
    if (fired) log.warn({ rule: rule.id, target: alert.target, severity: rule.severity, value }, `${rule.title}：${name}，${detail}`)
  }

  async function missing(alert: AlertRow, at: number): Promise<void> {
    if (alert.state === 'pending') await rows.move(alert.id, 'passed', {}, null, at)
    else if (at - alert.seen_at >= CLEAR_MS) await rows.move(alert.id, 'resolved', {}, { event: 'resolved', by: null, detail: null }, at)
  }

  return async () => {
    const { readings, unknown } = await read()
    const at = now()
    const breached = new Map(
      rules.flatMap((rule) =>
        readings
          .filter(({ signal, value }) => signal === rule.signal && isBreached(rule, value))
          .map((reading) => [keyOf(rule.id, reading.target), { rule, reading }] as const),
      ),
    )
    const known = new Set((await rows.open()).map(({ rule, target }) => keyOf(rule, target)))
    for (const [key, { rule, reading }] of breached) if (!known.has(key)) await rows.begin(rule, reading, at)
    for (const alert of await rows.open()) {
      const rule = byId.get(alert.rule)
      const hit = breached.get(keyOf(alert.rule, alert.target))
      if (rule && hit) await found(alert, rule, hit.reading, at)
      // Of a rule that is turned off there is no alert; of a signal that could not be read nothing new is known.
      else if (!rule || !unknown.has(rule.signal)) await missing(alert, at)
    }
  }
}
