import http from 'node:http'
import https from 'node:https'
import { TLSSocket } from 'node:tls'
import pino from 'pino'
import { readConnectorSettings } from '../../../config/connectors.ts'
import type { Settings } from '../../../config/settings.ts'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { compileService } from '../../../core/call/service.ts'
import { systemsOf } from '../../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'
import { createUpstream } from '../../../core/upstream/upstream.ts'
import { addressOf, configuredAddress } from '../../upstream-address.ts'
import { healthServiceOf } from '../health.ts'
import { questionOf } from '../health-question.ts'
import { ailing, type Finding, looked, skipped, well } from './finding.ts'

const PROBE_MS = 5000
const SKEW_MS = 30_000
const DAY_MS = 86_400_000
const WARN_DAYS = 30

interface Stores {
  settings: Settings
  database: Database
  vault: Vault
}

/** Every agency system that has an address, asked as `/health` asks it: with the hub's credentials, about nobody. */
export async function lookAtAgencies(stores: Stores, connectors: readonly ConnectorDeclaration[]): Promise<Finding[]> {
  const found = await Promise.all(
    connectors.flatMap((connector) => systemsOf(connector).map(([system, name]) => lookAtSystem(stores, connector, system, name))),
  )
  return found.flat()
}

async function lookAtSystem(stores: Stores, connector: ConnectorDeclaration, system: string, name: string | undefined): Promise<Finding[]> {
  const subject = { id: `agency:${system}`, title: `${connector.name}${name === undefined ? '' : `（${name}）`}` }
  const { settings, database, vault } = stores
  const own = readConnectorSettings(settings.CONNECTORS_FILE)[connector.id] ?? {}
  if (own.enabled === false) return [skipped(subject, '没有启用')]
  const given = (name === undefined ? own : own.systems?.[name]) ?? {}
  const declaration = systemsOf(connector).find(([key]) => key === system)?.[2] ?? connector.upstream
  if (configuredAddress(declaration, given, settings) === '')
    return [
      settings.sandbox
        ? skipped(subject, '没有配置地址：由沙箱应答')
        : ailing(subject, 'fail', '没有配置地址', '请在 CONNECTORS_FILE 里写明 baseUrl（docs/configuration.md）'),
    ]
  const services = connector.services.map((declared) => compileService(connector, declared))
  const asked = healthServiceOf(connector, services, system)
  const question = asked ? questionOf(asked) : null
  const { dialect } = declaration
  return Promise.all([
    looked(subject, '请核对 CONNECTORS_FILE 里这个系统的地址和凭据', async () => {
      const { baseUrl, credentials } = addressOf(system, declaration, given, settings, null)
      const upstream = createUpstream({
        agency: declaration.agency ?? connector.agency,
        baseUrl,
        ...{ maxConcurrent: 1, anonymous: 1, healthSid: asked?.sid ?? null },
        ...(asked && question ? { questions: new Map([[asked.sid, question]]) } : {}),
        createSigner: (send) => dialect.createSigner({ baseUrl, credentials, database, vault, log: pino({ level: 'silent' }), send }),
      })
      try {
        const start = performance.now()
        await upstream.probe(asked?.sid ?? '', PROBE_MS)
        const spent = Math.round(performance.now() - start)
        return well(subject, `${question ? '服务' : '网关'}有应答，${spent} 毫秒`)
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        return ailing(subject, 'fail', error.message, WHAT_TO_DO[error.code] ?? '请与对方核对：地址、网络、白名单，以及它是否在运行')
      } finally {
        await upstream.close()
      }
    }),
    lookAtServer({ id: `${subject.id}:server`, title: `${subject.title}：证书与时钟` }, configuredAddress(declaration, given, settings)),
  ])
}

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  HUB_UPSTREAM_CREDENTIAL: '请核对发给本平台的凭据、白名单，以及本机的时钟',
  HUB_UPSTREAM_INVALID: '对方应答的格式与声明不符：请与对方核对接口是否变了（hub connector try）',
  HUB_UPSTREAM_TIMEOUT: '请核对到对方的网络和防火墙；对方也可能忙不过来',
}

/** When the certificate of an https address ends, and how far its clock is from this one's. A question without credentials, about nothing. */
export function lookAtServer(subject: { id: string; title: string }, address: string, now = Date.now): Promise<Finding> {
  return looked(subject, '请核对地址、网络，以及证书是否由受信任的机构签发（自有机构：NODE_EXTRA_CA_CERTS）', async (late) => {
    const { ends, skew } = await greet(address, now, late)
    const days = ends === null ? null : Math.floor((ends - now()) / DAY_MS)
    const said = [
      days === null ? '没有用 TLS' : `证书还有 ${days} 天`,
      skew === null ? '应答里没有时间' : `时钟相差 ${Math.round(skew / 1000)} 秒`,
    ].join('，')
    if (days !== null && days < 0) return ailing(subject, 'fail', said, '证书已过期：请对方（公网地址则由自己）更换')
    if (days !== null && days < WARN_DAYS) return ailing(subject, 'warn', said, '证书快要到期：请对方（公网地址则由自己）更换')
    if (skew !== null && Math.abs(skew) > SKEW_MS) return ailing(subject, 'warn', said, '请核对本机的时钟；本机没有错的，请告诉对方')
    return well(subject, said)
  })
}

/** → when the server's certificate ends, and how far its clock is ahead, in milliseconds; null for what it does not show. */
function greet(address: string, now: () => number, signal: AbortSignal): Promise<{ ends: number | null; skew: number | null }> {
  const url = new URL('/', address)
  const ask = url.protocol === 'https:' ? https.request : http.request
  return new Promise((resolve, reject) => {
    const sent = now()
    const request = ask(url, { method: 'HEAD', agent: false, timeout: PROBE_MS, signal }, (response) => {
      const { socket, headers } = response
      const ends = socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : null
      const date = Date.parse(headers.date ?? '')
      // Whole seconds: half of one is lost on average.
      resolve({ ends, skew: Number.isNaN(date) ? null : date + 500 - (sent + now()) / 2 })
      request.destroy()
    })
    request.once('timeout', () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })))
    request.once('error', reject).end()
  })
}
