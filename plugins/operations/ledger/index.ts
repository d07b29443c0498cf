import fp from 'fastify-plugin'
import { DeclarationError } from '../../declarations/check.ts'
import { pseudonymOf } from '../../users/users.ts'
import { createFollower } from './follow.ts'
import { createQuestions, type Questions } from './questions.ts'
import { anyEntry, archivedUpTo, dropArchived, type EntryKey, findEntry, type LedgerEntry, type LedgerFilter, readLedger } from './read.ts'
import { checkWithholding, type Withholding } from './withholding.ts'

export interface Ledger {
  /** Uses of a user's data, and of the enterprises that he is the legal representative of; the newest first. */
  read(userId: string, filter: Omit<LedgerFilter, 'subjects'>): Promise<{ entries: LedgerEntry[]; next: string | null; complete: boolean }>
  /** One of these; null for anybody else's, and for one that is withheld. */
  find(userId: string, key: EntryKey): Promise<LedgerEntry | null>
  /** Whoever's it is, for those who answer for it. */
  any(key: EntryKey): Promise<LedgerEntry | null>
  archivedUpTo(): Promise<string | null>
  /** What acts of administrators are called, by their key. */
  actName(key: string): string | undefined
  /** What is declared to be shown late. */
  readonly withheld: readonly (Withholding & { connector: string; service: string })[]
  readonly questions: Questions
  /** Reads what the audit log has grown by. */
  catchUp(): Promise<boolean>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Who used a citizen's data (docs/ledger.md). */
    ledger: Ledger
  }
}

/** Rows of the audit log that a reader waits for; the rest is read by the clock. */
const AT_ONCE = 2000

export default fp(
  async (app) => {
    const { database, vault, connectors } = app
    const wrong = connectors.flatMap(checkWithholding)
    if (wrong.length > 0) throw new DeclarationError(wrong)
    const acts = new Map<string, string>()
    app.addHook('onRoute', ({ schema }) => {
      const { operationId, summary } = (schema ?? {}) as { operationId?: string; summary?: string }
      if (operationId?.startsWith('admin.') && summary) acts.set(operationId.slice('admin.'.length), summary)
    })
    const follower = createFollower(database, connectors)

    async function subjectsOf(userId: string): Promise<string[]> {
      const enterprises = await app.standing.enterprises(userId)
      return [pseudonymOf(vault, userId), ...enterprises.map((id) => `enterprise:${id}`)]
    }

    app.schedules.add({ name: 'ledger.follow', title: '登记个人数据的使用', pattern: '* * * * *', run: () => follower.catchUp() })
    app.schedules.add({
      name: 'ledger.purge',
      title: '清理已归档月份的使用登记',
      pattern: '53 4 * * *',
      run: () => dropArchived(database),
    })
    app.decorate('ledger', {
      async read(userId, filter) {
        const complete = await follower.catchUp(AT_ONCE)
        return { ...(await readLedger(database, { ...filter, subjects: await subjectsOf(userId) })), complete }
      },
      find: async (userId, key) => findEntry(database, await subjectsOf(userId), key),
      any: (key) => anyEntry(database, key),
      actName: (key) => acts.get(key),
      archivedUpTo: () => archivedUpTo(database),
      withheld: connectors.flatMap(({ id, ledger = {} }) =>
        Object.entries(ledger).map(([service, rule]) => ({ connector: id, service, ...rule })),
      ),
      questions: createQuestions(database, vault),
      catchUp: () => follower.catchUp(),
    })
  },
  { name: 'ledger', dependencies: ['database', 'schedules', 'connectors', 'auth', 'audit'] },
)
