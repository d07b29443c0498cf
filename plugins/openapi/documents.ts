import { version } from '../../config/version.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { codesOf } from './codes.ts'
import { dropUnused, nameProblems, nameSchemas } from './components.ts'
import { EXPORT_PATH, exportOperation } from './export.ts'
import { completeOperation } from './operations.ts'
import { problemResponses } from './problems.ts'
import { type OpenApiDocument, operationsOf, type RuledService } from './types.ts'

export interface Documents {
  /** For apps. */
  apps: OpenApiDocument
  /** What administrators do. */
  admin: OpenApiDocument
}

const TAGS: Readonly<Record<string, string>> = {
  我的: '当前用户自己的资料、授权、证明和可用的服务',
  我的账户: '用户在各部门系统的账户：绑定、解绑和注销',
  实人认证: '人脸核验：发起一次，查结果',
  能力开放平台: '接入方：入驻、成员、应用、密钥、用量和事件推送',
  企业与经办人: '法定代表人绑定企业，委托和管理经办人',
  统一登录: '浏览器里的登录与退出，和登录失败的报告',
  导出: '查询结果的文件形式',
  中枢: '服务目录、证明核验和健康状况；公开',
  管理: '用户、企业、授权、应用、证明和审计；须有管理角色',
}

const isAdmin = (path: string) => path.startsWith('/admin/')

/** What the routes say of themselves → the documents that clients are generated from. */
export function completeDocuments(
  raw: Pick<OpenApiDocument, 'paths'>,
  services: ReadonlyMap<string, RuledService>,
  connectors: readonly ConnectorDeclaration[],
): Documents {
  const full: OpenApiDocument = {
    openapi: '3.1.0',
    info: {},
    servers: [{ url: '/' }],
    components: { securitySchemes: SECURITY },
    paths: structuredClone(raw.paths),
  }
  for (const place of operationsOf(full)) completeOperation(place, services)
  if (services.size > 0) full.paths[EXPORT_PATH] = { get: exportPlace(services) }
  nameSchemas(full)
  nameProblems(full)
  const descriptions = {
    ...TAGS,
    ...Object.fromEntries(connectors.map(({ name, agency, owner }) => [name, owner ? `${agency}，由${owner.name}负责` : agency])),
  }
  const documentation = new Map(connectors.map((connector) => [connector.name, connector.documentation]))
  const take = (title: string, description: string, wanted: (path: string) => boolean): OpenApiDocument => {
    const paths = Object.fromEntries(Object.entries(full.paths).filter(([path]) => wanted(path)))
    const used = new Set(operationsOf({ paths }).flatMap(({ operation }) => operation.tags ?? []))
    // The agencies' services first: they are what most readers come for.
    const rank = (name: string) => (connectors.some((connector) => connector.name === name) ? 0 : 1)
    const tags = [...used]
      .sort((a, b) => rank(a) - rank(b))
      .map((name) => {
        const url = documentation.get(name)
        return {
          name,
          description: descriptions[name] ?? name,
          ...(url === undefined ? {} : { externalDocs: { url, description: '对方接口说明' } }),
        }
      })
    const info = { title, version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } }
    const document = structuredClone({ ...full, info, tags, paths })
    dropUnused(document)
    return document
  }
  return {
    apps: take(
      '许昌市政务服务集成中枢',
      '一个入口，连接各部门系统。成功的答复是 `{ data, meta }`，错误为 RFC 9457 `application/problem+json`，`code` 稳定不变。',
      (path) => !isAdmin(path),
    ),
    admin: take('许昌市政务服务集成中枢：管理', '管理员的操作。每一次都留下审计记录。', isAdmin),
  }
}

export const SECURITY = {
  token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: '用户的访问令牌' },
  client: { type: 'http', scheme: 'basic', description: '应用自己的编号和密钥' },
} as const

/** It fails as the query of which it is the file does; those that any query can fail with are listed. */
function exportPlace(services: ReadonlyMap<string, RuledService>) {
  const operation = exportOperation(services.values())
  const [asked] = [...services.values()].filter(({ asks, contract }) => asks && contract.identity !== 'none')
  const place = { path: EXPORT_PATH, method: 'get', operation: { ...operation, operationId: asked?.key ?? 'export' } }
  const codes = codesOf(place, services)
  return {
    ...operation,
    responses: {
      ...operation.responses,
      ...problemResponses([...new Set([...codes, 'HUB_DOCUMENT_BUSY' as const, 'HUB_SEAL_EXPIRED' as const, 'HUB_EXPORT_BUSY' as const])]),
    },
  }
}
