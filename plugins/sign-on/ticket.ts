import { prefixOf } from '../../core/upstream/address.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import type { Reply } from '../platforms/client.ts'
import { signedHeaders } from '../platforms/signed-headers.ts'
import { type ProfileParts, redeem, type SignOnProfile } from './profile.ts'

/**
 * ticket → token → user, as provincial apps do it (standards.md §6): the page gives a one-time ticket,
 * two signed POSTs turn it into an access token and that into the user. Answers are `{success, data}`.
 */
export function ticketProfile({ configuration, client }: ProfileParts): SignOnProfile {
  const { baseUrl, appId, accessKey, secret, paths } = configuration
  const prefix = prefixOf(baseUrl)

  async function post(path: string, content: object): Promise<Reply> {
    const [plain = '', query = ''] = path.split('?', 2)
    const signed = { method: 'POST', path: prefix + plain, query: new URLSearchParams(query), accessKey, secretKey: secret }
    const headers = { 'content-type': 'application/json', ...signedHeaders(signed) }
    const reply = await client.ask({ method: 'POST', path, headers, body: JSON.stringify(content) })
    if (reply['success'] === true || reply['success'] === 'true') return reply
    throw new UpstreamError('HUB_UPSTREAM_REFUSED', { delivery: 'refused', status: 200 }, { agency: '统一登录' })
  }

  return {
    parameter: 'ticketId',
    pageUrl({ state }) {
      const url = new URL(prefix + paths.authorize, baseUrl)
      url.searchParams.set('appId', appId)
      url.searchParams.set('sp', state)
      return url.href
    },
    async exchange(ticketId) {
      const { token } = await redeem(post(paths.token, { ticketId, appId }), configuration)
      return post(paths.user, { token })
    },
  }
}
