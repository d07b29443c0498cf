import { systemsOf } from '../core/contract/systems.ts'
import { stretches } from '../plugins/calendar/closings.ts'
import { DAY_MS } from '../plugins/calendar/moments.ts'
import type { Closing } from '../plugins/calendar/policy.ts'
import { type Bench, describe, readJson } from './bench.ts'
import type { Finding } from './check.ts'

const YEAR_DAYS = 366

/**
 * In the first stretch of every declared closing: said beforehand in the catalogue; then a question is answered with when to
 * come back, or with the asker's own last answer, and health shows no fault.
 */
export async function checkCalendar(bench: Bench): Promise<Finding> {
  const { connector, lab } = bench
  const closed = systemsOf(connector).flatMap(([system, , { calendar }]) =>
    (calendar?.maintenance ?? []).map((closing) => ({ system, closing })),
  )
  const declared = systemsOf(connector).filter(([, , { calendar }]) => calendar)
  if (declared.length === 0) return { skip: '没有声明停机安排和办公时间' }
  const reasons = await untold(bench)
  try {
    for (const { system, closing } of closed) reasons.push(...(await tryClosing(bench, system, closing)))
  } finally {
    lab.setClock(null)
  }
  return reasons
}

async function tryClosing({ lab, connector, answered, ask, send }: Bench, system: string, closing: Closing): Promise<string[]> {
  const at = inside(closing)
  if (at === null) return []
  const asked = answered.filter(({ service }) => service.system === system)
  lab.setClock(at)
  const reasons = await Promise.all(
    asked.map(async (like) => {
      const response = await ask(like)
      const { code, until, retryAfter, meta } = readJson(response) as {
        code?: string
        until?: string
        retryAfter?: number
        meta?: { closed?: object }
      }
      const isTold = response.statusCode === 503 && code === 'HUB_AGENCY_CLOSED' && Date.parse(until ?? '') > at && Number(retryAfter) > 0
      const isKept = response.statusCode === 200 && meta?.closed !== undefined && like.service.contract.lastGood !== undefined
      return isTold || isKept ? [] : [`${like.service.contract.id}（${closing.title}）：没有说明何时恢复：${describe(response)}`]
    }),
  )
  const health = readJson(await send({ url: `/health/connectors/${connector.id}`, bearer: {} })) as { status?: string }
  return [...reasons.flat(), ...(health.status === 'fail' ? [`${closing.title}：健康检查把计划内停机当成故障`] : [])]
}

/** Services whose users are not told of the hours beforehand. */
async function untold({ connector, send, services }: Bench): Promise<string[]> {
  const catalogue = (readJson(await send({ url: '/v1/catalog', bearer: {} }))['data'] ?? []) as CatalogueEntry[]
  const listed = catalogue.find(({ id }) => id === connector.id)?.services ?? []
  const isSaid = new Map(listed.map(({ service, hours }) => [service, hours.length > 0]))
  return services.flatMap(({ contract, system }) => {
    const calendar = systemsOf(connector).find(([key]) => key === system)?.[2].calendar
    const needed = (calendar?.maintenance ?? []).length > 0 || (calendar?.freezes ?? []).length > 0
    return needed && !isSaid.get(contract.id) ? [`${contract.id}：服务目录没有说明停机安排`] : []
  })
}

interface CatalogueEntry {
  id: string
  services: { service: string; hours: readonly string[] }[]
}

/** The middle of the next stretch of a closing, from today on; null for one that is over. */
function inside(closing: Closing): number | null {
  const now = Date.now()
  for (let day = 0; day <= YEAR_DAYS; day++)
    for (const [from, to] of stretches(closing, now + day * DAY_MS)) if (to > now) return (from + to) / 2
  return null
}
