import { createHash } from 'node:crypto'
import { beijing } from '../core/base/time.ts'
import { lookupKeyOf } from '../core/base/vault.ts'
import { evidenceKey } from '../plugins/audit/evidence.ts'
import { type HubKey, type KeyUse, readKeys, replaceKey, type SigningAlgorithm } from '../plugins/oauth/keys.ts'
import { type IndexKey, listIndexKeys } from '../plugins/store/indexes.ts'
import type { Act } from './act.ts'
import { command, group, yes } from './command.ts'
import type { Io } from './io.ts'
import { confirm, present, withStore } from './kit.ts'

const NAMES: Readonly<Record<KeyUse, string>> = { ES256: 'ES256 签名密钥', RS256: 'RS256 签名密钥', cookie: 'Cookie 密钥' }

export const list = command({
  usage: 'list',
  describe: '列出现有的密钥：编号、状态和时间，不显示密钥本身',
  run: ({ json }, io) =>
    withStore(io, async ({ database, vault }) => {
      const settings = io.settings()
      const { current, others = [], lookup } = settings.keys
      const masters = [{ id: current.id, state: '现用' }, ...others.map(({ id }) => ({ id, state: '只用于解密' }))]
      const lookupId = idOf(lookup ?? lookupKeyOf(current.key))
      const evidence = evidenceKey(settings)
      const own = (await readKeys(database, vault)).map((key, at, all) => ({ ...timesOf(key), state: stateOf(key, all.slice(0, at)) }))
      const indexes = await listIndexKeys(database)
      present(io, json, { masters, lookup: { id: lookupId, set: lookup !== undefined }, indexes, evidence: { id: evidence.id }, own }, [
        ...masters.map(({ id, state }) => `主密钥  ${id}  ${state}`),
        `查找密钥  ${lookupId}  ${lookup ? 'LOOKUP_KEY' : '由主密钥得出'}`,
        ...indexes.map((key) => indexLine(key, lookupId)),
        `检查点密钥  ${evidence.id}  ${evidence.algorithm}`,
        ...own.map(({ use, kid, state, createdAt, startsAt, endsAt }) =>
          [NAMES[use], kid, state, `生成于 ${beijing(createdAt)}`, ...spanOf(startsAt, endsAt)].join('  '),
        ),
      ])
      return 0
    }),
})

const atOnce = {
  type: 'boolean',
  default: false,
  describe: '密钥已泄露：新密钥立即启用，原有的立即作废（一分钟内在各进程生效）',
} as const

const newSigning = command({
  usage: 'new',
  describe: '生成新的签名密钥：先公布，十分钟后启用；原有的再验签一小时。不停机',
  examples: [
    ['keys signing new --reason 年度更换', '更换 ES256 的'],
    ['keys signing new --leaked --reason 主机失窃 --yes', '已签发的令牌随之作废'],
  ],
  change: { what: '更换签名密钥', reason: 'required' },
  options: (own) =>
    own
      .option('algorithm', { choices: ['ES256', 'RS256'] as const, default: 'ES256' as SigningAlgorithm, describe: '哪一种算法的' })
      .option('leaked', atOnce)
      .option('yes', yes),
  run: ({ algorithm, leaked, yes, json }, io, act) => replace(io, act, { use: algorithm, leaked, yes, json }),
})

const newCookie = command({
  usage: 'new',
  describe: '生成新的授权页面 Cookie 密钥：一分钟后启用，原有的再验二十五小时。不停机',
  examples: [['keys cookies new --reason 年度更换', '']],
  change: { what: '更换 Cookie 密钥', reason: 'required' },
  options: (own) => own.option('leaked', atOnce).option('yes', yes),
  run: ({ leaked, yes, json }, io, act) => replace(io, act, { use: 'cookie', leaked, yes, json }),
})

/** Keys that the hub makes and keeps itself. */
export const signing = group('signing', '授权服务的签名密钥', [newSigning])
export const cookies = group('cookies', '授权页面的 Cookie 密钥', [newCookie])

interface Wanted {
  use: KeyUse
  leaked: boolean
  yes: boolean
  json: boolean
}

function replace(io: Io, act: Act, { use, leaked, yes, json }: Wanted): Promise<number> {
  return withStore(io, async (store) => {
    if (leaked) await confirm(io, yes, `立即作废现有的 ${NAMES[use]}，以它们签发的随之失效`)
    await act(store, use, leaked ? '（已泄露）' : '')
    const { kid, startsAt, formerEndAt } = await replaceKey(store.database, store.vault, use, leaked)
    const done = `新的 ${NAMES[use]}：${kid}，${beijing(startsAt)} 启用；原有的 ${beijing(formerEndAt)} 作废`
    present(io, json, { kid, startsAt, formerEndAt }, [done])
    return 0
  })
}

function timesOf({ kid, use, createdAt, startsAt, endsAt }: HubKey) {
  return { kid, use, createdAt, startsAt, endsAt }
}

/** `before`: the keys that go first. */
function stateOf({ use, startsAt }: HubKey, before: readonly HubKey[]): string {
  if (startsAt > Date.now()) return '待启用'
  return before.some((key) => key.use === use) ? '只用于验证' : '现用'
}

function spanOf(startsAt: number, endsAt: number | null): string[] {
  return [...(startsAt > Date.now() ? [`启用于 ${beijing(startsAt)}`] : []), ...(endsAt === null ? [] : [`作废于 ${beijing(endsAt)}`])]
}

const INDEX_STATES: Readonly<Record<IndexKey['state'], string>> = {
  current: '现用',
  filling: '现用，正在重算（hub keys index rotate 继续）',
  before: '重算完之前仍用于检索',
  kept: '只留存，用于已经没有原文的哈希',
}

function indexLine({ id, state, createdAt, filledAt }: IndexKey, lookupId: string): string {
  const times = [
    ...(createdAt === null ? [] : [`生成于 ${beijing(createdAt)}`]),
    ...(filledAt === null ? [] : [`重算完于 ${beijing(filledAt)}`]),
  ]
  return ['检索密钥', id ?? `${lookupId}（查找密钥）`, INDEX_STATES[state], ...times].join('  ')
}

/** Tells lookup keys apart; says nothing about the key. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('hub/lookup-id').update(key).digest('hex').slice(0, 8)
}
