import type { CompiledService } from '../core/call/service.ts'
import { type Asker, askersOf, type Bench, describe, readJson, rowsIn } from './bench.ts'
import type { Demand, Lack } from './demand.ts'

/** What a contract asks beyond the answer itself: figures to plan with, who stands behind them, and whose contract it is. */

const NOBODY = '：没有人得到答复'
/** Amounts to reckon with, in yuan; the second is more than the first. */
const TRIALS = ['10000', '20000']

/** Services that help those who ask this one. */
function aidsOf({ connector, contract }: CompiledService, { services }: Bench): CompiledService[] {
  return services.filter((aid) => aid.connector === connector && aid.contract.assists?.includes(contract.id))
}

/** Somebody has a trial calculation made: another amount, another outcome; and nobody of what is not his. */
export async function plansAhead({ service }: Demand, bench: Bench): Promise<Lack> {
  for (const aid of aidsOf(service, bench)) {
    const amount = Object.entries(aid.contract.inputs).find(([, { notes }]) => notes.type === 'money' && notes.field === undefined)?.[0]
    const like = bench.answered.find((answer) => answer.service.key === aid.key)
    if (amount === undefined || !like) continue
    const outcomes = await Promise.all(TRIALS.map((value) => bench.ask(like, aid, { [amount]: value })))
    const [first, second] = outcomes.map((response) => JSON.stringify(readJson(response)['data']))
    const failed = outcomes.find(({ statusCode }) => statusCode !== 200)
    if (failed) return `：${aid.contract.id} 没有试算：${describe(failed)}`
    return first === second ? `：${aid.contract.id} 的试算与金额无关` : null
  }
  return '：没有试算'
}

const RISKS = /逾期|罚息/

/** The answer holds the figures that a risk shows in. */
export function warnsOfRisk({ service, answered }: Demand): Lack {
  if (!answered) return NOBODY
  const [row = {}] = rowsIn(answered.response)
  const told = Object.entries(service.contract.fields).filter(
    ([name, { notes }]) => ['integer', 'money'].includes(notes.type) && RISKS.test(notes.title) && typeof row[name] === 'number',
  )
  return told.length > 0 ? null : '：没有风险指标'
}

/** Who stands behind a firm's count: as many are listed, each with the amount that is reckoned with. */
export async function listsStaff({ service, answered }: Demand, bench: Bench): Promise<Lack> {
  if (!answered) return NOBODY
  const [row = {}] = rowsIn(answered.response)
  const counts = Object.entries(service.contract.fields).flatMap(([name, { notes }]) => (notes.type === 'integer' ? [row[name]] : []))
  const list = aidsOf(service, bench).find(({ rows }) => rows === 'many')
  if (!list) return '：没有人员名单'
  const response = await bench.ask({ ...answered, service: list }, list, { pageSize: '500' })
  const rows = rowsIn(response)
  const amounts = Object.entries(list.contract.fields).flatMap(([name, { notes }]) => (notes.type === 'money' ? [name] : []))
  const isWhole = rows.every((each) => amounts.some((name) => typeof each[name] === 'number'))
  return rows.length > 0 && counts.includes(rows.length) && isWhole ? null : `：名单与人数不符：${describe(response)}`
}

/** Those who are party to a contract are answered about it; whoever is not is told nothing, even where the agency mixes them up. */
export async function tiesToContract({ service, answered, words }: Demand, bench: Bench): Promise<Lack> {
  const [input, field] =
    Object.entries(service.contract.inputs).flatMap(([name, { notes }]) => (notes.field ? [[name, notes.field] as const] : []))[0] ?? []
  if (!answered) return NOBODY
  if (input === undefined || field === undefined) return '：不能指定合同'
  const number = String(rowsIn(answered.response)[0]?.[field])
  const askers = askersOf(service, bench.lab).flat()
  const told = async (asker: Asker) => {
    const response = await bench.ask({ ...answered, ...asker }, service, { [input]: number })
    return response.statusCode === 200 && rowsIn(response).length > 0
  }
  const strangers: Asker[] = []
  for (const asker of askers) if (!(await told(asker))) strangers.push(asker)
  if (/或/.test(words) && askers.length - strangers.length < 2) return '：只有一方得到答复'
  if (strangers.length === 0) return '：人人都得到答复'
  bench.lab.setFault({ kind: 'wrong-person', sid: service.sid })
  const fooled: Asker[] = []
  for (const asker of strangers) if (await told(asker)) fooled.push(asker)
  bench.lab.clearFaults()
  return fooled.length === 0 ? null : '：对方系统弄错人时，把他人的合同给了查询人'
}
