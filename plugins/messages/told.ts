import type { Knex } from 'knex'
import type { Vault } from '../../core/base/vault.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { Calendar } from '../calendar/index.ts'
import type { NoticeDetails, Topic } from '../outbox/outbox.ts'
import type { Recipient } from './recipients.ts'
import type { Facts, TemplateName } from './templates.ts'
import type { MessageTopic } from './topics.ts'

/** What is told to whom, before it is put into words. */
export interface Told {
  topic: MessageTopic
  template: TemplateName
  facts: Facts
  recipients: readonly Recipient[]
  connector?: string
  service?: string
}

/** A notice as the outbox keeps it, its details read. */
export interface OpenNotice<T extends Topic = Topic> {
  topic: T
  userId: string | null
  principal: string
  about: string
  detail: NoticeDetails[T]
}

export interface ComposeContext {
  database: Knex
  vault: Vault
  services: ReadonlyMap<string, CompiledService>
  connectors: readonly ConnectorDeclaration[]
  calendar: Calendar
  /** Titles of what applications may be granted. */
  scopeTitle(id: string): string
}
