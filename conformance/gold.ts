import type { CodeList, Fields } from '../core/contract/fields.ts'
import { kindOf } from '../plugins/kinds/index.ts'
import type { Check, PaperCheck } from './check.ts'
import { checkDemands } from './demands.ts'
import { checkPromise } from './promise.ts'

/** What needs a hub that runs. */
export const goldTries: readonly Check[] = [{ id: 'demands', title: '合同的每项要求都试过，或写明了原因', tier: 'gold', run: checkDemands }]

export const gold: readonly PaperCheck[] = [
  { id: 'promise', title: '服务、输入和字段与合同的说法（promise.json）一致', tier: 'gold', read: checkPromise },
  { id: 'docs', title: 'README 写明有待对方确认的事项', tier: 'gold', read: ({ connector, readme }) => checkReadme(connector.id, readme) },
  {
    id: 'field-codes',
    title: '每个字段都有对方的代码，或写明是中枢自己的',
    tier: 'gold',
    read: ({ connector, readme }) =>
      connector.services.flatMap(({ contract }) =>
        everyField(contract.fields)
          .filter(({ name, codes }) => codes.length === 0 && !readme?.includes(`\`${name}\``))
          .map(({ name }) => `${contract.id}.${name}：没有对方的代码，README 也没有提到`),
      ),
  },
  {
    id: 'code-lists',
    title: '每个代码表都有出处',
    tier: 'gold',
    read: ({ connector }) =>
      connector.services.flatMap(({ contract }) => {
        const inputs = Object.entries(contract.inputs).map(([name, { notes }]) => ({ name, list: notes.list }))
        return [...everyField(contract.fields), ...inputs]
          .filter(({ list }) => list !== undefined && list.source.trim() === '')
          .map(({ name }) => `${contract.id}.${name}：代码表没有出处`)
      }),
  },
  {
    id: 'sandbox-rows',
    title: '每项服务在沙箱里都有自己的数据',
    tier: 'gold',
    read: ({ connector }) =>
      connector.services
        .filter(({ contract }) => !connector.sandbox[contract.id] && !kindOf(contract).recordless)
        .map(({ contract }) => `${contract.id}：数据是临时编造的`),
  },
  {
    id: 'handlers',
    title: '手写代码的服务不到十分之一',
    tier: 'gold',
    read({ connector: { services } }) {
      const handled = services.filter(({ handler }) => handler !== null).map(({ contract }) => contract.id)
      return handled.length * 10 < services.length ? [] : [`${services.length} 项服务中有 ${handled.length} 项：${handled.join('、')}`]
    },
  },
]

interface NamedField {
  /** `list.column` for a column. */
  name: string
  codes: readonly string[]
  list: CodeList | undefined
}

function everyField(fields: Fields, prefix = ''): NamedField[] {
  return Object.entries(fields).flatMap(([name, { notes }]) => [
    { name: prefix + name, codes: notes.codes, list: notes.list },
    ...everyField(notes.columns ?? {}, `${prefix}${name}.`),
  ])
}

const CONFIRM = /^#{2,}\s.*(confirm|确认).*$/im

/** The open questions stand under a heading of their own, at least one of them. */
function checkReadme(id: string, readme: string | null): string[] {
  if (readme === null) return [`没有 connectors/${id}/README.md`]
  const heading = CONFIRM.exec(readme)
  if (!heading) return ['README 没有一节说明有待确认的事项（标题含 confirm 或 确认）']
  const [section = ''] = readme.slice(heading.index + heading[0].length).split(/^#{1,2}\s/m, 1)
  return /^\s*(\d+\.|[-*|])\s*\S/m.test(section) ? [] : ['README 有待确认的一节是空的']
}
