import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConnectorDeclaration } from '../core/contract/types.ts'

/** What there is to read of a connector before it is started. */
export interface Paper {
  connector: ConnectorDeclaration
  /** Text of `connectors/<id>/README.md`; null where there is none. */
  readme: string | null
  /** What the contract asks of each service, `connectors/<id>/promise.json`. */
  promise?: readonly PromisedDemands[] | null
  /** What the connector says of demands that nothing here can try, `connectors/<id>/demands.json`. */
  explained?: readonly Explanation[]
}

export interface PromisedDemands {
  /** Service id. */
  id: string
  /** In the contract's words. */
  demands?: readonly string[]
}

export interface Explanation {
  /** The demand, word for word. */
  demand: string
  /** Ids of the services of which it is said; default: all that the contract asks it of. */
  services?: readonly string[]
  /** `elsewhere`: met, by what `why` names. */
  met: 'elsewhere' | 'partly' | 'not'
  /** In Chinese, for the report. */
  why: string
}

const FOLDER = fileURLToPath(new URL('../connectors/', import.meta.url))

/** Everything that a connector's own folder says about it; one that comes as a package has its folder elsewhere. */
export async function readPaper(connector: ConnectorDeclaration, folder = join(FOLDER, connector.id)): Promise<Paper> {
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => null)
  const [readme, promise, explained] = await Promise.all(['README.md', 'promise.json', 'demands.json'].map(read))
  return {
    connector,
    readme: readme ?? null,
    promise: promise ? (JSON.parse(promise) as PromisedDemands[]) : null,
    explained: explained ? (JSON.parse(explained) as Explanation[]) : [],
  }
}
