import fc from 'fast-check'
import t from 'tap'
import { readDate, readMoment, readMonth } from '../../../core/answer/days.ts'
import { readCode, readerOf } from '../../../core/answer/values.ts'
import { codeList, field } from '../../../core/connector.ts'

const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

t.test('a day is the same day in every form that agencies write', async () => {
  fc.assert(
    fc.property(day, (iso) => {
      const [year = '', month = '', date = ''] = iso.split('-')
      const forms = [
        iso,
        iso.replaceAll('-', ''),
        iso.replaceAll('-', '/'),
        `${year}年${month}月${date}日`,
        `${iso} 00:00:00`,
        `${iso}T23:59:59`,
        `${iso.replaceAll('-', '')}120000`,
      ]
      for (const form of forms) if (readDate(form) !== iso) throw new Error(`${form} was read as ${readDate(form)}`)
      for (const form of [iso.slice(0, 7), iso.slice(0, 7).replace('-', ''), `${year}年${month}月`, iso])
        if (readMonth(form) !== iso.slice(0, 7)) throw new Error(form)
    }),
  )
})

t.test('a moment keeps its instant', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1e12, max: 4e12 }), (at) => {
      const whole = Math.floor(at / 1000) * 1000
      const utc = new Date(whole).toISOString()
      for (const form of [String(whole), utc, utc.replace('.000Z', '+00:00')]) {
        const moment = readMoment(form)
        if (typeof moment !== 'string' || Date.parse(moment) !== whole) throw new Error(`${form} was read as ${moment}`)
      }
    }),
  )
})

t.test('a moment is the same in the words of Java, gson, .NET and Unix', async () => {
  const at = fc
    .date({ min: new Date('1974-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
    .map((date) => Math.floor(date.getTime() / 1000))
  const english = (seconds: number, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { timeZone: 'Asia/Shanghai', ...options }).format(seconds * 1000)
  fc.assert(
    fc.property(at, (seconds) => {
      // Between 1986 and 1991 clocks in China were put forward in summer; the hub, as agencies, counts in +08:00.
      fc.pre(seconds < 515_000_000 || seconds > 690_000_000)
      const gson = english(seconds, { dateStyle: 'medium', timeStyle: 'medium' })
      const forms = [
        String(seconds),
        seconds * 1000,
        gson,
        gson.replace(/\u202f/, ' '),
        `/Date(${seconds * 1000})/`,
        `/Date(${seconds * 1000}+0800)/`,
      ]
      for (const form of forms) {
        const moment = readMoment(form)
        // Digits that may as well be a day, or a day with hour and minute, mean nothing.
        const isOpen = /^(19|20)(\d{7,8}|\d{10})$/.test(String(form)) && moment === undefined
        if (!isOpen && (typeof moment !== 'string' || Date.parse(moment) !== seconds * 1000))
          throw new Error(`${form} was read as ${moment}`)
      }
    }),
  )
})

t.test('what is no date is not read as one', async (t) => {
  for (const text of ['2026-02-30', '20260231', '2026-13-01', '1234567', 'yesterday', '20260101x', '2026-1', '99999999'])
    t.equal(readDate(text), undefined, text)
  for (const text of ['2026010112', '202601015', '-1']) t.equal(readMoment(text), undefined, `${text} may be a day written otherwise`)
  for (const text of ['2026-01-01 24:00:00', '2026-01-01 12:60:00', '20260101 99', 'Foo 1, 2015 1:00:00 AM', 'Jul 1, 2015 13:00:00 PM'])
    t.equal(readMoment(text), undefined, text)
  for (const text of ['', '  ', '0', '00000000']) t.equal(readDate(text), null, `"${text}" is no value`)
  t.equal(readMonth('202613'), undefined)
})

t.test('a month is no day, unless the declaration says that it stands for its first', async (t) => {
  for (const text of ['201211', '201203', '2012-11', '2012年11月']) {
    t.equal(readDate(text), undefined, text)
    t.equal(readMoment(text), undefined, text)
  }
  const date = readerOf(field.date('首次参保日期', { monthAsFirstDay: true }).notes)
  const moment = readerOf(field.datetime('参保登记时间', { monthAsFirstDay: true }).notes)
  for (const text of ['201211', '2012-11', '2012年11月', '20121101', '2012-11-01']) {
    t.equal(date(text), '2012-11-01', text)
    t.equal(moment(text), '2012-11-01T00:00:00+08:00', text)
  }
  t.equal(date('20121115'), '2012-11-15')
  t.equal(date('000000'), null)
  for (const text of ['201213', '2012111', 'yesterday']) t.equal(date(text), undefined, text)
})

t.test('numbers come as numbers or as text, amounts in yuan or ten thousands of it', async (t) => {
  const money = readerOf(field.money('额').notes)
  t.equal(money('1,234.50'), 1234.5)
  t.equal(money('0.1'), 0.1)
  t.equal(money(' -12 '), -12)
  t.equal(money(''), null)
  for (const text of [
    '1,23',
    '0,123',
    '1,2345',
    '1.2.3',
    '0x10',
    '--',
    '-',
    '无',
    '+-5',
    '(5.00)',
    '5元/月',
    '€5',
    'NaN',
    NaN,
    true,
    {},
    [],
  ])
    t.equal(money(text), undefined, String(text))
  const forms = {
    '1e5': 100_000,
    '3.521233E4': 35212.33,
    '.5': 0.5,
    '5.': 5,
    '+5': 5,
    '-¥5.00': -5,
    '¥-5': -5,
    人民币5元: 5,
    'RMB 1,234': 1234,
    cny5: 5,
  }
  for (const [text, amount] of Object.entries(forms)) t.equal(money(text), amount, text)
  for (const text of ['12元', '０.００１２万元', '１２００分']) t.equal(money(text), 12, text)
  for (const text of ['null', 'NULL', ' ']) t.equal(money(text), null, text)
  const number = readerOf(field.number('比例').notes)
  t.strictSame([number('１.２e1'), number('3%'), number('3元'), number('12345678901234567890')], [12, undefined, undefined, undefined])
  t.equal(readerOf(field.money('额', { unit: '10k-yuan' }).notes)('35.123456'), 351234.56)
  fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (fen) => money((fen / 100).toFixed(2)) === fen / 100))
  t.equal(readerOf(field.integer('数').notes)('12.5'), undefined)
})

const digits = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n })

