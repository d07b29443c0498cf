import { randomInt, randomUUID } from 'node:crypto'
import type { SandboxSubject } from '../../../core/contract/types.ts'
import { createJournal } from '../journal.ts'
import type { Params, Reply, SandboxService } from '../simulation.ts'

/** A code that was sent, or, with a proof, one that was typed right. */
interface Sent {
  readonly sid: string
  readonly number: string
  readonly code: string
  readonly at: number
  readonly proof?: string
}

/** Codes on their way to the phones of the sandbox's people: the journal is the phone. */
export function createCodes(path: string) {
  const open = new Map<string, Sent>()
  const proofs = new Map<string, string>()
  const sent = new Map<string, string>()
  const journal = createJournal<Sent>(path, (entry) => {
    const key = `${entry.sid}/${entry.number}`
    if (entry.proof !== undefined) {
      proofs.set(entry.proof, entry.number)
      return void open.delete(key)
    }
    open.set(key, entry)
    sent.set(key, entry.code)
  })

  function send(service: SandboxService, sid: string, { number, index }: SandboxSubject): Reply {
    const { phone } = service.contract.submission?.otp ?? {}
    journal.append({ sid, number, code: String(randomInt(1_000_000)).padStart(6, '0'), at: Date.now() })
    return { rows: [{ fszt: '1', ...(phone === undefined ? {} : { [phone]: `138****000${index}` }) }], total: null }
  }

  function verify(service: SandboxService, { number }: SandboxSubject, params: Params): Reply {
    const otp = service.contract.submission?.otp
    if (!otp) return { refusal: '无需验证码' }
    const entry = open.get(`${otp.sid}/${number}`)
    const isRight = entry && entry.code === params[otp.code] && Date.now() < entry.at + otp.validSeconds * 1000
    if (!isRight) return { refusal: '验证码错误' }
    const proof = randomUUID()
    journal.append({ ...entry, proof })
    return { rows: [{ [otp.proof]: proof }], total: null }
  }

  return {
    /** What the agency answers where a code is asked for or typed; null for any other call. */
    answer(offered: readonly SandboxService[], sid: string, subject: SandboxSubject, params: Params): Reply | null {
      const service = offered.find(({ contract: { submission } }) => submission?.otp?.sid === sid || submission?.otp?.verifySid === sid)
      if (!service) return null
      journal.catchUp()
      return service.contract.submission?.otp?.sid === sid ? send(service, sid, subject) : verify(service, subject, params)
    },
    /** Whether a filing comes with a proof of this very person, where its service wants one. */
    isProved({ contract }: SandboxService, { number }: SandboxSubject, params: Params): boolean {
      const otp = contract.submission?.otp
      journal.catchUp()
      return !otp || proofs.get(String(params[otp.proof])) === number
    },
    sent(): ReadonlyMap<string, string> {
      journal.catchUp()
      return new Map(sent)
    },
    close: journal.close,
  }
}
