import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import type { ApplicationRow, Domain, PartnerRow, ReviewKind, ReviewRow } from './rows.ts'
import type { ApplicationState, PartnerState, ReviewState } from './states.ts'

export interface Page {
  page: number
  pageSize: number
}

export interface PartnerFilter extends Page {
  state?: PartnerState
  domain?: Domain
  /** Part of the name, or the whole credit code. */
  text?: string
}

export interface ApplicationFilter extends Page {
  partnerId?: string
  state?: ApplicationState
  domain?: Domain
  /** When it was applied for, epoch milliseconds, both inclusive. */
  from?: number
  to?: number
}

export interface ReviewFilter extends Page {
  partnerId?: string
  state?: ReviewState
  kind?: ReviewKind
}

export type ListedApplication = ApplicationRow & { partner_name: string; domain: Domain }

export interface EventRow {
  event: string
  application_id: string | null
  review_id: string | null
  from_state: string | null
  to_state: string | null
  acted_by: string | null
  note: string | null
  at: number | string
}

type Listed<R> = Promise<{ rows: R[]; total: number }>

/** What there is, page by page, the newest first. */
export interface Listing {
  partners(filter: PartnerFilter): Listed<PartnerRow>
  applications(filter: ApplicationFilter): Listed<ListedApplication>
  reviews(filter: ReviewFilter): Listed<ReviewRow & { partner_name: string }>
  events(partnerId: string, page: Page): Listed<EventRow>
}

export function createListing(database: Database): Listing {
  async function paged<R>(query: () => Knex.QueryBuilder, columns: string[], order: string, { page, pageSize }: Page): Listed<R> {
    const rows = await query()
      .select(columns)
      .orderBy([{ column: order, order: 'desc' }, { column: `${order.split('.')[0]}.id` }])
      .limit(pageSize)
      .offset((page - 1) * pageSize)
    const counted = await query().count({ n: '*' }).first()
    return { rows: rows as R[], total: Number(counted?.['n'] ?? 0) }
  }

  return {
    partners: ({ state, domain, text, ...page }) =>
      paged(
        () =>
          database('partners').modify((query) => {
            if (state !== undefined) query.where({ state })
            if (domain !== undefined) query.where({ domain })
            const part = `%${(text ?? '').replace(/[!%_]/g, '!$&')}%`
            if (text !== undefined) query.where((either) => either.where({ uscc: text }).orWhereRaw("name like ? escape '!'", part))
          }),
        ['partners.*'],
        'partners.created_at',
        page,
      ),
    applications: ({ partnerId, state, domain, from, to, ...page }) =>
      paged(
        () =>
          database('partner_applications')
            .join('partners', 'partners.id', 'partner_applications.partner_id')
            .modify((query) => {
              if (partnerId !== undefined) query.where('partner_applications.partner_id', partnerId)
              if (state !== undefined) query.where('partner_applications.state', state)
              if (domain !== undefined) query.where('partners.domain', domain)
              if (from !== undefined) query.where('partner_applications.created_at', '>=', from)
              if (to !== undefined) query.where('partner_applications.created_at', '<=', to)
            }),
        ['partner_applications.*', 'partners.name as partner_name', 'partners.domain'],
        'partner_applications.created_at',
        page,
      ),
    reviews: ({ partnerId, state, kind, ...page }) =>
      paged(
        () =>
          database('partner_reviews')
            .join('partners', 'partners.id', 'partner_reviews.partner_id')
            .modify((query) => {
              if (partnerId !== undefined) query.where('partner_reviews.partner_id', partnerId)
              if (state !== undefined) query.where('partner_reviews.state', state)
              if (kind !== undefined) query.where('partner_reviews.kind', kind)
            }),
        ['partner_reviews.*', 'partners.name as partner_name'],
        'partner_reviews.created_at',
        page,
      ),
    events: (partnerId, page) =>
      paged(() => database('partner_events').where({ partner_id: partnerId }), ['partner_events.*'], 'partner_events.at', page),
  }
}
