import type { Knex } from 'knex'
import { beijing } from '../../core/base/time.ts'
import { type MandateRow, mandateRoles } from '../mandates/mandates.ts'
import type { Topic } from '../outbox/outbox.ts'
import { userStates } from '../users/states.ts'
import { composeFiling } from './compose-filing.ts'
import { composeOutcome } from './compose-outcome.ts'
import { composePartner } from './compose-partner.ts'
import { composeSubscription } from './compose-subscription.ts'
import { recipientsOf, representatives } from './recipients.ts'
import type { Facts, TemplateName } from './templates.ts'
import type { ComposeContext, OpenNotice, Told } from './told.ts'
import { topicOf } from './topics.ts'

type Composer<T extends Topic> = (context: ComposeContext, notice: OpenNotice<T>) => Promise<Told[]>

/** → who is told what; nothing where nobody may know it any more, or what it was about is gone. */
export function compose<T extends Topic>(context: ComposeContext, notice: OpenNotice<T>): Promise<Told[]> {
  const composer: Composer<T> = composers[notice.topic]
  return composer(context, notice)
}

const composers: { [T in Topic]: Composer<T> } = {
  filing: composeFiling,
  outcome: composeOutcome,
  subscription: composeSubscription,
  mandate: composeMandate,
  async enterprise({ database }, { about, detail: { action } }) {
    const template = action === 'frozen' ? 'enterprise-frozen' : 'enterprise-unfrozen'
    const facts = { holder: await enterpriseName(database, about) }
    // Of his own standing he is told, frozen or not.
    const recipients = (await representatives(database, about)).map(({ userId }) => ({ userId, enterpriseId: null }))
    return [{ topic: 'mandate', template, facts, recipients }]
  },
  async account(_context, { userId, detail: { action, to, until } }) {
    const recipients = [{ userId, enterpriseId: null }]
    if (action === 'lock-out' && until !== null)
      return [{ topic: 'account', template: 'account-locked-out', facts: { until: minuteOf(until) }, recipients }]
    const state = Object.entries(userStates).find(([name]) => name === to)?.[1].title ?? to
    return [{ topic: 'account', template: 'account-changed', facts: { state }, recipients }]
  },
  async device({ database }, { userId, about }) {
    const row: { name: string; first_seen_at: number | string } | undefined = await database('devices')
      .where({ id: about, user_id: userId })
      .first('name', 'first_seen_at')
    if (!row) return []
    const facts = { device: row.name, at: minuteOf(Number(row.first_seen_at)) }
    return [{ topic: 'account', template: 'device-new', facts, recipients: [{ userId, enterpriseId: null }] }]
  },
  async question(_context, { userId, about, detail: { state } }) {
    const template = QUESTION_TEMPLATES[state]
    return template ? [{ topic: 'ledger', template, facts: { about }, recipients: [{ userId, enterpriseId: null }] }] : []
  },
  async binding({ connectors }, { userId, detail: { connector, change } }) {
    const { name: service = '', agency = '' } = connectors.find(({ id }) => id === connector) ?? {}
    return [
      {
        topic: 'account',
        template: `binding-${change}`,
        facts: { service, agency },
        recipients: [{ userId, enterpriseId: null }],
        connector,
      },
    ]
  },
  async authorization({ database, scopeTitle }, { userId, detail: { client, scopes } }) {
    const row: { name: string; trusted: number | boolean } | undefined = await database('oauth_clients')
      .where({ id: client })
      .first('name', 'trusted')
    // What belongs to the app itself is no third party.
    if (!row || row.trusted) return []
    const facts = { client: row.name, scopes: scopes.map(scopeTitle).join('、') }
    return [{ topic: 'authorization', template: 'authorization', facts, recipients: [{ userId, enterpriseId: null }] }]
  },
  expiry: composeExpiry,
  partner: composePartner,
  async reconciliation({ connectors }, { userId, detail: { connector, day, state } }) {
    const service = connectors.find(({ id }) => id === connector)?.name ?? connector
    const template = state === 'failed' ? 'reconciliation-failed' : 'reconciliation-differs'
    return [{ topic: 'operations', template, facts: { service, date: day }, recipients: [{ userId, enterpriseId: null }] }]
  },
  async seal(_context, { userId, detail: { state, until } }) {
    const template = state === 'ending' ? 'seal-ending' : 'seal-over'
    return [{ topic: 'operations', template, facts: { date: beijing(until).slice(0, 10) }, recipients: [{ userId, enterpriseId: null }] }]
  },
}

