import type { CompiledService } from '../core/call/service.ts'
import { kindOf, kinds } from '../plugins/kinds/index.ts'
import type { ServiceKind } from '../plugins/kinds/kind.ts'
import type { KindCheck, Trial } from '../plugins/kinds/trial.ts'
import { type Asker, askersOf, type Bench, describe, readJson } from './bench.ts'
import type { Check, Finding } from './check.ts'
import { withFiles } from './files.ts'
import { choicesIn, sampleInputs } from './inputs.ts'
import { variantId } from './variants.ts'

/** Time for all services of a kind together. */
const LIMIT_MS = 25_000

const FORM = 'application/x-www-form-urlencoded'

/** What each kind of service wants its services to stand. */
export const kindChecks: readonly Check[] = kinds.flatMap((kind) => {
  const { trial } = kind
  return trial ? [{ id: trial.id, title: trial.title, tier: trial.tier, run: (bench) => tryKind(bench, kind, trial) }] : []
})

async function tryKind(bench: Bench, kind: ServiceKind, check: KindCheck): Promise<Finding> {
  const { lab, connector } = bench
  const double = variantId(connector, kind.name)
  const services = [...lab.services.values()].filter(({ connector: { id }, contract }) => id === double && kindOf(contract) === kind)
  if (services.length === 0) return { skip: check.none }
  const deadline = performance.now() + LIMIT_MS
  const reasons = await Promise.all(
    services.map(async (service, position) => {
      const asker = askersOf(service, lab)
        .flat()
        // A page for everybody is opened by nobody in particular.
        .find(({ subject }) => (subject ? lab.rowsOf(service, subject).length > 0 : service.contract.identity === 'none'))
      if (!asker) return [`${service.contract.id}：沙箱里没有人可以申请`]
      await bench.prepare(service.connector, asker.bearer)
      return check.run(await trialOf(bench, service, asker, { kind: kind.name, position, deadline }))
    }),
  )
  lab.clearFaults()
  return reasons.flat()
}

interface Place {
  kind: string
  position: number
  deadline: number
}

async function trialOf(bench: Bench, service: CompiledService, asker: Asker, { kind, ...place }: Place): Promise<Trial> {
  const { lab, send } = bench
  const { bearer, subject } = asker
  const { contract } = service
  const rows = subject ? lab.rowsOf(service, subject) : []
  const choices = subject ? choicesIn(lab, service.connector.id, subject) : undefined
  const sampled = sampleInputs(contract, rows, choices)
  const moreInputs = () => withFiles(bench, asker, contract.inputs, sampled)
  const inputs = await moreInputs()
  return {
    ...place,
    service,
    inputs,
    moreInputs,
    inputsFor: (own) => sampleInputs({ ...contract, inputs: own }, rows, choices),
    others: lab.people.filter(({ index }) => index !== bearer.person),
    codeOf: (sid) => lab.codes().get(`${sid}/${subject?.number}`) ?? '',
    restPhones: lab.restPhones,
    async send({ as, form, headers, ...request }) {
      const sent = form
        ? { body: String(new URLSearchParams(form)), headers: { ...headers, 'content-type': FORM } }
        : { headers: headers ?? {} }
      const response = await send({ ...request, ...sent, bearer: as === undefined ? bearer : { person: as } })
      return {
        status: response.statusCode,
        json: readJson(response),
        text: response.body,
        headers: response.headers,
        words: describe(response),
      }
    },
    breakNext: (fault, sid = service.sid) => lab.setFault({ kind: fault, sid, times: 1 }),
    pay: lab.pay,
    counts: () => lab.counts(kind),
  }
}
