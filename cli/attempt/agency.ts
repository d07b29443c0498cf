import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectorSettings, readConnectorSettings } from '../../config/connectors.ts'
import { createVault } from '../../core/base/vault.ts'
import { systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { migrate } from '../../migrations/index.ts'
import { startSandbox } from '../../plugins/sandbox/server.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { addressOf, configuredAddress, type UpstreamAddress } from '../../plugins/upstream-address.ts'
import type { Store } from '../act.ts'
import type { Io } from '../io.ts'
import { UsageError } from '../usage.ts'

/** The agency behind a system: what an operator has configured, else a simulated one. */
export interface Agency {
  readonly address: UpstreamAddress
  /** Where secrets that it hands out are kept. */
  readonly store: Store
}

interface Place {
  simulated: boolean
  /** `store`: the hub's own; a simulated agency's secrets stay out of it. */
  with<T>(store: Store, work: (agency: Agency) => Promise<T>): Promise<T>
}

export function placeOf(io: Io, connector: ConnectorDeclaration, system: string): Place {
  const settings = io.settings()
  const own: ConnectorSettings = readConnectorSettings(settings.CONNECTORS_FILE)[connector.id] ?? {}
  const [, name, declaration] = systemsOf(connector).find(([key]) => key === system) ?? []
  if (!declaration) throw new Error(`${system}: no such system`)
  const given = (name === undefined ? own : own.systems?.[name]) ?? {}
  const simulated = configuredAddress(declaration, given, settings) === ''
  if (simulated && !settings.sandbox) throw new UsageError(`没有配置 ${system} 的地址，沙箱又没有开启（见 docs/configuration.md）`)

  async function withSandbox<T>(work: (agency: Agency) => Promise<T>): Promise<T> {
    const dataDir = await mkdtemp(join(tmpdir(), 'hub-try-'))
    const database = openDatabase({ url: '', dataDir })
    const sandbox = await startSandbox({ connectors: [connector], dataDir, headerPrefix: settings.EXCHANGE_HEADER_PREFIX })
    try {
      await migrate(database)
      const address = addressOf(system, declaration as NonNullable<typeof declaration>, given, settings, sandbox)
      return await work({ address, store: { database, vault: createVault(settings.keys) } })
    } finally {
      await sandbox.close()
      await database.destroy()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
    }
  }

  return {
    simulated,
    with: (store, work) =>
      simulated ? withSandbox(work) : work({ address: addressOf(system, declaration, given, settings, null), store }),
  }
}
