import type { FastifyInstance } from 'fastify'
import type { Knex } from 'knex'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Acting } from '../../access/principal.ts'
import { assertFiles } from '../../files/attach.ts'
import { inputsBody } from '../../route-kit/service-route.ts'
import { assertRecord } from './against.ts'
import { assertAge } from './ages.ts'
import { CODE, CODE_PATTERN, verifyCode } from './otp.ts'
import { insertParties, partiesIn, partyList, partyProperties, requiredOfParties } from './parties.ts'
import { type Carried, precheck } from './precheck.ts'

const DAY_MS = 86_400_000

/** What a filing rests on beside its inputs, made ready before it is accepted. */
export interface Prepared {
  carried: Carried
  /** Until when it waits for others; null where nobody else has to agree. */
  awaitUntil: number | null
  /** Written down in the transaction that accepts the filing. */
  write(transaction: Knex.Transaction, submissionId: string, at: number): Promise<void>
}

/** Body of a filing: the service's inputs, and what its declaration wants besides. */
export function filingBody(service: CompiledService) {
  const { otp, parties } = service.contract.submission ?? {}
  const own = inputsBody(service) as unknown as { properties: object; required: string[] }
  const code = {
    type: 'string',
    pattern: CODE_PATTERN,
    title: '动态验证码',
    examples: ['135790'],
    description: '先获取验证码，再填写手机收到的数字',
  }
  const required = [...own.required, ...(otp ? [CODE] : []), ...(parties ? requiredOfParties(parties) : [])]
  return Type.Unsafe<Readonly<Record<string, unknown>> | null>({
    ...own,
    // Nobody can file an empty form where something is required.
    type: required.length > 0 ? 'object' : ['object', 'null'],
    properties: { ...own.properties, ...(otp ? { [CODE]: code } : {}), ...(parties ? partyProperties(parties) : {}) },
    required,
  })
}

/**
 * What would be no filing to begin with is made none by a change: its rules hold for what it says afterwards. The record that it is
 * about is asked for where the change names another. Throws HUB_FILING_UNFIT, HUB_VALIDATION, or an UpstreamError.
 */
export async function assertChanged(
  app: FastifyInstance,
  service: CompiledService,
  asker: Asker,
  filed: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { ages = [], against } = service.contract.submission ?? {}
  const input = { ...filed, ...change }
  assertAge(ages, asker, input)
  if (Object.keys(against?.by ?? {}).some((name) => name in change)) await assertRecord(app, service, asker, input)
}

/**
 * Looks at what the hub knows itself, asks the agency whether the filing may go ahead, then has the code compared: a filing
 * that cannot go ahead uses none up. Throws HUB_FILING_UNFIT, HUB_CODE_WRONG, HUB_VALIDATION, HUB_SERVICE_NOT_OPEN, or an UpstreamError.
 */
export async function prepareFiling(
  app: FastifyInstance,
  service: CompiledService,
  asker: Asker,
  by: Acting,
  input: Readonly<Record<string, unknown>>,
): Promise<Prepared> {
  const { otp, parties: policy, suspended, ages = [] } = service.contract.submission ?? {}
  assertAge(ages, asker, input)
  await assertFiles(app.database, by, service.contract.inputs, input)
  const parties = policy ? partiesIn(policy, asker, input) : []
  await assertRecord(app, service, asker, input)
  const found = await precheck(app, service, asker, input)
  if (suspended !== undefined) throw new HubError('HUB_SERVICE_NOT_OPEN', { detail: suspended })
  const proof = otp ? await verifyCode(app, service, asker, String(input[CODE])) : {}
  const awaitUntil = policy && parties.length > 1 ? Date.now() + policy.days * DAY_MS : null
  const alone =
    policy && awaitUntil === null
      ? {
          [policy.code]: partyList(
            policy,
            parties.map((party) => ({ ...party, agreedAt: Date.now() })),
          ),
        }
      : {}
  return {
    carried: { ...found, ...proof, ...alone },
    awaitUntil,
    async write(transaction, submissionId, at) {
      if (awaitUntil !== null)
        await insertParties(transaction, app.vault, parties, { submissionId, userId: asker.userId ?? '', at, expiresAt: awaitUntil })
    },
  }
}
