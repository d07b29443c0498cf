import { connect as connectPlain, isIP } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type Finding, finding, skipped, type Verdict } from './finding.ts'

const REACHABLE = { id: 'reachable', title: '地址连得上' }
const TLS = { id: 'tls', title: 'TLS：证书可信、未到期，协议不低于 1.2' }
const CONNECT_MS = 5000
const DAY_MS = 86_400_000
/** A certificate that ends sooner is to be renewed now. */
const SOON_DAYS = 30

interface Shaken {
  protocol: string
  trouble: string
  endsAt: number
}

export interface Transport {
  readonly findings: readonly Finding[]
  /** Whether the hub would send anything over it. */
  readonly isUsable: boolean
}

/** Whether anybody listens there, and what the connection is worth. */
export async function checkTransport(baseUrl: string): Promise<Transport> {
  const { protocol, hostname, port, host } = new URL(baseUrl)
  const isTls = protocol === 'https:'
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isTls ? 443 : 80)) }
  const trouble = await reach(at)
  const advice = '请检查域名解析、监听端口、防火墙和 IP 白名单：运行本命令的机器和中枢的出口地址都要放行。'
  const reachable = finding(REACHABLE, trouble ? 'failed' : 'passed', `连接 ${host}`, trouble || '连上了', advice)
  if (trouble) return { findings: [reachable, skipped(TLS, '连不上')], isUsable: false }
  const { secure, isUsable } = isTls ? await checkTls(at) : { secure: plain(at.host), isUsable: true }
  return { findings: [reachable, secure], isUsable }
}

function plain(host: string): Finding {
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return skipped(TLS, '本机地址，没有用 TLS')
  return finding(TLS, 'failed', 'http://', '没有用 TLS', '正式和测试地址都要用 https：个人信息不得明文传输。')
}

async function checkTls(at: { host: string; port: number }): Promise<{ secure: Finding; isUsable: boolean }> {
  const sent = `TLS 握手 ${at.host}:${at.port}`
  const name = isIP(at.host) ? {} : { servername: at.host }
  const shaken = await shake({ ...at, ...name })
  const none = '请确认这个端口提供 TLS 1.2 或 1.3，并装有服务器证书。'
  if (!shaken) return { secure: finding(TLS, 'failed', sent, '握手失败', none), isUsable: false }
  const { protocol, trouble, endsAt } = shaken
  const days = Math.floor((endsAt - Date.now()) / DAY_MS)
  // A server that still speaks 1.1 does so to everybody.
  const old = await shake({ ...at, ...name, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
  const got = `${protocol}；${trouble || '证书链完整可信'}；证书还有 ${days} 天${old ? `；还接受 ${old.protocol}` : ''}`
  const [verdict, advice] = judge(trouble, old !== null, days)
  return { secure: finding(TLS, verdict, sent, got, advice), isUsable: trouble === '' }
}

function judge(trouble: string, isOld: boolean, days: number): [verdict: Verdict, advice: string] {
  const chain =
    '请装上完整的证书链（含中间证书），域名与证书一致；自签证书须把根证书交给中枢，运行本命令时也用环境变量 NODE_EXTRA_CA_CERTS 指明。其余各项要等证书可信才能验。'
  if (trouble) return ['failed', chain]
  if (isOld) return ['failed', '请关闭 TLS 1.0 和 1.1，只留 1.2 和 1.3。']
  return days < SOON_DAYS ? ['doubtful', '证书快要到期：请现在换，并在换之前告诉中枢。'] : ['passed', '']
}

function reach(at: { host: string; port: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectPlain({ ...at, timeout: CONNECT_MS })
    const end = (trouble: string) => {
      socket.destroy()
      resolve(trouble)
    }
    socket.once('connect', () => end(''))
    socket.once('timeout', () => end('5 秒内没有连上'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(`连不上（${error.code ?? '未知'}）`))
  })
}

/** → null where no handshake came about. Whom it trusts is told rather than required, so that all can be told at once. */
function shake(options: ConnectionOptions): Promise<Shaken | null> {
  return new Promise((resolve) => {
    const end = (socket: TLSSocket | null, shaken: Shaken | null) => {
      socket?.destroy()
      resolve(shaken)
    }
    try {
      const socket = connect({ ...options, rejectUnauthorized: false, timeout: CONNECT_MS }, () => {
        const { authorizationError } = socket
        const endsAt = Date.parse(socket.getPeerCertificate().valid_to)
        end(socket, {
          protocol: socket.getProtocol() ?? '',
          trouble: authorizationError
            ? `证书不可信（${String((authorizationError as { code?: unknown }).code ?? authorizationError)}）`
            : '',
          endsAt,
        })
      })
      socket.once('timeout', () => end(socket, null))
      socket.once('error', () => end(socket, null))
    } catch {
      end(null, null)
    }
  })
}
