import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { assertTicket, issueTicket, useTicket } from '../../../plugins/console/forms.ts'
import { openStore } from '../../helper/filing.ts'
import { targets } from '../../helper/targets.ts'

for (const target of targets)
  t.test(`a form counts once, whoever sends it again (${target.name})`, async (t) => {
    const { database, vault, close } = await openStore(target)
    t.teardown(close)
    const app = { database, vault } as FastifyInstance
    const ticket = issueTicket(app, 'session', '/console/x')

    assertTicket(app, 'session', '/console/x', ticket)
    const invalid = { code: 'HUB_VALIDATION' }
    t.throws(() => assertTicket(app, 'another', '/console/x', ticket), invalid)
    t.throws(() => assertTicket(app, 'session', '/console/y', ticket), invalid)
    t.throws(() => assertTicket(app, 'session', '/console/x', { ...ticket, number: `1${ticket.number}` }), invalid)
    t.throws(() => assertTicket(app, 'session', '/console/x', { number: '', seal: '' }), invalid)

    const outcomes = await Promise.all([useTicket(app, ticket), useTicket(app, ticket), useTicket(app, ticket)])
    t.same(outcomes.sort(), [false, false, true], 'pressed three times at once')
    t.equal(await useTicket(app, issueTicket(app, 'session', '/console/x')), true, 'another form is another')

    await database('console_forms').update({ expires_at: Date.now() - 1 })
    await useTicket(app, issueTicket(app, 'session', '/console/x'))
    t.equal((await database('console_forms')).length, 1, 'what is past is not kept')
  })
