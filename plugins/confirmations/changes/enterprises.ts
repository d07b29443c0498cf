import {
  appointRepresentative,
  changeEnterprise,
  type EnterpriseFacts,
  registerEnterprise,
  removeEnterprise,
} from '../../mandates/register.ts'
import { readTerm } from '../../mandates/scope.ts'
import { part } from '../../route-kit/part.ts'
import { actorOf, change } from '../change.ts'

const name = part.text('企业名称')
const facts = { registeredState: part.maybe('登记状态'), establishedOn: part.maybe('成立日期') }
const seen = { enterpriseId: part.id('单位编号'), version: part.text('申请时的资料') }

/** Who an enterprise is: a code and a name under which agencies are asked. */
export const registration = change({
  title: '登记企业',
  permission: 'enterprises.change',
  payload: part.input({ uscc: part.text('统一社会信用代码'), name, ...facts }, ['uscc', 'name']),
  concerns: () => [],
  stake: ({ uscc }) => ({ uscc }),
  target: ({ uscc }) => uscc,
  facts: ({ uscc, ...rest }) => ({ uscc, ...words(rest) }),
  apply: async (transaction, payload, author) => ({ result: await registerEnterprise(transaction, payload, actorOf(author)) }),
})

export const amendment = change({
  title: '修改企业资料',
  permission: 'enterprises.change',
  payload: part.input({ ...seen, changes: part.input({ name, ...facts }) }, ['enterpriseId', 'version', 'changes']),
  concerns: () => [],
  stake: ({ enterpriseId }) => ({ enterpriseId }),
  target: ({ enterpriseId }) => enterpriseId,
  facts: ({ changes }) => words(changes),
  async apply(transaction, { enterpriseId, version, changes }, author) {
    await changeEnterprise(transaction, enterpriseId, changes, version, actorOf(author))
    return { result: enterpriseId }
  },
})

export const removal = change({
  title: '删除企业（结束其全部授权）',
  permission: 'enterprises.change',
  payload: part.input(seen, ['enterpriseId', 'version']),
  concerns: () => [],
  stake: ({ enterpriseId }) => ({ enterpriseId }),
  target: ({ enterpriseId }) => enterpriseId,
  facts: () => ({}),
  async apply(transaction, { enterpriseId, version }, author) {
    await removeEnterprise(transaction, enterpriseId, version, actorOf(author))
    return { result: enterpriseId }
  },
})

/** Whoever represents an enterprise is, to every agency, the enterprise. */
export const representative = change({
  title: '登记企业的法定代表人（凭营业执照和身份证件）',
  permission: 'enterprises.change',
  payload: part.input({ enterpriseId: part.id('单位编号'), userId: part.id('用户编号'), endsAt: part.text('结束时间') }, [
    'enterpriseId',
    'userId',
    'endsAt',
  ]),
  concerns: ({ userId }) => [userId],
  stake: ({ enterpriseId }) => ({ enterpriseId }),
  target: ({ enterpriseId }) => enterpriseId,
  facts: ({ endsAt }) => ({ endsAt }),
  async apply(transaction, { enterpriseId, userId, endsAt }, author, { vault }) {
    const { ends_at } = readTerm(undefined, endsAt)
    return { result: await appointRepresentative(transaction, vault, { enterpriseId, userId, endsAt: ends_at }, actorOf(author)) }
  },
})

/** An enterprise is no person: what is said of it may be read once it is decided. */
function words({ name, registeredState, establishedOn }: EnterpriseFacts): Record<string, string> {
  const given = { name, registeredState, establishedOn }
  return Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value ?? '']])))
}
