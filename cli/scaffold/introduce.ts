import type { Interview } from '../interview.ts'
import { UsageError } from '../usage.ts'
import type { Newcomer } from './answers.ts'
import { type DialectName, dialects, USUAL } from './dialects.ts'

type Ask = Interview | null

interface Given {
  name: string | undefined
  agency: string | undefined
  dialect: DialectName | undefined
  section: string | undefined
}

/** → what is known of the agency: what was given on the command line, and what the person at the terminal says besides. */
export async function introduce(id: string, { name, agency, dialect, section }: Given, ask: Ask): Promise<Newcomer> {
  return {
    id,
    name: await wording(ask, name, '--name', '市民看到的名称', '图书馆'),
    agency: await wording(ask, agency, '--agency', '单位全称', '许昌市图书馆'),
    dialect: dialect ?? (await chosenDialect(ask)),
    section: await clause(ask, section),
  }
}

/** Words of a language, without what would mean something in code or Markdown. */
const WORDS = /^[\p{L}\p{N}（）()·、 -]{1,40}$/u
const CLAUSE = /^\d+(\.\d+)*$/

const wordProblem = (text: string) => (WORDS.test(text) && text.trim() === text ? null : '须是 1 至 40 个字，不含换行和特殊符号')
const clauseProblem = (text: string) => (text === '' || CLAUSE.test(text) ? null : '须是条款号，如 1.4.12')

async function wording(ask: Ask, given: string | undefined, option: string, question: string, example: string): Promise<string> {
  if (given === undefined && ask) return ask.text(question, example, wordProblem)
  if (given === undefined) throw new UsageError(`没有人可以询问，请写明 ${option}（${question}，如 ${example}）`)
  return assertFit(option, given, wordProblem)
}

async function chosenDialect(ask: Ask): Promise<DialectName> {
  const options = dialects.map(({ name, describe }) => ({ value: name, label: `${name}  ${describe}` }))
  return ask ? ask.choose('对方系统的认证方式', options) : USUAL
}

async function clause(ask: Ask, given: string | undefined): Promise<string | null> {
  const text = given ?? (ask ? await ask.text('合同条款号（没有就留空）', '1.4.12', clauseProblem) : '')
  return assertFit('--section', text, clauseProblem) || null
}

function assertFit(option: string, text: string, problemOf: (text: string) => string | null): string {
  const problem = problemOf(text)
  if (problem) throw new UsageError(`${option} ${problem}：${text}`)
  return text
}
