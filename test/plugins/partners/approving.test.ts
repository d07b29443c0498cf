import t from 'tap'
import { deskConnector } from '../../helper/desk-connector.ts'
import { build } from '../../helper/hub.ts'
import { call } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import { ADMIN, application, applied, data, OWNER, PURPOSE, partnered, SECOND, steps } from '../../helper/partner.ts'
import { verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import { seen } from '../../helper/waiting.ts'

const STATE = [409, 'HUB_REQUEST_STATE']

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const hub = await build(t, { store: settings, declarations: [deskConnector()], messagesPace: { sweepMs: NEVER } })
    const { database } = hub.app
    const { approve, decide, inOffice } = steps(hub)
    await inOffice()
    const [one, two] = [await partnered(hub, 'one@rent.example', 1), await partnered(hub, 'two@rent.example', 2)]
    /** Until a statement of this store that begins like this waits for another. */
    const waits = (statement: string) =>
      seen(database('information_schema.processlist').whereRaw('db = database() and info like ?', [`${statement}%`]))
    const ask = async (partner: string, uri: string) => {
      const body = application({ redirectUris: [uri] })
      return data(await call(hub, 'POST', `/v1/partners/${partner}/applications`, { person: OWNER, body }))
    }

    await t.test('of two who asked for one redirect address the second is not approved, however it is spelt', async (t) => {
      const [first, other, spelt] = [
        await ask(one, 'https://both.example/callback'),
        await ask(two, 'https://both.example/callback'),
        await ask(two, 'https://both.example:443/a/../callback'),
      ]
      t.same(
        [first, other, spelt].map(({ state }) => state),
        ['checked', 'checked', 'checked'],
        'nobody has it yet',
      )
      t.equal((await approve(first.id)).statusCode, 200)
      for (const late of [other, spelt]) {
        const refused = await approve(late.id)
        t.same(verdict(refused), STATE)
        t.match(refused.json().detail, /已由另一个应用使用/)
        t.equal((await decide(late.id, 'refuse', ADMIN)).statusCode, 200)
      }
      t.equal((await ask(two, 'https://both.example:443/callback')).state, 'refused', 'nor checked any more')
    })

    if (target.name === 'servers')
      await t.test('a partner is suspended with what was being opened', async (t) => {
        const { id } = await applied(hub, one, { redirectUris: ['https://late.example/callback'] })
        const state = (wanted: string) =>
          call(hub, 'POST', `/admin/partner-applications/${id}/state`, { person: SECOND, body: { state: wanted, purpose: PURPOSE } })
        t.equal((await state('suspended')).statusCode, 200)
        // Somebody holds the application, so that who resumes it has looked at the partner and waits.
        const held = await database.transaction()
        await held('partner_applications').where({ id }).forUpdate().first('id')
        const resumed = state('resumed')
        await waits('update `partner_applications`')
        const suspended = call(hub, 'POST', `/admin/partners/${one}/suspend`, { person: ADMIN, body: { purpose: PURPOSE } })
        // It ends only where it did not wait for the other.
        await Promise.race([suspended, waits('select * from `partners`')])
        await held.rollback()
        await Promise.all([resumed, suspended])
        const shown = async (path: string) => data(await call(hub, 'GET', path, { person: ADMIN })).state
        t.equal(await shown(`/admin/partners/${one}`), 'suspended')
        t.equal(await shown(`/admin/partner-applications/${id}`), 'suspended')
      })
  })
}
