import fc from 'fast-check'
import t from 'tap'
import { readCode, readDate, readerOf, readMoment, readMonth } from '../../../core/answer/values.ts'
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

t.test('what is no date is not read as one', async (t) => {
  for (const text of ['2026-02-30', '20260231', '2026-13-01', '1234567', 'yesterday', '20260101x', '2026-1', '99999999'])
    t.equal(readDate(text), undefined, text)
  for (const text of ['2026-01-01 24:00:00', '2026-01-01 12:60:00', '20260101 99']) t.equal(readMoment(text), undefined, text)
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
  for (const text of ['12元', '1,23', '1.2.3', '0x10', '1e5', 'NaN', true, {}, []]) t.equal(money(text), undefined, String(text))
  t.equal(readerOf(field.money('额', { unit: '10k-yuan' }).notes)('35.123456'), 351234.56)
  fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (fen) => money((fen / 100).toFixed(2)) === fen / 100))
  t.equal(readerOf(field.integer('数').notes)('12.5'), undefined)
})

t.test('a code is known by its code, without its zero, or by its name', async (t) => {
  const open = codeList('test', { '01': '正常', '99': '其他' })
  for (const text of ['01', '1', '正常', 1]) t.same(readCode(open)(text), { code: '01', name: '正常' })
  t.same(readCode(open)('71'), { code: '71', name: '71' }, 'an agency may extend an open list')
  t.equal(readCode(codeList('test', { '01': '正常' }, { closed: true }))('71'), undefined)
  t.equal(readCode(open)('x'.repeat(65)), undefined)
})

t.test('an attachment shows its name, never its address', async (t) => {
  const files = readerOf(field.files('附件').notes)
  t.same(files('https://internal.example/a/b/凭证.pdf?token=1'), [{ id: '1', name: '凭证.pdf', mediaType: null }])
  t.same(files([{ wjbh: 7, wjmc: '回单.png', wjlx: 'image/png' }]), [{ id: '7', name: '回单.png', mediaType: 'image/png' }])
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
    t.strictSame(files(given), [{ id: '1', name, mediaType: null }])
    t.strictSame(files([{ wjbh: 7, wjmc: given, wjlx: 'image/png' }]), [{ id: '7', name, mediaType: 'image/png' }])
  }
  t.equal(files([{ id: 'x' }]), undefined, 'a file has a name')
})
