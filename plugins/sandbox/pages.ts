import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { PageAnswer, PageRequest } from '../kinds/simulation.ts'
import { page } from '../web/page.ts'

type Show = (connector: ConnectorDeclaration, request: PageRequest) => Promise<PageAnswer | null>

const NOWHERE = page('沙箱', '<p>没有这个页面。</p>')

/** Agencies' own pages, as browsers find them under `/pages/<connector>`. */
export function createPages(connectors: readonly ConnectorDeclaration[], show: Show, originOf: () => string) {
  const byId = new Map(connectors.map((connector) => [connector.id, connector]))
  const addressOf = (id: string) => `${originOf()}/pages/${id}`

  return {
    addressOf,
    /** → what answers for the path; null where it is no agency's page. */
    of(path: string) {
      const [, id = '', rest = ''] = /^\/pages\/([a-z0-9-]+)(\/.*)?$/.exec(path) ?? []
      const connector = byId.get(id)
      if (!connector) return null
      return async (_request: IncomingMessage, response: ServerResponse, query: string, body: string): Promise<void> => {
        const asked = { origin: addressOf(id), path: rest, query: new URLSearchParams(query), form: new URLSearchParams(body) }
        const answer = (await show(connector, asked)) ?? { html: NOWHERE }
        if ('location' in answer) response.writeHead(302, { location: answer.location }).end()
        else response.writeHead(200, { 'content-type': 'text/html;charset=UTF-8' }).end(answer.html)
      }
    },
  }
}
