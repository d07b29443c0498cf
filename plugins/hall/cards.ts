import type { CompiledService } from '../../core/call/service.ts'
import { agencyOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, IdentityLevel } from '../../core/contract/types.ts'
import { kindOf } from '../kinds/index.ts'
import './policy.ts'

/** A service as the hall shows it before it is opened; the words are the contract's 1.3.3.1. */
export interface Card {
  service: CompiledService
  /** Path of its page. */
  path: string
  /** Where a link to it leads: its page, or where administrators send people instead. */
  link: string
  /** 服务名称 */
  name: string
  /** 服务图标 */
  icon: string
  /** 服务分类 */
  category: string
  /** 所属专区 */
  zone: string
  /** 服务简介, where its connector says more than the name does. */
  summary: string | null
  /** 访问权限 */
  access: string
  /** 服务来源单位 */
  agency: string
  /** 办理时效, where the agency promises one. */
  within: string | null
  /** 是否热门推荐 */
  recommended: boolean
  /** The heading it stands under in its zone. */
  group: string | null
}

export interface Zone {
  /** Part of its page's path: the id of the first connector in it. */
  id: string
  name: string
  icon: string
  introduction: string | null
  cards: Card[]
}

const ACCESS: Readonly<Record<IdentityLevel, string>> = {
  none: '无需登录',
  login: '登录',
  'real-name': '实名认证',
  face: '实名认证和人脸核验',
  'authorised-agent': '单位授权的经办人',
}

export const pathOf = ({ connector, contract }: CompiledService) => `/hall/${connector.id}/${contract.id}`

/** Zones in the order of their connectors, each with its services in the order in which people look for them. */
export function zonesOf(services: Iterable<CompiledService>): Zone[] {
  const zones = new Map<string, Zone>()
  for (const service of services) {
    const { connector } = service
    if (connector.internal) continue
    const { zone: name = connector.name, icon = [...connector.name][0] ?? '', introduction = null } = connector.pages ?? {}
    const zone = zones.get(name) ?? { id: connector.id, name, icon, introduction, cards: [] }
    zones.set(name, zone)
    zone.cards.push(cardOf(service, name, icon))
  }
  for (const zone of zones.values()) zone.cards = inOrder(zone.cards)
  return [...zones.values()]
}

function cardOf(service: CompiledService, zone: string, icon: string): Card {
  const { connector, contract } = service
  const { groups = {}, help = {}, within = {}, recommended = [] } = connector.pages ?? {}
  const [group = null] = Object.entries(groups).find(([, ids]) => ids.includes(contract.id)) ?? []
  const { category } = kindOf(contract).words ?? { category: '办理' }
  return {
    service,
    path: pathOf(service),
    link: pathOf(service),
    name: contract.name,
    icon,
    category,
    zone,
    summary: help[contract.id] ?? null,
    access: ACCESS[contract.identity],
    agency: agencyOf(connector, contract),
    within: within[contract.id] ?? null,
    recommended: recommended.includes(contract.id),
    group,
  }
}

function inOrder(cards: readonly Card[]): Card[] {
  const place = ({ service: { connector, contract } }: Card) => {
    const at = connector.pages?.order?.indexOf(contract.id) ?? -1
    return at < 0 ? Number.MAX_SAFE_INTEGER : at
  }
  const connectors = [...new Set(cards.map(({ service }) => service.connector))] as ConnectorDeclaration[]
  return connectors.flatMap((connector) =>
    cards.filter(({ service }) => service.connector === connector).sort((one, other) => place(one) - place(other)),
  )
}