const QUESTION_TEMPLATES: Readonly<Record<string, TemplateName>> = {
  answered: 'question-answered',
  'passed-on': 'question-passed-on',
  closed: 'question-closed',
}

const MANDATE_TEMPLATES: Readonly<Record<string, TemplateName>> = {
  invited: 'mandate-invited',
  granted: 'mandate-granted',
  accepted: 'mandate-granted',
  changed: 'mandate-changed',
  disabled: 'mandate-ended',
}

async function composeMandate(context: ComposeContext, { about, detail: { action } }: OpenNotice<'mandate'>): Promise<Told[]> {
  const { database } = context
  const row: MandateRow | undefined = await database('mandates').where({ id: about }).first()
  if (!row) return []
  const facts = await mandateFacts(context, row)
  const template = MANDATE_TEMPLATES[action]
  const told: Told[] = []
  // Who binds an enterprise or gives a mandate up has done it himself.
  const own = row.role === 'legal-representative' && action === 'granted'
  if (template && !own) told.push({ topic: topicOf.mandate, template, facts, recipients: [{ userId: row.user_id, enterpriseId: null }] })
  if (row.role === 'agent' && row.enterprise_id !== null && (action === 'accepted' || action === 'resigned')) {
    const recipients = await representatives(database, row.enterprise_id)
    told.push({ topic: topicOf.mandate, template: action === 'accepted' ? 'agent-accepted' : 'agent-resigned', facts, recipients })
  }
  return told
}

async function mandateFacts({ database }: ComposeContext, { role, enterprise_id, subject_user_id, ends_at }: MandateRow): Promise<Facts> {
  const holder = enterprise_id !== null ? await enterpriseName(database, enterprise_id) : subject_user_id === null ? '本平台' : '被监护人'
  return { holder, role: mandateRoles[role], until: beijing(Number(ends_at)).slice(0, 10) }
}

async function composeExpiry(context: ComposeContext, { about, detail: { what, at } }: OpenNotice<'expiry'>): Promise<Told[]> {
  const { database } = context
  const date = beijing(at).slice(0, 10)
  if (what === 'mandate') {
    const row: MandateRow | undefined = await database('mandates').where({ id: about, status: 'active' }).first()
    // Prolonged meanwhile, it does not end yet.
    if (!row || Number(row.ends_at) !== at) return []
    const facts = { ...(await mandateFacts(context, row)), date }
    return [{ topic: 'expiry', template: 'expiry-mandate', facts, recipients: [{ userId: row.user_id, enterpriseId: null }] }]
  }
  const row: { connector: string; service: string; user_id: string | null; principal: string } | undefined = await database(
    'issued_documents',
  )
    .where({ id: about, revoked_at: null })
    .first('connector', 'service', 'user_id', 'principal')
  const service = row && context.services.get(`${row.connector}.${row.service}`)
  if (!row || !service) return []
  const recipients = await recipientsOf(database, { userId: row.user_id, principal: row.principal }, service.key)
  const facts = { service: service.contract.document?.title ?? service.contract.name, agency: service.connector.agency, date }
  return [{ topic: 'expiry', template: 'expiry-document', facts, recipients, connector: row.connector, service: row.service }]
}

async function enterpriseName(database: Knex, id: string): Promise<string> {
  const row: { name: string } | undefined = await database('enterprises').where({ id }).first('name')
  return row?.name ?? ''
}

function minuteOf(at: number): string {
  return beijing(Math.ceil(at / 60_000) * 60_000)
    .slice(0, 16)
    .replace('T', ' ')
}
