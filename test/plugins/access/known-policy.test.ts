import t from 'tap'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { verdict } from '../../helper/queries.ts'

t.test('a policy that the hub does not know lets nobody in, should it come past the start', async (t) => {
  const hub = await build(t, { declarations: [minimalConnector()] })
  const contract = hub.app.services.get('demo.balance')?.contract
  if (!contract) throw new Error('no service')
  const sound = { ...contract }
  const ask = async (change: Record<string, unknown>) => {
    Object.assign(contract, { face: undefined, dependants: undefined }, sound, change)
    return verdict(await hub.get('/v1/demo/balance'))
  }
  t.strictSame(await ask({}), [200, null])
  const refused = [403, 'HUB_SERVICE_NOT_OPEN']
  for (const identity of ['Face', 'realname', 'constructor', undefined]) t.strictSame(await ask({ identity }), refused, String(identity))
  for (const audience of ['persons', 'enterprize', undefined]) t.strictSame(await ask({ audience }), refused, String(audience))
  t.strictSame(await ask({ identity: 'face' }), refused, 'a face by no policy')
  t.strictSame(await ask({ dependants: 'gardian' }), refused)
})
