import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Database } from '../../core/base/database.ts'
import type { Log } from '../../core/base/log.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'

/** One question of one asker: whoever asks another, or is another, finds nothing. */
export interface AskedQuestion {
  service: CompiledService
  asker: Asker
  /** As it was validated, its page and fields included. */
  query: Readonly<Record<string, unknown>>
}

/** An answer as it left: masked, with its time in `meta.asOf`. */
export interface KeptAnswer {
  readonly data: unknown
  readonly meta: Readonly<Record<string, unknown>>
}

/** Answers that services with `lastGood` gave, for when their agency is closed by plan. Who may ask is for the caller to settle, each time. */
export interface LastAnswers {
  /** Never rejects: an answer that cannot be kept is an answer. */
  keep(question: AskedQuestion, answer: KeptAnswer, at: number): Promise<void>
  /** → null for none, or one that is too old by now. */
  find(question: AskedQuestion): Promise<KeptAnswer | null>
  purge(): Promise<void>
}

/** What changes within it is shown when it is next asked for; meanwhile a busy asker costs no writes. */
const PAUSE_MS = 60_000
/** More than a page of a hundred records. */
const MOST_CHARACTERS = 512 * 1024

export const answerContext = (id: string) => `last_answers.answer:${id}`

export function createLastAnswers(database: Database, vault: Vault, log: Pick<Log, 'warn'>, now: () => number): LastAnswers {
  // It looks at the clock once a second: with every answer a timer would be set.
  const written = new LRUCache<string, true>({ ...atMost(20_000), ttl: PAUSE_MS, ttlResolution: 1000 })

  /** The declaration's version is part of it: what it masks by now it may not have masked then. */
  function idOf({ service: { key, connector }, asker: { userId, person, enterprise, account }, query }: AskedQuestion): string {
    const given = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1))
    const whose = [userId, person?.idNumber, enterprise?.id, account?.externalId].map((part) => part ?? null)
    return vault.fingerprint(JSON.stringify([key, connector.version ?? null, whose, given]), 'last_answers')
  }

  /** The same for this process's memory alone, without a hash: it is looked at with every answer. */
  const momentaryKeyOf = ({ service: { key, connector }, asker: { userId, person, enterprise, account }, query }: AskedQuestion) =>
    JSON.stringify([key, connector.version, userId, person?.id, enterprise?.id, account?.externalId, query])

  return {
    async keep(question, answer, at) {
      const { contract, connector } = question.service
      if (!contract.lastGood) return
      const lately = momentaryKeyOf(question)
      if (written.has(lately)) return
      const id = idOf(question)
      const text = JSON.stringify(answer)
      if (text.length > MOST_CHARACTERS) return
      const { userId = null, person, enterprise } = question.asker
      const row = {
        ...{ id, user_id: userId, about_user_id: person?.id ?? null, enterprise_id: enterprise?.id ?? null },
        ...{ connector: connector.id, service: contract.id, answer_sealed: vault.seal(text, answerContext(id)) },
        ...{ answered_at: at, expires_at: at + contract.lastGood.maxAgeSeconds * 1000 },
      }
      await database('last_answers')
        .insert(row)
        .onConflict('id')
        .merge()
        .then(() => void written.set(lately, true))
        .catch((error: Error) => log.warn({ error: error.name }, '查询结果未能留存'))
    },
    async find(question) {
      const { lastGood } = question.service.contract
      if (!lastGood) return null
      const id = idOf(question)
      const row: { answer_sealed: string; answered_at: number | string } | undefined = await database('last_answers')
        .where({ id })
        .where('expires_at', '>', now())
        .first('answer_sealed', 'answered_at')
      // The declaration may allow less by now.
      if (!row || Number(row.answered_at) + lastGood.maxAgeSeconds * 1000 <= now()) return null
      return JSON.parse(vault.open(row.answer_sealed, answerContext(id))) as KeptAnswer
    },
    async purge() {
      await database('last_answers').where('expires_at', '<=', now()).delete()
    },
  }
}
