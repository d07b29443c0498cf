import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { readConnectorSettings } from '../config/connectors.ts'
import { readSettings, type Settings } from '../config/settings.ts'
import { HubError } from '../core/base/errors.ts'
import { beijing } from '../core/base/time.ts'
import { createVault } from '../core/base/vault.ts'
import { migrate } from '../migrations/index.ts'
import { recordFromCommandLine } from '../plugins/audit/command-line.ts'
import { loadConnectors, offered } from '../plugins/load-connectors.ts'
import { type ClientRegistry, createClientRegistry, type RegisteredClient } from '../plugins/oauth/client-registry.ts'
import { clientStatuses } from '../plugins/oauth/clients.ts'
import { listScopes } from '../plugins/oauth/scopes.ts'
import { changeable, changesOf, fixed, flag, fullNameOf, named } from './client-options.ts'
import { withDatabase } from './store.ts'
import { UsageError } from './usage.ts'

const ACTIONS = 'clients 的动作：add <应用编号>，change <应用编号>，show <应用编号>，disable|enable|rotate <应用编号>'
const purposes = { register: '登记应用', change: '修改应用', disable: '停用应用', enable: '启用应用', rotate: '更换应用的密钥' } as const

type Print = (line: string) => void

/** `hub clients`: applications of third parties. → the exit code. */
export function clientsCommand(args: string[], print: Print): Promise<number> {
  const settings = readSettings()
  const { keys } = settings
  return withDatabase(async (database) => {
    await migrate(database)
    const vault = createVault(keys)
    const registry = createClientRegistry({
      database,
      vault,
      scopes: await knownScopes(settings),
      witness: (act, target) => {
        const [actor, service] = [`cli:${userInfo().username}`, `clients.${act}`]
        return recordFromCommandLine(database, vault, { actor, service, purpose: `命令行${purposes[act]}`, target })
      },
    })
    await act(registry, args, print).catch((error: unknown) => {
      throw error instanceof HubError ? named(error) : error
    })
    return 0
  })
}

async function act(registry: ClientRegistry, [action = '', ...args]: string[], print: Print): Promise<void> {
  switch (action) {
    case 'add':
      return add(registry, args, print)
    case 'change': {
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options: changeable })
      const changes = changesOf(values)
      if (Object.keys(changes).length === 0) throw new UsageError('clients change 须写明要改的内容')
      const { id } = await registry.change(oneId(positionals), changes)
      return print(`已修改：${id}`)
    }
    case 'show': {
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: flag } })
      const client = await registry.get(oneId(positionals))
      return print(values.json ? JSON.stringify(client) : describe(client))
    }
    case 'disable':
      await registry.setStatus(oneId(args), 'disabled')
      return print(`已停用：${args[0]}（在它的下一次请求时生效）`)
    case 'enable':
      await registry.setStatus(oneId(args), 'active')
      return print(`已启用：${args[0]}`)
    case 'rotate': {
      const { client, secret } = await registry.rotate(oneId(args))
      return print(`已更换：${client.id}，原密钥已失效\n密钥（只显示这一次）：${secret}`)
    }
    default:
      if (action !== '' && !action.startsWith('-')) throw new UsageError(ACTIONS)
      return listAll(registry, [action, ...args].filter(Boolean), print)
  }
}

async function add(registry: ClientRegistry, args: string[], print: Print): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { ...changeable, ...fixed } })
  const id = oneId(positionals)
  const { name, purpose, kind, grant, sector, algorithm, trusted } = values
  if (name === undefined || purpose === undefined) throw new UsageError('clients add 须写明 --name 和 --purpose')
  const { client, secret } = await registry.register({
    id,
    ...changesOf(values),
    name,
    purpose,
    trusted,
    ...(kind === undefined ? {} : { kind }),
    ...(grant === undefined ? {} : { grantTypes: grant.map(fullNameOf) }),
    ...(sector === undefined ? {} : { sector }),
    ...(algorithm === undefined ? {} : { idTokenAlg: algorithm }),
  })
  print(`应用编号：${client.id}`)
  print(secret === null ? '没有密钥：本机应用凭 PKCE 访问' : `密钥（只显示这一次）：${secret}`)
  if (client.idTokenAlg === 'RS256') print('RS256 的签名密钥在中枢的各进程下次启动时生成，此前不能登录这个应用')
}

async function listAll(registry: ClientRegistry, args: string[], print: Print): Promise<void> {
  const { values } = parseArgs({ args, options: { json: flag } })
  const clients: RegisteredClient[] = []
  for (let page = 1, total = 1; clients.length < total && page < 1000; page++) {
    const found = await registry.list({ page, pageSize: 100 })
    total = found.total
    clients.push(...found.rows)
  }
  if (values.json) return print(JSON.stringify(clients.map(({ icon: _icon, ...client }) => client)))
  for (const { id, name, kind, status, trusted } of clients)
    print(`${id}  ${clientStatuses[status]}  ${kind}${trusted ? '  可信' : ''}  ${name}`)
  if (clients.length === 0) print('没有登记过应用')
}

function oneId([id = '', ...more]: string[]): string {
  if (id === '' || id.startsWith('-') || more.length > 0) throw new UsageError(ACTIONS)
  return id
}

/** As the hub knows them: without those of connectors that are left out. */
async function knownScopes(settings: Settings) {
  const own = readConnectorSettings(settings.CONNECTORS_FILE)
  return listScopes(offered(await loadConnectors(), settings).filter(({ id }) => own[id]?.enabled !== false))
}

function describe({ id, name, purpose, status, kind, redirectUris, scopes, grantTypes, ...more }: RegisteredClient): string {
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
  ].join('\n')
}
