import t from 'tap'
import { kindOf } from '../../../plugins/kinds/index.ts'
import { loadConnectors } from '../../../plugins/load-connectors.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

t.test('every connector is a plugin of its own', async (t) => {
  const { app, get } = await build(t)
  const connectors = await loadConnectors()
  t.ok(connectors.length >= 4)
  for (const { id, services, health } of connectors) {
    t.ok(app.hasPlugin(id), id)
    const open = app.openConnectors.get(id)
    t.equal(open?.declaration.id, id)
    t.equal(open?.upstreams.get(id), app.upstreams.get(id), 'its own way out')
    for (const { contract } of services)
      t.ok(app.hasRoute({ method: kindOf(contract).method, url: `/v1/${id}/${contract.id}` }), `${id}.${contract.id}`)
    const probed = await get(`/health/connectors/${id}`)
    t.match(probed.json(), { id, status: 'pass' }, health.service)
  }
  t.notOk(app.hasPlugin('no-such-connector'))
  t.notOk(app.hasPlugin('registry'), 'what the hub asks itself has no routes')
  t.notOk(app.hasDecorator('connector'), 'what a connector has stays in its plugin')
})

t.test('a connector that is switched off is no plugin', async (t) => {
  const { app } = await build(t, { declarations: [minimalConnector()] })
  t.ok(app.hasPlugin('demo'))
  t.notOk(app.hasPlugin('housing-fund'))
})

t.test('an id that the hub itself uses stops the start', async (t) => {
  const declaration = { ...minimalConnector(), id: 'audit' }
  await t.rejects(build(t, { declarations: [declaration] }), /audit: the id belongs to a plugin of the hub/)
})
