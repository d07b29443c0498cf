import t from 'tap'
import { worldAt } from '../../../plugins/sandbox/world.ts'
import library from '../index.ts'

t.test('who is late has a fine', async (t) => {
  for (const index of [1, 2, 3])
    for (const { zt, fk } of library.sandbox['loans']?.({ index, name: '', number: '' }, worldAt(Date.now())) ?? [])
      t.equal(Number(fk) > 0, zt === '3')
})
