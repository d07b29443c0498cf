import { isUscc, normalUscc } from '../../core/base/checksums.ts'
import { execute } from '../../core/call/execute.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'

/** An enterprise or 个体工商户 of which somebody is the legal representative or owner. */
export interface RegisteredEnterprise {
  uscc: string | null
  name: string
  /** `YYYY-MM-DD` */
  establishedOn: string | null
  /** The registry's own word. */
  state: string
  /** Why it can't be bound, a Chinese phrase; null where it can. */
  obstacle: string | null
}

export interface RegistryAnswer {
  enterprises: RegisteredEnterprise[]
  upstreamStatus: number
  upstreamMs: number
}

export interface EnterpriseRegistry {
  /** What stands in the person's name today. Rejects with an UpstreamError. */
  enterprisesOf(asker: Asker): Promise<RegistryAnswer>
}

/** States of registration in which business may be done (市监 状态 in words). All others, unknown ones too, may not. */
const ALIVE = /^(存续|在营|开业|在业|在册|正常|登记成立)/

export function createEnterpriseRegistry(service: CompiledService, upstream: Upstream): EnterpriseRegistry {
  const everything = { keep: () => true, sort: null, columns: null, page: 1, pageSize: 500 }
  return {
    async enterprisesOf(asker) {
      const { rows, upstreamStatus, upstreamMs } = await execute(service, upstream, asker, {}, everything)
      const enterprises = rows.map((row) => {
        // The registry's rows carry no id number, so the name is what tells that they are this person's.
        if (row['legalRepresentative'] !== asker.person?.name) throw wrongSubject(service, upstreamStatus)
        return read(row)
      })
      return { enterprises, upstreamStatus, upstreamMs }
    },
  }
}

function read(row: Readonly<Record<string, unknown>>): RegisteredEnterprise {
  const text = (name: string) => (typeof row[name] === 'string' ? row[name] : null)
  const given = text('uscc')
  const uscc = given === null ? null : normalUscc(given)
  const state = text('state') ?? ''
  return { uscc, name: text('name') ?? '', establishedOn: text('establishedOn'), state, obstacle: obstacleTo(uscc, state) }
}

function obstacleTo(uscc: string | null, state: string): string | null {
  if (uscc === null) return '登记信息中没有统一社会信用代码，请到登记机关换发执照'
  if (!isUscc(uscc)) return '登记信息中的统一社会信用代码有误，请联系登记机关更正'
  return ALIVE.test(state) ? null : `登记状态为“${state}”，不能办理业务`
}

function wrongSubject({ connector }: CompiledService, status: number): UpstreamError {
  return new UpstreamError('HUB_UPSTREAM_WRONG_SUBJECT', { delivery: 'unknown', status }, { agency: connector.agency })
}