t.test('an amount has the value of its digits, in whatever form they come', async () => {
  const money = readerOf(field.money('额').notes)
  fc.assert(
    fc.property(digits, (fen) => {
      const sign = fen < 0n ? '-' : ''
      const all = String(fen < 0n ? -fen : fen).padStart(3, '0')
      const [whole, decimals] = [all.slice(0, -2), all.slice(-2)]
      const text = `${sign}${whole}.${decimals}`
      const wide = text.replace(/[\d.-]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
      const grouped = `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${decimals}`
      const forms = [text, ` ${text} `, `${text}元`, wide, grouped, `￥${grouped}`, `${sign}${all}E-2`, `${text}000`]
      // 0.00 and -0.00 are one.
      for (const form of forms) if (money(form) !== (Number(text) || 0)) throw new Error(`${form} was read as ${money(form)}`)
    }),
    { numRuns: 500 },
  )
})

t.test('what has more than two decimals is kept whole, or rounded in decimal where that is declared', async (t) => {
  const kept = readerOf(field.money('额').notes)
  const rounded = readerOf(field.money('额', { rounding: 'half-up' }).notes)
  t.strictSame([kept('8.575'), kept('1.005'), kept(1.005)], [8.575, 1.005, 1.005])
  t.strictSame(
    [rounded('8.575'), rounded('1.005'), rounded(1.005), rounded('-1.005'), rounded('0.994999')],
    [8.58, 1.01, 1.01, -1.01, 0.99],
  )
  t.strictSame([kept('35212.330000000002'), kept(0.1 + 0.2)], [35212.33, 0.3], 'the sender’s arithmetic is no decimal')
  t.strictSame([kept('12345678901234.565'), kept('0.1234567890123456789')], [undefined, undefined], 'more digits than a number holds')
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), (thousandths) => {
      const all = String(thousandths).padStart(4, '0')
      const expected = Number((thousandths + 5n) / 10n) / 100
      return (
        rounded(`${all.slice(0, -3)}.${all.slice(-3)}`) === expected &&
        kept(`${all.slice(0, -3)}.${all.slice(-3)}`) === Number(thousandths) / 1000
      )
    }),
  )
})

