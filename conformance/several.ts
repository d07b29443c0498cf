import { type Answered, type Bench, describe, readJson } from './bench.ts'
import type { Finding } from './check.ts'

/** Every service of one record is answered with two or more: each of them can be had, by what the refusal offers. */
export async function checkSeveral(bench: Bench): Promise<Finding> {
  const kept = bench.doublesOf('several').filter(({ like }) => like.service.contract.cache && like.service.rows === 'one')
  const doubles = kept.map(({ service, like }) => ({ ...like, service }))
  const ones = [...bench.answered.filter(({ service }) => service.rows === 'one' && !service.contract.cache), ...doubles]
  if (ones.length === 0) return { skip: '没有单条查询服务' }
  for (const { service } of ones) bench.lab.setFault({ kind: 'many', sid: service.sid })
  const reasons = await Promise.all(ones.map((one) => trySeveral(bench, one)))
  bench.lab.clearFaults()
  return reasons.flat()
}

async function trySeveral({ ask }: Bench, one: Answered): Promise<string[]> {
  const { id, key, inputs } = one.service.contract
  // Who must say which has chosen before he asks.
  if (key !== undefined && inputs[key]?.notes.required) return []
  const response = await ask(one, one.service, key === undefined ? {} : { [key]: undefined })
  if (key === undefined) return response.statusCode === 502 ? [] : [`${id}：说只有一条，却答复了其中之一：${describe(response)}`]
  const { choices } = readJson(response) as { choices?: { parameter: string; options?: { value: string; label: string }[] } }
  const options = choices?.parameter === key ? (choices.options ?? []) : []
  if (response.statusCode !== 409 || options.length < 2) return [`${id}：有两条记录时无从选择：${describe(response)}`]
  const asked = await Promise.all(options.map(({ value }) => ask(one, one.service, { [key]: value })))
  return [
    ...asked.filter(({ statusCode }) => statusCode !== 200).map((chosen) => `${id}：按所列的选择仍查不到：${describe(chosen)}`),
    ...(new Set(options.map(({ label }) => label)).size === options.length ? [] : [`${id}：两条记录的说明一样，分不清`]),
  ]
}
