import type { BindingMethod } from '../core/contract/accounts.ts'
import { systemOf, usesAccount } from '../core/contract/systems.ts'
import type { ConnectorDeclaration, SandboxSubject, ServiceContract } from '../core/contract/types.ts'
import { type Bench, describe, readJson } from './bench.ts'
import { ACCOUNTS, bindAccount } from './binding.ts'
import type { Finding } from './check.ts'

/** Whether a service is answered only to those who have bound their account. */
function needsAccount(connector: ConnectorDeclaration, contract: ServiceContract): boolean {
  return usesAccount(connector, contract) || systemOf(connector, contract).dialect.name === 'oauth2-user'
}

/** Every declared way once: bound, used, unbound, and no longer used; and nobody binds what is somebody else's. */
export async function checkAccounts(bench: Bench): Promise<Finding> {
  const { connector } = bench
  if (!connector.accounts) return { skip: '没有声明用户在对方的账户' }
  const reasons: string[] = []
  for (const method of connector.accounts.bind) reasons.push(...(await tryMethod(bench, method)))
  return reasons
}

async function tryMethod(bench: Bench, method: BindingMethod): Promise<string[]> {
  const { lab, connector, send, answered, ask } = bench
  const persons = lab.people.filter((person) => lab.accountsOf(connector, person).length > 0)
  const like = answered.find(({ service, subject }) => needsAccount(connector, service.contract) && subject)
  const person = persons.find(({ number }) => number === like?.subject?.number) ?? persons[0]
  if (!person) return [`${method}：沙箱里没有人有账户`]
  const bearer = { person: person.index }
  await unbindAll(bench, person)
  const bound = await bindAccount({ send }, connector, method, person)
  if (bound.statusCode >= 300) return [`${method}：绑定不了：${describe(bound)}`]
  const used = like ? await ask(like) : null
  const left = await unbindAll(bench, person)
  const after = like ? await ask(like) : null
  const reasons = [
    ...(used && used.statusCode !== 200 ? [`${method}：绑定后没有答复：${describe(used)}`] : []),
    ...(left === 1 ? [] : [`${method}：应有一个绑定，却有 ${left} 个`]),
    ...(after && readJson(after)['code'] !== 'HUB_ACCOUNT_UNBOUND' ? [`${method}：解绑后仍有答复：${describe(after)}`] : []),
  ]
  if (method === 'account-number') {
    const own = new Set(lab.accountsOf(connector, person))
    const other = persons.flatMap((candidate) => lab.accountsOf(connector, candidate)).find((id) => !own.has(id))
    const url = `${ACCOUNTS}/${connector.id}`
    const taken = other === undefined ? null : await send({ method: 'POST', url, bearer, body: { accountNumber: other } })
    if (taken && taken.statusCode < 400) reasons.push(`${method}：绑定了他人的账户`)
  }
  // As it was, for the checks that follow.
  await bindAccount({ send }, connector, method, person)
  return reasons
}

/** → how many accounts the person had bound there. */
async function unbindAll({ connector, send }: Bench, { index }: SandboxSubject): Promise<number> {
  const bearer = { person: index }
  const { data = [] } = readJson(await send({ url: ACCOUNTS, bearer })) as { data?: { id: string; connector: string }[] }
  const own = data.filter((account) => account.connector === connector.id)
  for (const { id } of own) await send({ method: 'DELETE', url: `${ACCOUNTS}/${id}`, bearer })
  return own.length
}
