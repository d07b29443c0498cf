import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import realEstate from '../../../connectors/real-estate/index.ts'
import water from '../../../connectors/water/index.ts'
import type { ConnectorDeclaration } from '../../../core/connector.ts'
import { checkHealth } from '../../../plugins/declarations/check-health.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { loadConnectors, loadInternalConnectors } from '../../../plugins/load-connectors.ts'

const subject = { name: '健康检查', number: '000000190001010000' }
const problems = (health: object, connector: ConnectorDeclaration = realEstate) =>
  checkHealth({ ...connector, health: { ...connector.health, ...health } as ConnectorDeclaration['health'] }, kinds).join('\n')

t.test('what the connectors declare is sound', async (t) => {
  for (const connector of [...(await loadConnectors()), ...(await loadInternalConnectors())])
    t.same(checkHealth(connector, kinds), [], connector.id)
})

t.test('a question that could not be asked, or that would do something, is found at the start', async (t) => {
  t.match(problems({ service: 'nothing' }), /^real-estate: health.service names no service: nothing$/)
  t.match(problems({ service: 'first-registration' }), /first-registration is no query: asking it would do something/)
  t.equal(problems({ service: 'first-registration', subject: undefined }), '', 'then only the gateway is asked')
  t.match(problems({ service: 'property-registration' }), /applied for, which leaves something behind/)
  t.match(problems({ inputs: { nothing: 1 } }), /no such input: nothing/)
  t.match(problems({ subject: undefined, inputs: {} }), /needs a subject/)
  t.match(problems({ subject: { ...subject, number: '' } }), /needs a name and a number/)
  t.match(problems({ intervalSeconds: 0 }), /above zero/)
  t.match(problems({ service: 'withdrawal-check' }, housingFund), /withdrawalKind is required/)
  t.match(
    problems({ service: 'withdrawal-check', inputs: { withdrawalKind: '99', targetAccountHolder: 'x' } }, housingFund),
    /Holder is verified/,
  )
  t.match(problems({ inputs: { waterAccountNumber: 'x' } }, water), /must match pattern/)
  t.match(problems({ inputs: { waterAccountNumber: 7 } }, water), /water\.health\.inputs\.waterAccountNumber: value must be string/)
})
