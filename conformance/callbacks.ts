import { randomUUID } from 'node:crypto'
import { systemsOf } from '../core/contract/systems.ts'
import type { Bench } from './bench.ts'
import type { Finding } from './check.ts'
import type { LabNotice } from './lab.ts'

/** Numbers that no filing has. */
const NOBODY = { serial: '0'.repeat(20), reference: 'SX0' }
const AN_HOUR_MS = 3_600_000

const untrue: readonly (readonly [words: string, notice: LabNotice])[] = [
  ['签名用了别的密钥的', { forged: true }],
  ['没有签名的', { unsigned: true }],
  ['签名后改动过的', { reserialised: true }],
  ['一小时前签名的', { at: Date.now() - AN_HOUR_MS }],
]

/** What is the agency's own is taken, once and again, also of a filing that isn't there; whatever else comes is not believed. */
export async function checkCallbacks({ lab, connector }: Bench): Promise<Finding> {
  const systems = systemsOf(connector).filter(([, , { callback }]) => callback)
  if (systems.length === 0) return { skip: '没有声明办理通知' }
  const reasons: string[] = []
  for (const [system] of systems) {
    const send = async (notice: LabNotice) => (await lab.notify(system, NOBODY, notice)).statusCode
    const nonce = randomUUID()
    for (const turn of ['第一次', '再次']) if ((await send({ nonce })) !== 200) reasons.push(`${system}：没有接受对方自己的通知（${turn}）`)
    for (const [words, notice] of untrue) if ((await send(notice)) !== 401) reasons.push(`${system}：接受了${words}通知`)
  }
  return reasons
}
