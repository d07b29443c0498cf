import t from 'tap'
import { createInsideCallers } from '../../../plugins/access/inside.ts'

t.test('a ticket admits one caller to one call; what was guessed admits nobody', async (t) => {
  const inside = createInsideCallers()
  const caller = { userId: 'a', enterprise: null }
  const header = inside.admit(caller)
  t.match(header, /^Inside [\w-]{43}$/)
  t.equal(inside.take(header.slice(0, -1)), null)
  t.equal(inside.take('Bearer x'), null)
  t.equal(inside.take(undefined), null)
  t.same(inside.take(header), caller)
  t.equal(inside.take(header), null, 'once')
})
