import type { Knex } from 'knex'
import { HubError } from '../../../core/base/errors.ts'
import { createClientRegistry } from '../../oauth/client-registry.ts'
import { part } from '../../route-kit/part.ts'
import { type ChangeParts, change } from '../change.ts'

const client = { id: part.text('应用编号'), version: part.text('申请时的版本') }
const words = (title: string) => part.list(title, part.text(title))

/** A trusted client stands for the whole of every user: it may exchange the app's tokens. */
export const trust = change({
  title: '把应用定为可信',
  permission: 'clients.change',
  payload: part.input({ ...client, scopes: words('授权项'), redirectUris: words('回调地址') }, ['id', 'version', 'scopes', 'redirectUris']),
  concerns: () => [],
  target: ({ id }) => id,
  facts: ({ scopes, redirectUris }) => ({ scopes, redirectUris }),
  async apply(transaction, { id, version }, _author, parts) {
    await (await unchanged(transaction, parts, id, version)).setTrusted(id, true)
    return {}
  },
})

export const trustedChange = change({
  title: '修改可信应用',
  permission: 'clients.change',
  payload: part.input(
    {
      ...client,
      changes: part.input({
        ...{ name: part.text('应用名称'), purpose: part.text('用途'), icon: part.maybe('图标') },
        ...{ redirectUris: words('回调地址'), scopes: words('授权项') },
      }),
    },
    ['id', 'version', 'changes'],
  ),
  concerns: () => [],
  target: ({ id }) => id,
  facts: ({ changes: { icon, ...changes } }) => ({ ...changes, ...(icon === undefined ? {} : { icon: icon === null ? '取消' : '更换' }) }),
  async apply(transaction, { id, version, changes }, _author, parts) {
    await (await unchanged(transaction, parts, id, version)).change(id, changes)
    return {}
  },
})

/** The registry, within the transaction, of a client that is still what whoever asked had before him. */
async function unchanged(transaction: Knex.Transaction, { vault, scopes }: ChangeParts, id: string, version: string) {
  const registry = createClientRegistry({ database: transaction, vault, scopes })
  const { updatedAt } = await registry.get(id)
  if (String(updatedAt) !== version) throw new HubError('HUB_REQUEST_STATE', { detail: '应用在申请之后又有改动，请重新申请。' })
  return registry
}
