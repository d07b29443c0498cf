import fc from 'fast-check'
import t from 'tap'
import { birthdayOf, isIdNumber, isPhone, isUscc } from '../../../core/base/checksums.ts'

const ID_NUMBERS = [
  '11010519491231002X',
  '440524188001010014',
  '41100219900101000X',
  '411003198512310006',
  '411023196003150004',
  '411024200108150006',
  '411025197811090000',
  '411081200002290008',
  '411082199912310005',
]
const USCCS = [
  '91330100799655058B',
  '9144030071526726XG',
  '91411000MA0000015J',
  '91411000MA0000023D',
  '91411000MA00000318',
  '11411000000000001A',
]

/** A number of the list with one character replaced by another of the alphabet. */
const misprint = (numbers: readonly string[], alphabet: string) =>
  fc
    .record({ text: fc.constantFrom(...numbers), at: fc.nat(17), character: fc.constantFrom(...alphabet) })
    .filter(({ text, at, character }) => text[at] !== character)
    .map(({ text, at, character }) => `${text.slice(0, at)}${character}${text.slice(at + 1)}`)

t.test('numbers of the standards pass', async (t) => {
  for (const text of ID_NUMBERS) t.ok(isIdNumber(text), text)
  for (const text of USCCS) t.ok(isUscc(text), text)
  t.ok(isPhone('13812345678'))
})

t.test('any one changed character is detected', async () => {
  fc.assert(
    fc.property(misprint(ID_NUMBERS, '0123456789X'), (text) => !isIdNumber(text)),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(misprint(USCCS, '0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ'), (text) => !isUscc(text)),
    { numRuns: 3000 },
  )
})

t.test('two neighbours exchanged are detected', async () => {
  const exchanged = (numbers: readonly string[]) =>
    fc.record({ text: fc.constantFrom(...numbers), at: fc.nat(16) }).map(({ text, at }) => ({
      text,
      other: `${text.slice(0, at)}${text[at + 1]}${text[at]}${text.slice(at + 2)}`,
    }))
  fc.assert(fc.property(exchanged(ID_NUMBERS), ({ text, other }) => text === other || !isIdNumber(other)))
  fc.assert(fc.property(exchanged(USCCS), ({ text, other }) => text === other || !isUscc(other)))
})

/** An id number with the right check character, whatever its birthday. */
function numbered(birthday: string): string {
  const body = `411002${birthday}000`
  return [...'0123456789X'].map((check) => body + check).find((text) => checkOf(text) === text[17]) ?? ''
}

/** GB 11643 §6 the other way round: Σ aᵢ·2^(18−i) must be 1 (mod 11). */
function checkOf(text: string): string | undefined {
  const sum = [...text].reduce((total, digit, index) => total + (digit === 'X' ? 10 : Number(digit)) * 2 ** (17 - index), 0)
  return sum % 11 === 1 ? text[17] : undefined
}

t.test('a birthday is a day of the calendar that has been', async (t) => {
  t.ok(isIdNumber(numbered('20240229')), 'a leap day')
  for (const day of ['20230229', '19000229', '20230230', '20231301', '20230001', '20230100', '17991231', '99991231'])
    t.notOk(isIdNumber(numbered(day)), day)
  const midnight = Date.parse('2026-05-01T00:00:00+08:00')
  t.ok(isIdNumber(numbered('20260501'), midnight), 'born today, in Beijing')
  t.notOk(isIdNumber(numbered('20260501'), midnight - 1), 'born tomorrow')
  t.equal(birthdayOf(numbered('20080229'), 18), Date.parse('2026-03-01T00:00:00+08:00'))
})

t.test('nothing but the written form', async (t) => {
  for (const text of ['', '41100219900101000x', ' 41100219900101000X', '41100219900101000X\n', '４1100219900101000X', '410021990010100'])
    t.notOk(isIdNumber(text), JSON.stringify(text))
  for (const text of ['', '91411000ma0000015j', '91411000MA0000015J ', '91411000MA0000015', 'I1411000MA0000015J'])
    t.notOk(isUscc(text), JSON.stringify(text))
  for (const text of ['12812345678', '1381234567', '138123456789', '+8613812345678']) t.notOk(isPhone(text), text)
  fc.assert(fc.property(fc.string(), (text) => !isIdNumber(text) && !isUscc(text) && !isPhone(text)))
})
