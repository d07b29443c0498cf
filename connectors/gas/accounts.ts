import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

export const ACCOUNT_PATTERN = '^\\d{10}$'

/** Which account is meant: one that the asker has bound, never a number of the request. */
export const boundAccount = input.verified('户号', 'account.externalId', { code: 'hh' })

export const accountFields = {
  gasAccountNumber: field.text('户号', { code: 'hh', mask: 'account', required: true }),
  accountHolderName: field.text('户主姓名', { code: 'hzxm', mask: 'name' }),
  gasAddress: field.text('用气地址', { code: 'yqdz', mask: 'address' }),
}

/**
 * The accounts that the company has on record for the verified person, or the one that is meant. Binding asks it; an app
 * shows what it answers, shortened, before the user confirms. Others' accounts and unknown numbers look alike.
 */
export const accountLookup = service({
  id: 'account-lookup',
  name: '户号查询',
  section: '1.4.13',
  kind: 'list',
  identity: 'real-name',
  // Each one asks whether a number is somebody's.
  rate: { max: 20, perSeconds: 600 },
  inputs: {
    gasAccountNumber: input.text('户号', { code: 'hh', field: 'gasAccountNumber', pattern: ACCOUNT_PATTERN, maxLength: 10 }),
  },
  fields: {
    ...accountFields,
    relation: field.code('与户号的关系', lists.relations, { code: 'gx' }),
    userKind: field.code('用气性质', lists.userKinds, { code: 'yqxz' }),
    meterKind: field.code('表具类型', lists.meterKinds, { code: 'bjlx' }),
    settlement: field.code('付费方式', lists.settlements, { code: 'fffs' }),
    supplyStatus: field.code('供气状态', lists.supplyStatuses, { code: 'gqzt' }),
  },
  upstream: { sid: 'api/v1/accounts/query' },
})

/** Whoever holds the account under his verified name, or whom the company has on record as living there. */
export function isTheirs(row: Readonly<Record<string, unknown>>, person: { name: string }): boolean {
  const { relation } = row
  const code = typeof relation === 'object' && relation !== null && 'code' in relation ? relation.code : null
  return code === '2' || (code === '1' && row['accountHolderName'] === person.name)
}
