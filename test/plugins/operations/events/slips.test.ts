import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createVault } from '../../../../core/base/vault.ts'
import { createSlips } from '../../../../plugins/operations/events/slips.ts'

t.test('a slip is good for seven days of Beijing, and only as the hub made it', async (t) => {
  // 23:59:59 and 00:00 in Beijing.
  const [last, first] = ['2026-11-26T15:59:59Z', '2026-11-19T16:00:00Z'].map((text) => Date.parse(text)) as [number, number]
  let now = first
  const vault = createVault(randomBytes(32))
  const slips = createSlips(vault, () => now)
  const { slip, lastDay } = slips.make()
  t.equal(lastDay, '2026-11-26')
  t.match(slip, /^[A-Za-z0-9_-]{48}$/)
  t.not(slips.make().slip, slip)
  for (now of [first, last]) t.ok(slips.isGood(slip))
  now = last + 1000
  t.notOk(slips.isGood(slip))

  now = first
  for (let at = 0; at < slip.length; at++) {
    const other = slip[at] === 'A' ? 'B' : 'A'
    t.notOk(slips.isGood(`${slip.slice(0, at)}${other}${slip.slice(at + 1)}`), `letter ${at}`)
  }
  for (const text of ['', 'a'.repeat(32), 'a'.repeat(48), `${slip}a`, slip.slice(1), `${slip.slice(0, 47)}\n`, '许'.repeat(48)])
    t.notOk(slips.isGood(text), JSON.stringify(text))
  t.notOk(createSlips(createVault(randomBytes(32)), () => now).isGood(slip), 'of another hub')
})
