import fc from 'fast-check'
import t from 'tap'
import { readerOf } from '../../../core/answer/values.ts'
import { field, input, service } from '../../../core/connector.ts'
import { compileDatePattern } from '../../../core/contract/date-pattern.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { toCsv } from '../../../plugins/workshop/tabular.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const iso = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19))

t.test('what a pattern writes it reads, and nothing else', async (t) => {
  const patterns = ['dd/MM/yyyy', 'MM-dd-yyyy', 'YYYYMMDD', 'yyyy年M月d日', "yyyy'T'MM'T'dd", 'd.M.yyyy', "dd'day'MM/yyyy"]
  fc.assert(
    fc.property(iso, fc.constantFrom(...patterns), (moment, pattern) => {
      const { write } = compileDatePattern(pattern)
      const day = moment.slice(0, 10)
      const read = readerOf(field.date('日', { pattern }).notes)
      if (read(write(day)) !== day) throw new Error(`${pattern}: ${write(day)} was read as ${read(write(day))}`)
      const month = readerOf(field.month('月', { pattern: 'MM/yyyy' }).notes)
      if (month(`${day.slice(5, 7)}/${day.slice(0, 4)}`) !== day.slice(0, 7)) throw new Error(day)
      const clock = 'dd/MM/yyyy HH:mm:ss'
      if (readerOf(field.datetime('时', { pattern: clock }).notes)(compileDatePattern(clock).write(moment)) !== `${moment}+08:00`)
        throw new Error(moment)
    }),
  )
  const read = readerOf(field.date('日', { pattern: 'dd/MM/yyyy' }).notes)
  t.equal(read('04/03/2026'), '2026-03-04', 'the fourth of March and no other day')
  for (const text of ['2026-03-04', '20260304', '31/02/2026', '04/13/2026', '4/3/2026', '04/03/26', 1])
    t.equal(read(text), undefined, String(text))
  for (const text of ['', ' ', '00/00/0000', null]) t.equal(text === null ? null : read(text), null)
})

t.test('a pattern that leaves something open is refused', async (t) => {
  for (const pattern of ['', 'MON', 'yyyyMd', 'MMdd MM', "dd'"]) t.throws(() => compileDatePattern(pattern), RangeError, pattern)
  const [first] = minimalConnector().services
  const problems = (fields: Record<string, ReturnType<typeof field.date>>) =>
    checkDeclarations(
      [{ ...minimalConnector(), services: [{ contract: { ...(first as NonNullable<typeof first>).contract, fields }, handler: null }] }],
      kinds,
    ).join('\n')
  t.match(problems({ day: field.date('日', { pattern: 'MM/yyyy' }) }), /demo\.balance\.day: the pattern MM\/yyyy lacks day/)
  t.match(problems({ day: field.date('日', { pattern: 'dd/MM/yyyy', monthAsFirstDay: true }) }), /no room for months/)
  t.equal(problems({ day: field.date('日', { pattern: 'dd/MM/yyyy' }) }), '')
})

t.test('an amount in fen is a whole number of them', async (t) => {
  const read = readerOf(field.money('罚款', { unit: 'fen' }).notes)
  fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (fen) => read(fen) === fen / 100 && read(String(fen)) === fen / 100))
  t.equal(read('1,250'), 12.5)
  t.equal(read('12元'), 12, 'the unit that the agency writes goes before the declared one')
  for (const value of ['12.34', 0.5, '12.3分', {}]) t.equal(read(value), undefined)
  t.equal(read(''), null)
})

t.test('the end of a validity is a day, or no day at all', async (t) => {
  const read = readerOf(field.until('有效期至').notes)
  for (const word of ['长期', '长期有效', '永久', '9999-12-31', '99991231', ' 长期 '])
    t.same(read(word), { until: null, name: '长期' }, word)
  t.same(read('20300501'), { until: '2030-05-01', name: '2030-05-01' })
  t.equal(read(''), null)
  for (const value of ['暂无', '2030-02-30', 5.5, {}]) t.equal(read(value), undefined)
  const own = readerOf(field.until('有效期至', { pattern: 'dd/MM/yyyy', words: ['31/12/2099'] }).notes)
  t.same(
    [own('31/12/2099'), own('01/05/2030')],
    [
      { until: null, name: '长期' },
      { until: '2030-05-01', name: '2030-05-01' },
    ],
  )
  const fields = { until: field.until('有效期至') }
  t.match(toCsv(fields, ['until'], [{ until: { until: null, name: '长期' } }]), /\r\n长期\r\n/)
})

t.test('the sandbox writes in the agency’s forms, and callers filter and sort by what they mean', async (t) => {
  const licences = service({
    id: 'balance',
    name: '证照',
    section: '0',
    kind: 'list',
    audience: 'person',
    identity: 'real-name',
    inputs: { range: input.period('期间', { codes: ['a', 'b'], field: 'issued', pattern: 'dd/MM/yyyy' }) },
    fields: {
      issued: field.date('发证日期', { code: 'fzrq', pattern: 'dd/MM/yyyy', required: true }),
      month: field.month('月', { pattern: 'MM/yyyy', required: true }),
      fee: field.money('工本费', { unit: 'fen', required: true }),
      until: field.until('有效期至', { required: true }),
    },
    timeoutMs: 2000,
    rate: { max: 1000, perSeconds: 60 },
  })
  const hub = await build(t, { declarations: [{ ...minimalConnector(), services: [licences] }] })
  const ask = async (query: string) => (await hub.get(`/v1/demo/balance?${query}`)).json().data
  const all = await ask('sort=until')
  t.equal(all.length, 12)
  t.match(all[0], { issued: /^\d{4}-\d{2}-15$/, month: /^\d{4}-\d{2}$/, until: { until: /^2036-/ } })
  t.same(all.at(-1).until, { until: null, name: '长期' }, 'without end comes last')
  t.equal(Math.round(all[0].fee * 100) / 100, all[0].fee, 'in fen')
  t.equal((await ask('until.from=2090-01-01')).length, 6, 'those without end')
  t.equal((await ask(`until=${all[0].until.until}`)).length, 1)
  t.equal((await ask('range=2026-01-01/2026-06-30')).length, 6)
})
