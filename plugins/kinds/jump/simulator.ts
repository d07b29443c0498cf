import { createHash, randomBytes } from 'node:crypto'
import type { ConnectorDeclaration, SandboxSubject } from '../../../core/contract/types.ts'
import { clientOfAgency } from '../../oauth/agency-clients.ts'
import { escapeHtml, page } from '../../web/page.ts'
import { facts } from '../../web/parts.ts'
import { type CreateSimulator, keyOf, type PageAnswer, type PageRequest, type Simulation } from '../simulation.ts'

const TICKET_MS = 60_000
const RANDOM_BYTES = 32

interface Ticket {
  connector: string
  subject: SandboxSubject
  endsAt: number
}

/** An agency's own pages: they take a ticket once, or sign their visitor in at the hub. */
export const simulateJumps: CreateSimulator = (simulation) => {
  const tickets = new Map<string, Ticket>()
  const signIns = new Map<string, SignIn>()

  /** The page that a ticket opens, once. */
  function welcome(connector: ConnectorDeclaration, { path, query, form }: PageRequest): PageAnswer | null {
    for (const { contract } of connector.services) {
      const handOver = contract.jump?.handOver
      if (handOver?.by !== 'ticket') continue
      const given = form.get(handOver.parameter) ?? query.get(handOver.parameter)
      if (given === null) continue
      const ticket = tickets.get(given)
      tickets.delete(given)
      if (ticket?.connector !== connector.id || ticket.endsAt < Date.now())
        return notice(connector, '登录凭据无效或者已经用过，请从应用重新打开。')
      return shown(connector, path, [['登录人', ticket.subject.name]])
    }
    return null
  }

  return {
    answer({ service, params }) {
      const { connector, contract } = service
      const handOver = contract.jump?.handOver
      if (handOver?.by !== 'ticket') return { refusal: '没有这项服务' }
      const subject = simulation.findSubject(service, params)
      if (!subject) return { rows: [], total: null }
      const ticket = random()
      tickets.set(ticket, { connector: connector.id, subject, endsAt: Date.now() + TICKET_MS })
      const notes = contract.fields[handOver.field]?.notes
      return { rows: notes ? [{ [keyOf(handOver.field, notes)]: ticket }] : [], total: null }
    },
    async page(connector, request) {
      const handOvers = connector.services.flatMap(({ contract }) => contract.jump?.handOver ?? [])
      if (handOvers.length === 0) return null
      if (handOvers.some((handOver) => handOver.by === 'sign-in' && `/${handOver.path.replace(/^\//, '')}` === request.path))
        return begin(simulation, connector, request, signIns)
      if (request.path === CALLBACK) return finish(simulation, connector, request, signIns)
      return welcome(connector, request) ?? open(connector, request) ?? notice(connector, '您还没有登录，请从应用打开。')
    },
  }
}

/** A page for everybody. */
function open(connector: ConnectorDeclaration, { path }: PageRequest): PageAnswer | null {
  const found = connector.services.find(({ contract: { jump } }) => jump?.handOver.by === 'none' && `/${jump.page}` === path)
  return found ? shown(connector, path, [['页面', found.contract.name]]) : null
}

interface SignIn {
  verifier: string
  target: string
}

const CALLBACK = '/sign-in/callback'

/** Third-party initiated login (OpenID Connect Core §4): whoever is named as issuer is the one that the agency knows. */
function begin(
  { hubUrl }: Simulation,
  connector: ConnectorDeclaration,
  { origin, query }: PageRequest,
  signIns: Map<string, SignIn>,
): PageAnswer {
  const client = clientOfAgency(connector)
  if (!client || query.get('iss') !== hubUrl()) return notice(connector, '不认识的登录来源。')
  const target = query.get('target_link_uri') ?? ''
  if (!target.startsWith(`${origin}/`)) return notice(connector, '不是本站的页面。')
  const [state, verifier] = [random(), random()]
  signIns.set(state, { verifier, target })
  const address = new URL('/oauth/authorize', hubUrl())
  const asked = {
    client_id: client.id,
    redirect_uri: `${origin}${CALLBACK}`,
    response_type: 'code',
    scope: client.scopes.join(' '),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value)
  return { location: address.href }
}

/** The code becomes a token, the token what the user let the agency know. */
async function finish(
  { hubUrl }: Simulation,
  connector: ConnectorDeclaration,
  { origin, query }: PageRequest,
  signIns: Map<string, SignIn>,
): Promise<PageAnswer> {
  const found = signIns.get(query.get('state') ?? '')
  signIns.delete(query.get('state') ?? '')
  const client = clientOfAgency(connector)
  if (!found || !client) return notice(connector, '登录已经过期，请重新打开。')
  const code = query.get('code')
  if (code === null) return notice(connector, '您没有同意提供信息，可以不登录浏览公开的内容。')
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: `${origin}${CALLBACK}`,
    client_id: client.id,
    code_verifier: found.verifier,
  })
  const { access_token: token } = await answerOf(fetch(new URL('/oauth/token', hubUrl()), { method: 'POST', body: form }))
  if (typeof token !== 'string') return notice(connector, '登录没有成功，请重新打开。')
  const claims = await answerOf(fetch(new URL('/oauth/userinfo', hubUrl()), { headers: { authorization: `Bearer ${token}` } }))
  const { name, enterprises } = claims as { name?: string; enterprises?: readonly { name: string; uscc: string }[] }
  return shown(connector, new URL(found.target).pathname, [
    ['登录人', name ?? '（没有提供姓名）'],
    ...(enterprises ?? []).map(({ name: firm, uscc }): [string, string] => ['企业', `${firm}（${uscc}）`]),
  ])
}

async function answerOf(sent: Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await sent).json()) as Record<string, unknown>
}

const random = () => randomBytes(RANDOM_BYTES).toString('base64url')

const shown = (connector: ConnectorDeclaration, path: string, told: [string, string][]): PageAnswer => ({
  html: page(`${connector.name}（沙箱）`, `<p>这是${escapeHtml(connector.agency)}的页面 ${escapeHtml(path)}。</p>${facts(told)}`),
})
const notice = (connector: ConnectorDeclaration, text: string): PageAnswer => ({
  html: page(`${connector.name}（沙箱）`, `<p>${escapeHtml(text)}</p>`),
})
