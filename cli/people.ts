import { offered, readConfigured } from '../plugins/load-connectors.ts'
import { people as invented } from '../plugins/sandbox/people.ts'
import {
  type EnterprisePortrait,
  type Holdings,
  type PersonPortrait,
  portrayEnterprises,
  portrayPeople,
} from '../plugins/sandbox/portraits.ts'
import { command, ordinal } from './command.ts'
import { present } from './kit.ts'
import { UsageError } from './usage.ts'

export const people = command({
  usage: 'people [person]',
  describe: '列出沙箱里虚构的人和单位，各适合试什么',
  examples: [
    ['people', '有哪些人和单位，每行一个'],
    ['people --all', '连同各自在每个连接器有多少记录'],
    ['people 3', '第 3 个人，连同哪些服务有记录、哪些没有'],
  ],
  options: (own) =>
    own
      .positional('person', { type: 'string', describe: '只看第几个人' })
      .option('all', { type: 'boolean', default: false, describe: '也列出在每个连接器有多少记录（--json 总是全部）' }),
  async run({ person, all, json }, io) {
    if (!io.settings().sandbox) throw new UsageError('沙箱没有开启，没有虚构的人')
    const connectors = offered((await readConfigured(io.settings())).declarations, io.settings())
    const everybody = portrayPeople(connectors)
    if (person !== undefined) {
      const one = everybody[ordinal(person, '第几个人', invented.length) - 1] as PersonPortrait
      present(io, json, one, [...describe(one), ...one.holdings.flatMap(detail), `  令牌：hub token --person ${one.index} --face`])
      return 0
    }
    const firms = portrayEnterprises(connectors)
    const lines = all
      ? [...everybody.flatMap(describe), '', ...firms.flatMap((firm) => [firmLine(firm), ...firm.holdings.map(summary)])]
      : [...everybody.map(personLine), '', ...firms.map(firmLine), '', '一个人有哪些记录：hub people 3；所有人的：hub people --all']
    present(io, json, { people: everybody, enterprises: firms }, lines)
    return 0
  },
})

function describe(person: PersonPortrait): string[] {
  return [personLine(person), `  用户编号 ${person.id}`, ...person.holdings.map(summary)]
}

function personLine({ index, name, idNumber, age, sex, role, enterprises }: PersonPortrait): string {
  const parts = [
    `${index}  ${name}  ${sex}  ${age} 岁  ${idNumber}`,
    role ?? '',
    enterprises.length === 0 ? '' : `可代单位 ${enterprises.join('、')}`,
  ]
  return parts.filter(Boolean).join('  ')
}

const firmLine = ({ index, name, uscc, people: agents }: EnterprisePortrait): string =>
  `单位 ${index}  ${name}  ${uscc}  经办人：${agents.join('、')}`

function summary({ name, with: having, without, states, bind }: Holdings): string {
  const what = having.length === 0 ? '没有任何记录（试“没有查到”）' : `${having.length} 项服务有记录，${without.length} 项没有`
  return `  ${name}${bind ? '（先绑定账户）' : ''}：${what}${states.length === 0 ? '' : `；${states.join('，')}`}`
}

function detail({ connector, with: having, without }: Holdings): string[] {
  return [
    ...(having.length === 0 ? [] : [`  ${connector} 有记录：${having.join(' ')}`]),
    ...(without.length === 0 ? [] : [`  ${connector} 没有记录：${without.join(' ')}`]),
  ]
}
