import type { Knex } from 'knex'

/** Of a capability that will not be offered for ever: until when, and what comes instead. */
export interface Life {
  /** Epoch milliseconds. */
  deprecatedAt: number
  sunsetAt: number
  /** Id of the capability that takes its place. */
  successor: string | null
  reason: string
}

export const lifeStates = { published: '已上架', deprecated: '兼容期内', withdrawn: '已下架' } as const
export type LifeState = keyof typeof lifeStates

export function stateAt(life: Life | undefined, now: number): LifeState {
  if (!life) return 'published'
  return life.sunsetAt > now ? 'deprecated' : 'withdrawn'
}

interface Row {
  id: string
  deprecated_at: number | string
  sunset_at: number | string
  successor: string | null
  reason: string | null
}

/** → those that are deprecated or withdrawn, by id. */
export async function readLives(database: Knex): Promise<Map<string, Life>> {
  const rows: Row[] = await database('capabilities').whereNotNull('sunset_at').orderBy('id')
  return new Map(
    rows.map(({ id, deprecated_at, sunset_at, successor, reason }) => [
      id,
      { deprecatedAt: Number(deprecated_at), sunsetAt: Number(sunset_at), successor, reason: reason ?? '' },
    ]),
  )
}

/** Path of a service in the API, by its key; null for what is no service. */
export function servicePath(key: string): string | null {
  const [connector, service] = key.split('.')
  return connector !== undefined && service !== undefined ? `/v1/${connector}/${service}` : null
}

/** What every answer of a deprecated service says (RFC 9745 §2, RFC 8594 §3, RFC 5829 §3.1). */
export function lifeHeaders(id: string, { deprecatedAt, sunsetAt, successor }: Life): readonly (readonly [name: string, value: string])[] {
  const path = successor === null ? null : servicePath(successor)
  const links = [
    `</docs/capabilities/${id}>; rel="deprecation"; type="text/html"`,
    ...(path === null ? [] : [`<${path}>; rel="successor-version"`]),
  ]
  return [
    ['deprecation', `@${Math.floor(deprecatedAt / 1000)}`],
    ['sunset', new Date(sunsetAt).toUTCString()],
    ['link', links.join(', ')],
  ]
}
