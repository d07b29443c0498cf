import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { ServiceHealth, SystemHealth } from './health.ts'

/** What everybody may know: states and since when, no figures. Those are for operators (`/admin/health`). */
export function publicSystem({ system, agency, status, state, stateName, since, breaker, lastSuccess, ...more }: SystemHealth) {
  const { probe, planned, services, affected } = more
  return {
    ...{ system, agency, status, state, stateName, since, breaker, lastSuccess, planned, affected },
    probe: probe && { ok: probe.ok, at: probe.at, code: probe.code, asked: probe.asked },
    services: services.map(({ service, status, breaker }: ServiceHealth) => ({ service, status, breaker })),
  }
}

/** The same as an entry of `application/health+json` (draft-inadarei-api-health-check). */
export function systemCheck(connector: Pick<ConnectorDeclaration, 'id' | 'name'>, health: SystemHealth) {
  const { system, status, state, stateName, since, lastSuccess, probe, planned, affected } = health
  return {
    ...{ componentId: system, componentType: 'system', name: connector.name, status, state, since, lastSuccess },
    time: probe?.at ?? new Date().toISOString(),
    ...(planned ? { planned, output: `计划内停机：${planned.reason}` } : state === 'up' ? {} : { output: stateName }),
    ...(affected.length > 0 ? { affectedEndpoints: affected.map((service) => `/v1/${connector.id}/${service}`) } : {}),
  }
}
