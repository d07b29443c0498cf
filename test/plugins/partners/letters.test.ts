import t from 'tap'
import { build } from '../../helper/hub.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import { organisation, steps } from '../../helper/partner.ts'
import { verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

for (const target of targets)
  t.test(`letters go to mailboxes alone, and from one network no more than from one address: ${target.name}`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const { begin, caught } = steps(await build(t, { store: settings, messagesPace: { sweepMs: NEVER } }))
    for (const email of ['a\u0000b@rent.example', 'a\u0001@rent.example', 'a\u200bb@rent.example'])
      t.same(verdict(await begin(organisation(email), '198.51.100.9')), [400, 'HUB_VALIDATION'], JSON.stringify(email))
    const answers = []
    for (let n = 1; n <= 6; n++) answers.push((await begin(organisation(`n${n}@rent.example`), `2001:db8:7:7::${n}`)).statusCode)
    t.same(answers, [201, 201, 201, 201, 201, 429])

    const many = await Promise.all(Array.from({ length: 12 }, (_, n) => begin(organisation('many@rent.example'), `203.0.113.${n + 1}`)))
    const letters = caught().filter(({ parcel }) => parcel['to'] === 'many@rent.example')
    t.ok(letters.length <= 3, `${letters.length} letters to one mailbox from many addresses at once`)
    t.equal(many.filter(({ statusCode }) => statusCode === 201).length, letters.length)
  })
