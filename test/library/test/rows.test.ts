import t from 'tap'
import library from '../index.ts'

t.test('who is late has a fine', async (t) => {
  for (const index of [1, 2, 3])
    for (const { zt, fk } of library.sandbox['loans']?.({ index, name: '', number: '' }) ?? []) t.equal(Number(fk) > 0, zt === '3')
})
