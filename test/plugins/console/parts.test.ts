import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { ending, pathOf } from '../../../plugins/console/parts.ts'

t.test('whatever a part of a path is, it stays one part of it', async (t) => {
  t.equal(pathOf`/admin/users/${'a b/c?d#e%2f'}/lock`, '/admin/users/a%20b%2Fc%3Fd%23e%252f/lock')
  for (const part of ['.', '..']) t.throws(() => pathOf`/admin/users/${part}/lock`, { code: 'HUB_NO_RECORD' }, part)
})

t.test('no section puts anything into a path of the API without it', async (t) => {
  const folder = new URL('../../../plugins/routes/console/sections/', import.meta.url)
  for (const name of readdirSync(folder)) t.notMatch(readFileSync(new URL(name, folder), 'utf8'), /[^f]`\/admin\/[^`]*\$\{/, name)
})

t.test('an end is told in colour and word: past, near, or far', async (t) => {
  const now = Date.parse('2026-11-27T12:00:00+08:00')
  t.equal(ending(null, now), null)
  t.match(ending('2026-11-26', now), { text: '已到期', tone: 'bad', more: '2026-11-26' })
  t.match(ending('2026-11-27', now), { text: '还有 0 天', tone: 'note' }, 'a last day counts to its end, Beijing time')
  t.match(ending('2026-12-26T12:00:00+08:00', now), { text: '还有 29 天', tone: 'note' })
  t.match(ending('2026-12-27T12:00:00+08:00', now), { text: '有效', tone: 'good', more: '到 2026-12-27 12:00' })
})
