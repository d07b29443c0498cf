import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { halfWidth } from '../../../core/base/half-width.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { post } from '../../outbox/outbox.ts'
import type { EntryKey } from './read.ts'
import { type QuestionKind, type QuestionState, questionSources, questionStates } from './states.ts'

/** What a citizen asked about a use of his data. Times are epoch milliseconds. */
export interface Question extends EntryKey {
  id: string
  userId: string
  entryAt: number
  /** Pseudonym of whose act it was; null where nobody did it, and for questions of before it was kept. */
  actedBy: string | null
  kind: QuestionKind
  text: string
  state: QuestionState
  dueAt: number
  createdAt: number
  updatedAt: number
  events: { at: number; state: QuestionState; words: string | null; byCitizen: boolean }[]
}

export interface QuestionFilter {
  userId?: string
  state?: QuestionState | undefined
  page: number
  pageSize: number
}

export interface Questions {
  /** Throws HUB_REQUEST_STATE while another one about the same entry is not settled. */
  ask(question: {
    userId: string
    entry: EntryKey & { at: number; actedBy: string | null }
    kind: QuestionKind
    text: string
  }): Promise<Question>
  /** The newest first; of all citizens, what is due first. */
  list(filter: QuestionFilter): Promise<{ rows: Question[]; total: number }>
  /** Of one user where he is named. */
  find(id: string, userId?: string): Promise<Question | null>
  /** `by` is null for the citizen himself. Throws HUB_REQUEST_STATE where the question may not come there. */
  move(id: string, to: QuestionState, by: string | null, words: string): Promise<void>
}

interface Row {
  id: string
  user_id: string
  chain: string
  seq: number | string
  entry_at: number | string
  entry_pseudonym: string | null
  kind: QuestionKind
  text_sealed: string | null
  state: QuestionState
  due_at: number | string
  created_at: number | string
  updated_at: number | string
}

/** Within which it is to be answered. */
const DUE_MS = 15 * 86_400_000
/** Numbers of persons, telephones and cards, which nobody needs in a question. */
/** Also as they are written on cards and papers: in groups. */
const LEAST_GROUPED = 11
const WIDE = /[０-９Ｘｘ]/g
const GAPS = /[ \u3000.·－-]/g
const NUMBER = /\d(?:[ \u3000.·－-]{0,3}\d)*(?:[ \u3000.·－-]{0,3}[Xx])?/g

export function createQuestions(database: Database, vault: Vault, now: () => number = Date.now): Questions {
  const seal = (id: string) => `ledger_questions.text:${id}`

  async function opened(rows: readonly Row[]): Promise<Question[]> {
    const events: { question_id: string; at: number | string; state: QuestionState; words: string | null; acted_by: string | null }[] =
      await database('ledger_question_events')
        .whereIn(
          'question_id',
          rows.map(({ id }) => id),
        )
        .orderBy('id')
    return rows.map((row) => ({
      ...{
        id: row.id,
        userId: row.user_id,
        chain: row.chain,
        seq: Number(row.seq),
        entryAt: Number(row.entry_at),
        actedBy: row.entry_pseudonym,
        kind: row.kind,
      },
      ...{ text: row.text_sealed === null ? '' : vault.open(row.text_sealed, seal(row.id)), state: row.state, dueAt: Number(row.due_at) },
      ...{ createdAt: Number(row.created_at), updatedAt: Number(row.updated_at) },
      events: events
        .filter(({ question_id: of }) => of === row.id)
        .map(({ at, state, words, acted_by: by }) => ({ at: Number(at), state, words, byCitizen: by === null })),
    }))
  }

  return {
    async ask({ userId, entry: { chain, seq, at, actedBy: entry_pseudonym }, kind, text }) {
      const id = randomUUID()
      const time = now()
      const row = {
        ...{ id, user_id: userId, open_key: `${userId} ${chain}_${seq}`, chain, seq, entry_at: at, entry_pseudonym, kind },
        ...{ text_sealed: vault.seal(masked(text), seal(id)), state: 'open' as const, due_at: time + DUE_MS },
        ...{ created_at: time, updated_at: time },
      }
      try {
        await transact(database, async (transaction) => {
          await transaction('ledger_questions').insert(row)
          await note(transaction, id, 'open', null, null, time)
        })
      } catch (error) {
        if (!isDuplicate(error)) throw error
        throw new HubError('HUB_REQUEST_STATE', { detail: '这条记录您已经问过，还在处理，请等候答复。' })
      }
      return (await opened([row]))[0] as Question
    },
    async list({ userId, state, page, pageSize }) {
      const of = () =>
        database('ledger_questions').where({
          ...(userId === undefined ? {} : { user_id: userId }),
          ...(state === undefined ? {} : { state }),
        })
      const counted: { total?: number | string } | undefined = await of().count({ total: '*' }).first()
      const order =
        userId === undefined ? [{ column: 'due_at' }, { column: 'id' }] : [{ column: 'created_at', order: 'desc' }, { column: 'id' }]
      const rows: Row[] = await of()
        .orderBy(order)
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      return { rows: await opened(rows), total: Number(counted?.total ?? 0) }
    },
    async find(id, userId) {
      const row: Row | undefined = await database('ledger_questions')
        .where({ id, ...(userId === undefined ? {} : { user_id: userId }) })
        .first()
      return row ? ((await opened([row]))[0] as Question) : null
    },
    async move(id, to, by, words) {
      const time = now()
      const isFinal = questionStates[to].to.length === 0
      await transact(database, async (transaction) => {
        const from = () => transaction('ledger_questions').where({ id }).whereIn('state', questionSources(to))
        const row: Pick<Row, 'user_id'> | undefined = await from().first('user_id')
        const moved = await from().update({ state: to, updated_at: time, ...(isFinal ? { open_key: null } : {}) })
        if (moved === 0 || !row) throw new HubError('HUB_REQUEST_STATE', { detail: '它已经答复或关闭。' })
        await note(transaction, id, to, by, words, time)
        if (by !== null) await post(transaction, { topic: 'question', userId: row.user_id, about: id, detail: { state: to }, at: time })
      })
    },
  }
}

async function note(
  transaction: Knex,
  id: string,
  state: QuestionState,
  by: string | null,
  words: string | null,
  at: number,
): Promise<void> {
  await transaction('ledger_question_events').insert({ question_id: id, at, state, acted_by: by, words })
}

/** What somebody wrote, without the numbers that name people. */
export function masked(text: string): string {
  return text.replace(WIDE, halfWidth).replace(NUMBER, (number) => {
    const digits = number.replace(GAPS, '')
    // Two dates beside each other are shorter than what is grouped on cards.
    const isLong = digits.length >= LEAST_GROUPED || /\d{8}/.test(number)
    return isLong ? `${digits.slice(0, 3)}${'*'.repeat(digits.length - 5)}${digits.slice(-2)}` : number
  })
}
