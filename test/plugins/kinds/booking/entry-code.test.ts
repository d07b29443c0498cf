import fc from 'fast-check'
import t from 'tap'
import { createVault } from '../../../../core/base/vault.ts'
import { readEntryCode, writeEntryCode } from '../../../../plugins/kinds/booking/entry-code.ts'

const vault = createVault(Buffer.alloc(32, 7))
const other = createVault(Buffer.alloc(32, 8))

t.test('a code is read as it was written, by whoever has the key', async () => {
  const second = fc.integer({ min: 0, max: 0xffff_ffff })
  fc.assert(
    fc.property(fc.uuid(), second, (seat, at) => {
      const ticket = { seat, expiresAt: at * 1000 }
      const code = writeEntryCode(vault, ticket)
      return (
        code.length === 48 && readEntryCode(other, code) === null && JSON.stringify(readEntryCode(vault, code)) === JSON.stringify(ticket)
      )
    }),
  )
})

t.test('a code with anything else in it is none', async (t) => {
  const code = writeEntryCode(vault, { seat: '5a000000-0000-4000-8000-000000000001', expiresAt: 1_800_000_000_000 })
  for (let at = 0; at < code.length; at++) {
    const bent = code.slice(0, at) + (code[at] === 'A' ? 'B' : 'A') + code.slice(at + 1)
    t.equal(readEntryCode(vault, bent), null, `character ${at}`)
  }
  fc.assert(fc.property(fc.string({ maxLength: 100 }), (text) => text === code || readEntryCode(vault, text) === null))
})
