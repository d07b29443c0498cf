import Type from 'typebox'
import { beijing } from '../../core/base/time.ts'
import { masks } from '../../core/contract/masks.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { accountStates } from './states.ts'
import type { Account } from './store.ts'

const METHODS = { oauth: '授权登录', 'id-match': '实名匹配', 'account-number': '账号核验' } as const

/** An account as its owner reads it: the account's id at the agency is masked. */
export function presentAccount(
  { id, connector, externalId, state, level, boundBy, shown, ...account }: Account,
  of: ConnectorDeclaration | undefined,
) {
  const titles = titlesOf(of)
  return {
    id,
    connector,
    connectorName: of?.name ?? connector,
    agency: of?.agency ?? '',
    account: externalId === null ? null : masks.account(externalId),
    details: Object.entries(shown).map(([name, value]) => ({ name, title: titles[name] ?? name, value })),
    state,
    stateName: accountStates[state].title,
    level,
    boundBy,
    boundByName: METHODS[boundBy],
    boundAt: beijing(account.boundAt),
    lastUsedAt: account.lastUsedAt === null ? null : beijing(account.lastUsedAt),
    renewUrl: state === 'reauthorise' && of?.accounts?.oauth ? `/v1/me/accounts/${connector}/authorise` : null,
  }
}

/** What the fields of the look-ups are called. */
function titlesOf(of: ConnectorDeclaration | undefined): Readonly<Record<string, string>> {
  const lookUps = [of?.accounts?.accountNumber, of?.accounts?.idMatch]
  const services = lookUps.flatMap((lookUp) => of?.services.filter(({ contract }) => contract.id === lookUp?.service) ?? [])
  return Object.fromEntries(
    services.flatMap(({ contract }) => Object.entries(contract.fields).map(([name, { notes }]) => [name, notes.title])),
  )
}

const nullable = (title: string) => ({ type: ['string', 'null'], title })

export const accountSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', title: '绑定编号' },
    connector: { type: 'string', title: '连接器' },
    connectorName: { type: 'string', title: '连接器名称' },
    agency: { type: 'string', title: '单位' },
    account: nullable('在该单位的账户（已脱敏）'),
    details: {
      type: 'array',
      title: '绑定时核对过的户主、地址等（已脱敏）',
      items: { type: 'object', properties: { name: { type: 'string' }, title: { type: 'string' }, value: { type: 'string' } } },
    },
    state: { type: 'string', enum: Object.keys(accountStates), title: '状态' },
    stateName: { type: 'string', title: '状态名称' },
    level: { type: 'string', enum: ['login', 'real-name'], title: '核实程度' },
    boundBy: { type: 'string', enum: Object.keys(METHODS), title: '绑定方式' },
    boundByName: { type: 'string', title: '绑定方式名称' },
    boundAt: { type: 'string', format: 'date-time', title: '绑定时间' },
    lastUsedAt: nullable('最近使用时间'),
    renewUrl: nullable('重新授权的地址'),
  },
}

export function answerOf(data: object) {
  const meta = { type: 'object', properties: { asOf: { type: 'string' }, traceId: { type: 'string' } }, required: ['asOf', 'traceId'] }
  return Type.Unsafe({ type: 'object', properties: { data, meta }, required: ['data', 'meta'] })
}
