import type { FastifyInstance, FastifyPluginAsync, FastifyPluginCallback } from 'fastify'
import type { Knex } from 'knex'
import type { Vault } from '../../core/base/vault.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Inputs } from '../../core/contract/inputs.ts'
import type { ServiceContract } from '../../core/contract/types.ts'
import type { KindRules } from '../declarations/kind-rules.ts'
import type { PersonalData } from '../store/personal-data.ts'
import type { CreateSimulator } from './simulation.ts'
import type { KindCheck } from './trial.ts'

/** A user's account at an agency. */
export interface HeldAccount {
  userId: string
  connector: string
  /** UNMASKED. */
  externalId: string
}

/** Something that a user may do now with what a service keeps for him, as the hall's pages offer it (docs/hall.md). */
export interface Deed {
  /** Names it in the page's form. */
  readonly id: string
  readonly title: string
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  /** After `/v1/<connector>/<service>/<id>`; where it begins with `/v1/`, the whole path. */
  readonly path: string
  readonly inputs: Inputs
  /** Sent beside what its inputs say. */
  readonly also?: Readonly<Record<string, string>>
  /** Member of its answer that is a picture (a data URL), to be shown. */
  readonly picture?: string
  /** Its answer's `url` is where the browser goes on. */
  readonly leads?: true
}

/** Where a kind keeps what was handled: a table with `connector`, `service`, `user_id`, `enterprise_id`, `state` and `created_at`. */
export interface Matters {
  readonly table: string
  stateName(contract: ServiceContract, state: string): string
  /** States at the end of a doubt that leave something to do, or cost something: what is to be done then, or nothing to add. */
  readonly demanding?: Readonly<Record<string, string>>
}

/** What a connector's list offers for an input, beside the choices that inputs declare themselves. */
export interface Offer {
  /** Id of the service that lists it. */
  readonly from: string
  /** Its fields: what is chosen, the words by which people know it, and whether it can be chosen now. */
  readonly value: string
  readonly words: readonly string[]
  readonly open?: string
}

/**
 * A kind of service: everything that the hub knows about it. `plugins/kinds/<name>/kind.ts` default-exports
 * one; the folder is the list, so adding a kind touches no other.
 */
export interface ServiceKind extends KindRules {
  /** The folder's name. */
  readonly name: string
  /** HTTP method under which its services stand in the documents. */
  readonly method: 'GET' | 'POST'
  /** What its services keep and work on, registered once, before any route. */
  readonly plugin?: FastifyPluginAsync<object> | FastifyPluginCallback<object>
  /** What people read of it on pages: its category (服务分类), and the button of its form. Default: 办理, 提交. */
  readonly words?: { readonly category: string; readonly button?: string }
  /** With POST: the answer's `url` is where the browser goes on, and nothing is kept to look at. */
  readonly leads?: true
  /** What may be done now with one that is kept; `view` as its route answers. */
  deeds?(service: CompiledService, view: Readonly<Record<string, unknown>>): readonly Deed[]
  /** What can be chosen for its inputs, by input. */
  offers?(contract: ServiceContract): Readonly<Record<string, Offer>>
  /** Id of the service on whose page this one is done, where it has none of its own. */
  pageOf?(contract: ServiceContract): string | undefined
  /** Registers the routes of one service, in its connector's own plugin. */
  routes(app: FastifyInstance, service: CompiledService): void
  /** Further service ids under which the agency answers for a service. */
  sids?(contract: ServiceContract): readonly string[]
  /** Further services of the connector that a service asks or belongs to, so that whoever tries it has them too. */
  uses?(contract: ServiceContract): readonly (string | undefined)[]
  /** Where among them one has a path of its own, or is its own path: id → path. Others stand where the service does. */
  paths?(contract: ServiceContract): Readonly<Record<string, string>>
  /** The contract without those ids and in a hurry, as the conformance kit tries it beside the original. */
  double?(contract: ServiceContract): Partial<ServiceContract>
  /** What the simulated agency does with its services. */
  simulate: CreateSimulator
  /** → why an account at the agency cannot be unbound yet, in Chinese, or null. */
  holds?(transaction: Knex.Transaction, vault: Vault, account: HeldAccount): Promise<string | null>
  /** What it keeps of matters that were handled, for whoever looks at all of somebody's. */
  readonly matters?: Matters
  /** What it keeps of users and of secrets, and how it ends. */
  readonly personalData?: PersonalData
  /** What a connector's services of the kind have to stand, in the conformance kit. */
  readonly trial?: KindCheck
}
