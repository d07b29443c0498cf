import { readFileSync } from 'node:fs'
import type { CompiledService } from '../../core/call/service.ts'
import { type Asker, NOBODY } from '../../core/contract/asker.ts'
import { enterprises, mandates, people } from '../../plugins/sandbox/people.ts'
import { ordinal } from '../command.ts'
import { UsageError } from '../usage.ts'

interface Who {
  person: string | undefined
  subject: string | undefined
}

/** → about whom the agency is asked: an invented person, somebody out of a file, or the test person of the declaration. */
export function askerOf({ connector, contract }: CompiledService, { person, subject }: Who, simulated: boolean): Asker {
  if (contract.identity === 'none' || contract.audience === 'public') return NOBODY
  const firm = contract.audience === 'enterprise'
  if (subject !== undefined) return named(readSubject(subject), firm)
  if (simulated) return invented(ordinal(person ?? '1', '--person', people.length), firm)
  if (person !== undefined) throw new UsageError('虚构的人只在沙箱里有；对方的测试人员请写在文件里，用 --subject 指明')
  const { health } = connector
  if (!health.subject) throw new UsageError('请用 --subject 指明一个文件，里面是对方系统的测试人员，如 {"name":"…","idNumber":"…"}')
  return named(health.subject, firm)
}

const named = ({ name, number }: { name: string; number: string }, firm: boolean): Asker =>
  firm
    ? { person: null, enterprise: { id: '', name, uscc: number } }
    : { person: { id: '', name, idType: '居民身份证', idNumber: number }, enterprise: null }

function invented(index: number, firm: boolean): Asker {
  const own = firm ? mandates.find(({ person }) => person === index)?.enterprise : index
  const who = (firm ? enterprises : people).find((each) => each.index === own)
  if (!who) throw new UsageError(`第 ${index} 个人不能代任何单位，见 hub people`)
  return { ...named(who, firm), userId: people[index - 1]?.id ?? '' }
}

function readSubject(file: string): { name: string; number: string } {
  try {
    const { name, idNumber, uscc } = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>
    const number = idNumber ?? uscc
    if (typeof name === 'string' && name !== '' && typeof number === 'string' && number !== '') return { name, number }
  } catch {
    // What is no such file is told below: a parser's message would quote what it read.
  }
  throw new UsageError(`${file} 须是 JSON 文件：{"name":"…","idNumber":"…"}，单位是 {"name":"…","uscc":"…"}`)
}
