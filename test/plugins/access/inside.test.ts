import t from 'tap'
import { createInsideCallers } from '../../../plugins/access/inside.ts'

t.test('a ticket admits one caller to one call; what was guessed admits nobody', async (t) => {
  const inside = createInsideCallers()
  const header = inside.admit({ userId: 'a', enterprise: null })
  t.match(header, /^Inside [\w-]{43}$/)
  t.equal(inside.take(header.slice(0, -1), false), null)
  t.equal(inside.take('Bearer x', false), null)
  t.equal(inside.take(undefined, false), null)
  t.same(inside.take(header, false), { userId: 'a', enterprise: null, session: null })
  t.equal(inside.take(header, false), null, 'once')
})

t.test('a ticket to /admin is for nothing else, and no other is one', async (t) => {
  const inside = createInsideCallers()
  const administrator = { userId: 'a', session: 'hash' }
  t.same(inside.take(inside.admitAdministrator(administrator), true), { ...administrator, enterprise: null })
  const strayed = inside.admitAdministrator(administrator)
  t.equal(inside.take(strayed, false), null)
  t.equal(inside.take(strayed, true), null, 'nor afterwards')
  t.equal(inside.take(inside.admit({ userId: 'a', enterprise: null }), true), null)
})
