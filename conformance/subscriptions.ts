import { type Answered, type Bench, describe, readJson } from './bench.ts'

const PATH = '/v1/me/subscriptions'

/** What a service lets its users subscribe to can be subscribed to, is one's own, and ends with one's word. */
export async function checkSubscriptions(bench: Bench): Promise<string[] | { skip: string }> {
  const offered = bench.services.filter(({ contract }) => contract.subscriptions)
  if (offered.length === 0) return { skip: '没有可以订阅的服务' }
  const reasons: string[] = []
  for (const service of offered) {
    const like = bench.answered.find((answer) => answer.service.key === service.key)
    if (!like) reasons.push(`${service.contract.id}：没有人可以试`)
    else for (const name of Object.keys(service.contract.subscriptions ?? {})) reasons.push(...(await trySubscription(bench, like, name)))
  }
  return reasons
}

/** → what is wrong with one subscription of a service. */
export async function trySubscription(
  { send, lab }: Bench,
  { service, bearer, response }: Answered,
  subscription: string,
): Promise<string[]> {
  const { connector, contract } = service
  const place = `${contract.id}.${subscription}`
  const record = readJson(response)['data'] as Readonly<Record<string, unknown>>
  const key = contract.key === undefined || Array.isArray(record) ? {} : { key: String(record[contract.key]) }
  const body = { connector: connector.id, service: contract.id, subscription, ...key }
  const added = await send({ method: 'POST', url: PATH, bearer, body })
  if (added.statusCode !== 201) return [`${place}：不能订阅：${describe(added)}`]
  const { id } = readJson(added)['data'] as { id: string }
  const listed = readJson(await send({ url: PATH, bearer }))['data'] as { id: string }[]
  const other = lab.people.find(({ index }) => index !== bearer.person)?.index ?? 0
  const taken = await send({ method: 'DELETE', url: `${PATH}/${id}`, bearer: { person: other } })
  const ended = await send({ method: 'DELETE', url: `${PATH}/${id}`, bearer })
  return [
    ...(listed.some((each) => each.id === id) ? [] : [`${place}：订阅后没有列出`]),
    ...(taken.statusCode === 404 ? [] : [`${place}：他人可以取消：${describe(taken)}`]),
    ...(ended.statusCode === 204 ? [] : [`${place}：不能取消：${describe(ended)}`]),
  ]
}