t.test('a number of a person or account is shown in one form, and never one that lost digits', async (t) => {
  const account = readerOf(field.text('账号', { mask: 'account' }).notes)
  t.equal(account('４１００－Ａ'), '4100-A')
  t.equal(account(Number('41000012345678901234')), undefined)
  t.equal(readerOf(field.text('备注').notes)('（全角）'), '（全角）', 'other text is left as it is')
  const own = readerOf(field.text('证件号码', { mask: 'idNumber', subject: 'person' }).notes)
  for (const text of ['41100219900101000x', '４１１００２１９９００１０１０００Ｘ', '411002900101000'])
    t.equal(own(text), '41100219900101000X', text)
  t.equal(own('411002900231000'), '411002900231000', 'no day of birth')
  for (const value of ['***', ['41100219900101000X'], {}, true]) t.equal(own(value), undefined)
})

t.test('a code is known by its code, without its zero, or by its name', async (t) => {
  const open = codeList('test', { '01': '正常', '99': '其他' })
  for (const text of ['01', '1', '正常', 1]) t.same(readCode(open)(text), { code: '01', name: '正常' })
  t.same(readCode(open)('０１'), { code: '01', name: '正常' })
  const findings = { unreadable: [], unknownCodes: [] as string[] }
  t.same(readCode(open)('71', findings, 'state'), { code: '71', name: null }, 'an agency may extend an open list')
  t.same(readCode(open)('封存', findings, 'state'), { code: '封存', name: '封存' }, 'or send its own word')
  t.strictSame(findings.unknownCodes, ['state', 'state'])
  t.equal(readCode(codeList('test', { '01': '正常' }, { closed: true }))('71'), undefined)
  t.equal(readCode(open)('x'.repeat(65)), undefined)
})

t.test('an attachment shows its name, never its address', async (t) => {
  const files = readerOf(field.files('附件').notes)
  t.same(files('https://internal.example/a/b/凭证.pdf?token=1'), [{ id: '1', name: '凭证.pdf', mediaType: null, href: null }])
  t.same(files([{ wjbh: 7, wjmc: '回单.png', wjlx: 'image/png' }]), [{ id: '7', name: '回单.png', mediaType: 'image/png', href: null }])
  t.equal(files([{ size: 1 }]), undefined)
})

t.test('a text that is longer than any value is none, and takes no time', async (t) => {
  const text = readerOf(field.text('备注').notes)
  t.equal(text('注'.repeat(10_000)), '注'.repeat(10_000))
  t.equal(text('注'.repeat(10_001)), undefined)
  t.equal(readerOf(field.text('正文', { longest: 20_000 }).notes)('注'.repeat(20_000)), '注'.repeat(20_000), 'the declaration decides')
  const files = readerOf(field.files('附件').notes)
  const start = performance.now()
  for (const name of ['a'.repeat(100_000), `${'a'.repeat(100_000)}/`, 'a'.repeat(256)])
    for (const value of [name, [name], { name }, [{ id: name, name: 'a.pdf' }]])
      if (name.length > 256 || typeof value === 'string') t.equal(files(value), undefined)
  t.ok(performance.now() - start < 1000, 'in the time that its length asks for')
  t.match(files(`/x/${'a'.repeat(251)}.pdf`), [{ name: `${'a'.repeat(251)}.pdf` }])
})

t.test('a file is called by its own name', async (t) => {
  const files = readerOf(field.files('附件').notes)
  const names: [given: string, name: string][] = [
    ['https://files.example/2026/凭证.pdf?sign=a/b#p', '凭证.pdf'],
    ['C:\\扫描\\合同.jpg', '合同.jpg'],
    ['合同.jpg', '合同.jpg'],
    ['https://files.example/dir/', '附件'],
  ]
  for (const [given, name] of names) {
    t.strictSame(files(given), [{ id: '1', name, mediaType: null, href: null }])
    t.strictSame(files([{ wjbh: 7, wjmc: given, wjlx: 'image/png' }]), [{ id: '7', name, mediaType: 'image/png', href: null }])
  }
  t.equal(files([{ id: 'x' }]), undefined, 'a file has a name')
})
