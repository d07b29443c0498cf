import fc from 'fast-check'
import t from 'tap'
import {
  birthdayOf,
  isIdNumber,
  isPhone,
  isUscc,
  normalIdNumber,
  normalPhone,
  normalUscc,
  numberFormats,
} from '../../../core/base/checksums.ts'

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

const wide = (text: string) => text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
/** Ways in which one number is typed, any of them upon another. */
const typing = fc.array(
  fc.constantFrom(
    (text: string) => text,
    wide,
    (text: string) => text.toLowerCase(),
    (text: string) => ` ${text}\u3000`,
    (text: string) => `${text.slice(0, 6)} ${text.slice(6)}\t`,
  ),
  { maxLength: 4 },
)
const typed = (number: fc.Arbitrary<string>) =>
  fc.record({ number, ways: typing }).map(({ number, ways }) => ({ number, text: ways.reduce((text, way) => way(text), number) }))

t.test('one number, however it is typed', async (t) => {
  fc.assert(fc.property(typed(fc.constantFrom(...ID_NUMBERS)), ({ number, text }) => normalIdNumber(text) === number))
  fc.assert(fc.property(typed(fc.constantFrom(...USCCS)), ({ number, text }) => normalUscc(text) === number))
  const called = fc.record({
    number: fc.constantFrom('13812345678', '19900000000'),
    head: fc.constantFrom('', '86', '+86', '0086', '+86-', '86 '),
  })
  fc.assert(
    fc.property(typed(called.map(({ number, head }) => head + number)), ({ number: spelt, text }) => {
      const [normal] = /1\d{10}$/.exec(spelt) ?? []
      return normalPhone(text) === normal
    }),
  )
  t.equal(normalPhone('138-1234-5678'), '13812345678')
  t.equal(normalPhone('8613812345'), '8613812345', 'no country before what is no number')
})

t.test('the 15 digits of 1989 are the 18 of 1999', async (t) => {
  t.equal(normalIdNumber('411002900101000'), '41100219900101000X')
  t.equal(normalIdNumber('110105491231002'), '11010519491231002X')
  t.equal(normalIdNumber('411002901301000'), '411002901301000', 'on no day of the calendar')
  const born19 = ID_NUMBERS.filter((number) => number.slice(6, 8) === '19')
  const short = (number: string) => number.slice(0, 6) + number.slice(8, 17)
  fc.assert(fc.property(typed(fc.constantFrom(...born19)), ({ number }) => normalIdNumber(wide(short(number))) === number))
})

t.test('a normal form is its own', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.stringMatching(/^\d{15}$/),
    typed(fc.constantFrom(...ID_NUMBERS)).map((each) => each.text),
  )
  for (const normal of [normalIdNumber, normalUscc, normalPhone])
    fc.assert(fc.property(text, (each) => normal(normal(each)) === normal(each)))
})

t.test('numbers of papers: capitals, half-width, and nothing else than a paper has', async (t) => {
  const paper = numberFormats['paper-number']
  t.equal(paper?.normal(' ｅ1234 5678 '), 'E12345678')
  for (const number of ['E12345678', 'H12345678', '411024201404010002', 'HKG1234567(8)']) t.equal(paper?.test(number), true, number)
  for (const number of ['', '1234', 'E1234567八', "E1234567';--", 'A'.repeat(25)]) t.equal(paper?.test(number), false, number)
})
