import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type ConnectorSettings, readConnectorSettings } from '../../../config/connectors.ts'
import { SettingsError } from '../../../config/settings-error.ts'
import { DeclarationError } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { buildRegistry } from '../../../plugins/registry.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const folder = mkdtempSync(join(tmpdir(), 'hub-connectors-'))
t.teardown(() => rmSync(folder, { recursive: true }))

function read(text: string): Record<string, ConnectorSettings> {
  const path = join(folder, 'connectors.json')
  writeFileSync(path, text)
  return readConnectorSettings(path)
}

t.test('what the operator sets takes the place of what is declared', async (t) => {
  const rate = { max: 5, perSeconds: 10 }
  const settings = read(JSON.stringify({ demo: { sids: { balance: 's_1' }, rates: { balance: rate } } }))
  const service = buildRegistry([minimalConnector()], settings, kinds).services.get('demo.balance')
  t.equal(service?.sid, 's_1')
  t.same(service?.rate, rate)
})

t.test('without settings the declaration holds', async (t) => {
  const service = buildRegistry([minimalConnector()], readConnectorSettings(''), kinds).services.get('demo.balance')
  t.equal(service?.sid, 'demo.balance')
  t.same(service?.rate, { max: 1000, perSeconds: 60 })
})

t.test('a connector that is not enabled is left out', async (t) => {
  t.same(buildRegistry([minimalConnector()], read('{ "demo": { "enabled": false } }'), kinds).services.size, 0)
})

t.test('names that nothing declares stop the start', async (t) => {
  const settings = read('{ "demo": { "sids": { "first": "x" }, "rates": { "second": { "max": 1, "perSeconds": 1 } } } }')
  t.throws(
    () => buildRegistry([minimalConnector()], settings, kinds),
    new DeclarationError(['CONNECTORS_FILE: demo has no service first', 'CONNECTORS_FILE: demo has no service second']),
  )
})

t.test('a file that cannot be used says why, all mistakes at once', async (t) => {
  const complaint = (text: string) => {
    try {
      read(text)
    } catch (error) {
      return error instanceof SettingsError ? error.problems : error
    }
  }
  t.match(complaint('{'), [/cannot be read as JSON/])
  t.match(complaint('{ "demo": { "sid": {}, "rates": { "balance": { "max": 0, "perSeconds": 1.5 } } } }'), [
    /^CONNECTORS_FILE \/demo: .*additional/,
    /^CONNECTORS_FILE \/demo\/rates\/balance\/max: /,
    /^CONNECTORS_FILE \/demo\/rates\/balance\/perSeconds: /,
  ])
  t.throws(() => readConnectorSettings(join(folder, 'missing.json')), /ENOENT/)
})
