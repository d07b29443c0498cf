import { askersOf, type Bench, describe, readJson } from './bench.ts'
import type { Demand, Lack } from './demand.ts'
import { withFiles } from './files.ts'
import { sampleInputs } from './inputs.ts'
import { trySubscription } from './subscriptions.ts'

/** What a contract asks to be done with a record: each is done once, by whoever may, and tried by somebody who may not. */

const NOBODY = '：没有人得到答复'

/** A file that an answer names comes, and is what its name says. */
export async function handsOutFiles({ service, answered }: Demand, { ask, send, lab }: Bench): Promise<Lack> {
  if (!service.contract.files) return '：没有可以下载的凭证'
  if (!answered) return NOBODY
  for (const asker of [answered, ...askersOf(service, lab).flat()]) {
    const response = await ask({ ...answered, ...asker }, service, service.rows === 'many' ? { pageSize: '500' } : {})
    const url = hrefIn(readJson(response)['data'])
    if (url === null) continue
    const file = await send({ url, bearer: asker.bearer })
    const isFile = file.statusCode === 200 && /^(application\/pdf|image\/)/.test(String(file.headers['content-type']))
    const preview = await send({ url: `${url}?preview=true`, bearer: asker.bearer })
    if (!isFile || preview.statusCode !== 200) return `：凭证下载不了：${describe(isFile ? preview : file)}`
    const stranger = lab.people.find(({ index }) => index !== asker.bearer.person)?.index ?? 0
    const stolen = await send({ url, bearer: { person: stranger } })
    return stolen.statusCode >= 400 ? null : '：他人可以下载'
  }
  return '：沙箱里没有人有凭证，无从试'
}

function hrefIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  if ('href' in value && typeof value.href === 'string') return value.href
  for (const part of Object.values(value)) {
    const found = hrefIn(part)
    if (found !== null) return found
  }
  return null
}

/** What the words name can be subscribed to: 还款 is not 处置. */
export async function subscribes({ service, answered, words }: Demand, bench: Bench): Promise<Lack> {
  const about = ['还款', '处置'].filter((word) => words.includes(word))
  const fitting = Object.entries(service.contract.subscriptions ?? {}).filter(([, { title }]) =>
    about.every((word) => title.includes(word)),
  )
  if (fitting.length === 0) return '：不能订阅'
  if (!answered) return NOBODY
  for (const [id] of fitting) {
    const [lack] = await trySubscription(bench, answered, id)
    if (lack !== undefined) return `：${lack}`
  }
  return null
}

/** There is a filing against a record of the service, with files; against what is not one's own it is refused. */
export async function takesAppeals({ service, answered, words }: Demand, bench: Bench): Promise<Lack> {
  const appeal = bench.services.find(
    ({ connector, contract }) => connector === service.connector && contract.submission?.against?.service === service.contract.id,
  )
  if (!appeal) return '：不能提出异议'
  const { inputs } = appeal.contract
  if (/证据/.test(words) && !Object.values(inputs).some(({ notes }) => notes.file && notes.required)) return '：不能附证据'
  if (!answered?.subject) return NOBODY
  const stranger = bench.lab.people.find((person) => bench.lab.rowsOf(service, person).length === 0)
  if (!stranger) return '：沙箱里人人都有记录，无从试他人的'
  const bearer = { person: stranger.index }
  const sampled = sampleInputs(appeal.contract, bench.lab.rowsOf(appeal, answered.subject))
  const body = await withFiles(bench, { bearer, subject: stranger }, inputs, sampled)
  const headers = { 'idempotency-key': `conformance-appeal-${service.contract.id}` }
  const url = `/v1/${appeal.connector.id}/${appeal.contract.id}`
  const refused = await bench.send({ method: 'POST', url, bearer, headers, body })
  return refused.statusCode === 400 && readJson(refused)['code'] === 'HUB_VALIDATION'
    ? null
    : `：可以对他人的记录提出异议：${describe(refused)}`
}

const ADMINISTRATOR = 1

/** Staff see what was due beside what came in, with a reason; nobody else does. */
export async function letsStaffCompare({ service, answered }: Demand, { send }: Bench): Promise<Lack> {
  if (!service.contract.comparison) return '：没有管理端的对比'
  if (answered?.bearer.person === undefined) return NOBODY
  const me = await send({ url: '/v1/me', bearer: answered.bearer })
  const { id: userId } = (readJson(me)['data'] ?? {}) as { id?: string }
  const compare = (person: number, more: object) =>
    send({ method: 'POST', url: `/admin/comparisons/${service.key}`, bearer: { person, admin: true }, body: { userId, ...more } })
  const response = await compare(ADMINISTRATOR, { purpose: '核对' })
  const { events = [] } = (readJson(response)['data'] ?? {}) as { events?: { total: { due: number | null; received: number | null } }[] }
  if (response.statusCode !== 200 || !events.some(({ total }) => total.due !== null && total.received !== null))
    return `：对比不了：${describe(response)}`
  const silent = await compare(ADMINISTRATOR, {})
  const citizen = await compare(CITIZEN, { purpose: '核对' })
  return silent.statusCode === 400 && citizen.statusCode === 403
    ? null
    : `：没有事由或没有角色也能对比：${describe(silent)}、${describe(citizen)}`
}

/** Of the sandbox's people one without an office. */
const CITIZEN = 5

/** A person lets another see the record, who then sees it, until it is taken back. */
export async function letsFamilySee({ service, answered }: Demand, bench: Bench): Promise<Lack> {
  const { lab, send } = bench
  if (!service.contract.dependants) return '：不能查家庭成员的'
  const owner = answered?.bearer
  const relative = lab.people.find(({ index }) => index !== owner?.person)
  if (!answered || owner?.person === undefined || !relative) return NOBODY
  const { id: dependant } = (readJson(await send({ url: '/v1/me', bearer: owner }))['data'] ?? {}) as { id?: string }
  const terms = { scope: [service.key], endsAt: new Date(Date.now() + 86_400_000).toISOString() }
  const body = { name: relative.name, idNumber: relative.number, ...terms }
  const consent = await send({ method: 'POST', url: '/v1/me/family', bearer: owner, body })
  const { id } = (readJson(consent)['data'] ?? {}) as { id?: string }
  if (consent.statusCode !== 201) return `：不能同意家庭成员查询：${describe(consent)}`
  const ask = () => bench.ask({ ...answered, bearer: { person: relative.index } }, service, { dependant })
  const seen = await ask()
  await send({ method: 'DELETE', url: `/v1/me/family/${id}`, bearer: owner })
  const after = await ask()
  return seen.statusCode === 200 && after.statusCode === 403
    ? null
    : `：家庭成员查不到，或撤回后还能查：${describe(seen)}、${describe(after)}`
}

/** A person and an agent of an enterprise both find the door open. */
export async function opensToBoth({ service }: Demand, { send, lab }: Bench): Promise<Lack> {
  if (service.contract.agents !== true) return '：企业不能办'
  const url = `/v1/${service.connector.id}/${service.contract.id}`
  const [mandate] = lab.mandates
  const responses = [await send({ url, bearer: { person: 1 } }), await send({ url, bearer: { ...mandate } })]
  const closed = responses.find(({ statusCode }) => statusCode === 401 || statusCode === 403)
  return closed ? `：不对个人和企业都开放：${describe(closed)}` : null
}
