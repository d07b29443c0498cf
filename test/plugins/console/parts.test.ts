import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { pathOf } from '../../../plugins/console/parts.ts'

t.test('whatever a part of a path is, it stays one part of it', async (t) => {
  t.equal(pathOf`/admin/users/${'a b/c?d#e%2f'}/lock`, '/admin/users/a%20b%2Fc%3Fd%23e%252f/lock')
  for (const part of ['.', '..']) t.throws(() => pathOf`/admin/users/${part}/lock`, { code: 'HUB_NO_RECORD' }, part)
})

t.test('no section puts anything into a path of the API without it', async (t) => {
  const folder = new URL('../../../plugins/routes/console/sections/', import.meta.url)
  for (const name of readdirSync(folder)) t.notMatch(readFileSync(new URL(name, folder), 'utf8'), /[^f]`\/admin\/[^`]*\$\{/, name)
})
