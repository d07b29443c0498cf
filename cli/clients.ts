import { readConnectorSettings } from '../config/connectors.ts'
import type { Settings } from '../config/settings.ts'
import { HubError } from '../core/base/errors.ts'
import { beijing } from '../core/base/time.ts'
import { offered, readConfigured } from '../plugins/load-connectors.ts'
import { type ClientRegistry, createClientRegistry, type RegisteredClient } from '../plugins/oauth/client-registry.ts'
import { clientStatuses } from '../plugins/oauth/clients.ts'
import { seededSecret } from '../plugins/oauth/sandbox-clients.ts'
import { listScopes } from '../plugins/oauth/scopes.ts'
import { type Act, noAct, type Store } from './act.ts'
import { changeable, changesOf, fixed, fullNameOf, named } from './client-options.ts'
import { readRegistration } from './client-registration.ts'
import { command, group, yes } from './command.ts'
import type { Io } from './io.ts'
import { confirm, present, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

const id = { type: 'string', demandOption: true, describe: '应用编号' } as const

const list = command({
  usage: 'list',
  describe: '列出登记的应用',
  run: ({ json }, io) =>
    withRegistry(io, noAct, async (registry) => {
      const clients: RegisteredClient[] = []
      for (let page = 1, total = 1; clients.length < total && page < 1000; page++) {
        const found = await registry.list({ page, pageSize: 100 })
        total = found.total
        clients.push(...found.rows)
      }
      const lines = clients.map(
        ({ id, name, kind, status, trusted }) => `${id}  ${clientStatuses[status]}  ${kind}${trusted ? '  可信' : ''}  ${name}`,
      )
      const plain = clients.map(({ icon: _icon, ...client }) => client)
      present(io, json, plain, lines.length === 0 ? ['没有登记过应用'] : lines)
    }),
})

const add = command({
  usage: 'add <应用编号>',
  describe: '登记应用并显示密钥（只显示这一次）；沙箱里的回调地址也可以是本机的 http 地址',
  examples: [
    ['clients add rent --name 安居租房 --purpose 租房提取时核对身份 --redirect https://rent.example/callback --reason 新接入', ''],
    ['clients add desk --name 开发试用 --purpose 开发时核对身份 --redirect http://localhost:5173/callback --reason 开发', '沙箱'],
  ],
  options: (own) =>
    own
      .positional('应用编号', id)
      .options({ ...changeable, ...fixed })
      .demandOption(['name', 'purpose']),
  change: { what: '登记应用', service: 'clients.register', reason: 'required' },
  run: ({ 应用编号: id, name, purpose, kind, grant, sector, algorithm, trusted, json, ...changes }, io, act) =>
    withRegistry(io, act, async (registry) => {
      const { client, secret } = await registry.register({
        id,
        ...changesOf(changes),
        name,
        purpose,
        trusted,
        ...(kind === undefined ? {} : { kind }),
        ...(grant === undefined ? {} : { grantTypes: grant.map(fullNameOf) }),
        ...(sector === undefined ? {} : { sector }),
        ...(algorithm === undefined ? {} : { idTokenAlg: algorithm }),
      })
      const about = secret === null ? '没有密钥：本机应用凭 PKCE 访问' : `密钥（只显示这一次）：${secret}`
      const later = client.idTokenAlg === 'RS256' ? ['首个 RS256 应用的签名密钥在一分钟内生成，此前不能登录这个应用'] : []
      present(io, json, { ...client, secret }, [`应用编号：${client.id}`, about, ...later])
    }),
})

const take = command({
  usage: 'import <文件>',
  describe:
    '按能力开放平台下载的登记（接入方页面“下载登记”）在自己的沙箱里登记同一个应用并显示密钥；已有的按登记修改，另加的回调地址须再写一次',
  examples: [['clients import application.json --redirect http://localhost:5173/callback --reason 联调', '另加本机的回调地址']],
  options: (own) =>
    own
      .positional('文件', { type: 'string', demandOption: true, describe: '下载的文件' })
      .option('redirect', { ...changeable.redirect, describe: '另加的回调地址，可以多次' }),
  change: { what: '登记应用', service: 'clients.register', reason: 'required' },
  run: ({ 文件: file, redirect = [], json }, io, act) => {
    if (!io.settings().sandbox) throw new UsageError('clients import 只能在沙箱里用：别处的应用由能力开放平台审核登记')
    const { redirectUris, ...given } = readRegistration(file)
    const registration = { ...given, redirectUris: [...new Set([...redirectUris, ...redirect])] }
    return withRegistry(io, act, async (registry) => {
      const known = await find(registry, registration.id)
      if (known) {
        const { name, purpose, redirectUris, scopes } = registration
        assertSameKind(known, registration)
        const client = await registry.change(known.id, { name, purpose, redirectUris, scopes })
        return present(io, json, client, [`已按登记修改：${client.id}，密钥不变`])
      }
      const { client, secret } = await registry.register(registration)
      present(io, json, { ...client, secret }, [`应用编号：${client.id}`, `密钥（只显示这一次）：${secret}`])
    })
  },
})

/** What stays for the life of an application is not changed in silence: with another of those it would work otherwise than there. */
function assertSameKind(known: RegisteredClient, given: ReturnType<typeof readRegistration>): void {
  const differ = [
    ...(known.grantTypes.toSorted().join() === given.grantTypes.toSorted().join() ? [] : ['授权方式']),
    ...(known.sector === given.sector ? [] : ['专属编号的范围']),
    ...(known.idTokenAlg === given.idTokenAlg ? [] : ['ID 令牌的签名算法']),
  ]
  if (differ.length === 0) return
  throw new HubError('HUB_CLIENT_EXISTS', { detail: `沙箱里的 ${known.id} 与登记的${differ.join('、')}不同，这些不能修改，什么也没有改。` })
}

/** → null for one that is not registered. */
async function find(registry: ClientRegistry, id: string): Promise<RegisteredClient | null> {
  try {
    return await registry.get(id)
  } catch (error) {
    if (error instanceof HubError && error.code === 'HUB_NO_RECORD') return null
    throw error
  }
}

const change = command({
  usage: 'change <应用编号>',
  describe: '修改应用；写明的内容整项替换',
  options: (own) => own.positional('应用编号', id).options(changeable),
  change: { what: '修改应用', reason: 'required' },
  run: ({ 应用编号: id, json, ...typed }, io, act) => {
    const changes = changesOf(typed)
    if (Object.keys(changes).length === 0) throw new UsageError('clients change 须写明要改的内容')
    return withRegistry(io, act, async (registry) => {
      const client = await registry.change(id, changes)
      present(io, json, client, [`已修改：${client.id}`])
    })
  },
})

const show = command({
  usage: 'show <应用编号>',
  describe: '显示应用',
  examples: [['clients show sandbox-web --secret', '沙箱自带的应用，连同密钥']],
  options: (own) =>
    own.positional('应用编号', id).option('secret', { type: 'boolean', default: false, describe: '显示密钥：只限沙箱自带的应用' }),
  run: ({ 应用编号: id, secret: wanted, json }, io) =>
    withRegistry(io, noAct, async (registry, { database, vault }) => {
      if (wanted && !io.settings().sandbox) throw new UsageError('--secret 只能在沙箱里用：别的应用的密钥只在登记时显示一次')
      const client = await registry.get(id)
      const secret = wanted ? await seededSecret(database, vault, id) : null
      if (wanted && secret === null)
        throw new HubError('HUB_NO_RECORD', { detail: `${id} 没有可以显示的密钥：不是沙箱自带的应用、没有密钥，或已更换过` })
      present(io, json, wanted ? { ...client, secret } : client, [...describe(client), ...(secret === null ? [] : [`密钥：${secret}`])])
    }),
})

const disable = command({
  usage: 'disable <应用编号>',
  describe: '停用应用，在它的下一次请求时生效',
  change: { what: '停用应用', reason: 'required' },
  options: (own) => own.positional('应用编号', id).option('yes', yes),
  run: ({ 应用编号: id, yes, json }, io, act) =>
    withRegistry(io, act, async (registry) => {
      await registry.get(id)
      await confirm(io, yes, `停用应用 ${id}`)
      present(io, json, await registry.setStatus(id, 'disabled'), [`已停用：${id}（在它的下一次请求时生效）`])
    }),
})

const enable = command({
  usage: 'enable <应用编号>',
  describe: '启用停用了的应用',
  options: (own) => own.positional('应用编号', id),
  change: { what: '启用应用', reason: 'required' },
  run: ({ 应用编号: id, json }, io, act) =>
    withRegistry(io, act, async (registry) => present(io, json, await registry.setStatus(id, 'active'), [`已启用：${id}`])),
})

const rotate = command({
  usage: 'rotate <应用编号>',
  describe: '更换应用的密钥，原密钥立即失效',
  change: { what: '更换应用的密钥', reason: 'required' },
  options: (own) => own.positional('应用编号', id).option('yes', yes),
  run: ({ 应用编号: id, yes, json }, io, act) =>
    withRegistry(io, act, async (registry) => {
      await registry.get(id)
      await confirm(io, yes, `更换应用 ${id} 的密钥`)
      const { client, secret } = await registry.rotate(id)
      present(io, json, { ...client, secret }, [`已更换：${client.id}，原密钥已失效`, `密钥（只显示这一次）：${secret}`])
    }),
})

/** Applications of third parties. */
export const clients = group('clients', '第三方应用', [list, add, take, change, show, disable, enable, rotate], 'list')

function withRegistry(io: Io, act: Act, work: (registry: ClientRegistry, store: Store) => Promise<void>): Promise<number> {
  const { sandbox } = io.settings()
  return withStore(io, async (store) => {
    const registry = createClientRegistry({
      ...store,
      desk: sandbox,
      scopes: await knownScopes(io.settings()),
      witness: (_act, target) => act(store, target),
    })
    await work(registry, store).catch((error: unknown) => {
      throw error instanceof HubError ? named(error) : error
    })
    return 0
  })
}

/** As the hub knows them: without those of connectors that are left out. */
async function knownScopes(settings: Settings) {
  const own = readConnectorSettings(settings.CONNECTORS_FILE)
  return listScopes(offered((await readConfigured(settings)).declarations, settings).filter(({ id }) => own[id]?.enabled !== false))
}

function describe({ id, name, purpose, status, kind, redirectUris, scopes, grantTypes, ...more }: RegisteredClient): string[] {
  return [
    `应用编号：${id}`,
    `名称：${name}`,
    `用途：${purpose}`,
    `状态：${clientStatuses[status]}`,
    `种类：${kind}${more.trusted ? '，可信' : ''}`,
    ...redirectUris.map((uri) => `回调地址：${uri}`),
    `授权项：${scopes.join(' ')}`,
    `授权方式：${grantTypes.join(' ')}`,
    `专属编号的范围：${more.sector}`,
    `ID 令牌的签名算法：${more.idTokenAlg}`,
    `登记时间：${beijing(more.createdAt)}`,
    `修改时间：${beijing(more.updatedAt)}`,
  ]
}
