import fc from 'fast-check'
import Fastify from 'fastify'
import t from 'tap'
import { type Chart, describe } from '../../../plugins/charts/chart.ts'
import { drawChart } from '../../../plugins/charts/draw.ts'
import charts from '../../../plugins/charts/index.ts'
import { PALETTE } from '../../../plugins/charts/option.ts'
import { SCHEMES } from '../../../plugins/web/style.ts'
import workshop from '../../../plugins/workshop/index.ts'

const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))
const lines = (name: string, values: (number | null)[]): Chart => ({
  ...{ kind: 'lines', title: `请求：${name}`, unit: '次' },
  ...{ labels: hours, series: [{ name, values }] },
})
const heat: Chart = {
  ...{ kind: 'heat', title: '忙时', unit: '次', rows: ['周一', '周二'], columns: hours },
  values: [hours.map(() => 0), hours.map((_, hour) => hour)],
}

/** What a policy of hashes alone would block, or what would meet another chart of the same page. */
const BLOCKED = / style=|<style|<script|<a |href=|url\(| on\w+=|<image/

t.test('a chart stands in a page that allows no style and no script, in its colours', async (t) => {
  t.strictSame(
    PALETTE,
    Object.fromEntries(Object.keys(PALETTE).map((name) => [name, SCHEMES.light[name as keyof typeof PALETTE]])),
    'the names and the light colours of pages',
  )
  const bars: Chart = { kind: 'bars', title: '排名', unit: '次', labels: ['水费', '医保'], values: [30, 2] }
  for (const chart of [lines('成功', [1, null, 3]), bars, heat]) {
    const svg = drawChart(chart)
    t.match(svg, new RegExp(`^<svg [^>]*role="img"[^>]*><title id="chart-[0-9a-f]{12}">${chart.title}</title><desc id=`))
    t.notMatch(svg, BLOCKED, chart.kind)
    t.match(svg, /fill="var\(--|stroke="var\(--link,#0b57d0\)"/)
    t.notMatch(svg, /="rgb\(11,87,208\)"/, 'no colour of the light stays in the dark')
    t.equal(svg.match(/id="/g)?.length, 2, 'no ids but its own')
    t.equal(drawChart(chart), svg, 'the same is drawn the same')
  }
  t.match(drawChart(bars), />水费<\/text>/)
  t.match(drawChart(bars), />30<\/text>/)
  t.match(drawChart(heat), /fill-opacity="0.45"|fill-opacity=".45"/, 'steps are told apart by how strong they are')
})

t.test('it is told in words, too', async (t) => {
  t.equal(describe(lines('成功', [1, null, 3])), '成功：最高 3次（02），最近（02）3次')
  t.equal(describe(heat), '最高 23次（周二 23）')
  t.match(describe({ kind: 'bars', title: '', unit: '毫秒', labels: ['a', 'b'], values: [9, 1] }), '从多到少：a 9毫秒，b 1毫秒')
  for (const empty of [lines('成功', [null, null]), { kind: 'bars', title: '', unit: '', labels: [], values: [] } satisfies Chart]) {
    t.match(describe(empty), /没有数据/)
    t.match(drawChart(empty), />没有数据<\/text><\/svg>$/)
  }
})

t.test('names are words, whatever they say', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('<script>alert(1)</script>', '" onload="x', '</svg><style>', ' style="fill:red"', '{a|b}', '\u0000\uFFFE'),
  )
  fc.assert(
    fc.property(hostile, hostile, (name, label) => {
      const bars: Chart = { kind: 'bars', title: name, unit: label, labels: [label, name], values: [2, 1] }
      for (const chart of [lines(name, [1, 2]), bars]) {
        const svg = drawChart(chart)
        // Words stand between tags; of the tags none is theirs.
        const tags = svg.replace(/>[^<]*</g, '><')
        if (BLOCKED.test(tags) || !/^(?:<(?:svg|title|desc|rect|path|text|g|\/\w+)[^<>]*>)+$/.test(tags)) return false
      }
      return true
    }),
    { numRuns: 12 },
  )
})

t.test('names that every object has are names, and are drawn as any', async (t) => {
  const names = ['__proto__', 'constructor', 'toString', '甲\n__proto__', `__proto__${'长'.repeat(40)}`]
  const before = Object.getOwnPropertyNames(Object.prototype)
  for (const chart of [
    lines('__proto__', [1, 2]),
    { kind: 'bars', title: '', unit: '', labels: names, values: names.map((_, index) => 9 - index) } satisfies Chart,
    { kind: 'heat', title: '', unit: '', rows: names, columns: names, values: names.map(() => names.map(() => 1)) } satisfies Chart,
  ]) {
    const svg = drawChart(chart)
    t.match(svg, /__\u2060proto__/)
    t.notMatch(svg, 'NaN')
  }
  t.strictSame(Object.getOwnPropertyNames(Object.prototype), before)
  for (const each of [Object, Object.prototype.toString]) t.notOk('prev' in each, 'nothing is noted in what every object has')
})

t.test('charts are drawn beside the calls, once for all who look', async (t) => {
  const app = Fastify().register(workshop).register(charts)
  t.teardown(() => app.close())
  await app.ready()
  const [first, second] = await app.charts.draw('a', [lines('成功', [1]), heat])
  t.match(first, '请求：成功')
  t.match(second, '忙时')
  let entered = 0
  const { enter } = app.workshop
  app.workshop.enter = (...given) => {
    entered++
    return enter(...given)
  }
  t.strictSame(await app.charts.draw('b', [heat]), [second])
  t.equal(entered, 0)
  await Promise.all([1, 2].map((value) => app.charts.draw('a', [lines('别的', [value])])))
  t.equal(entered, 2)
  await t.rejects(Promise.all([3, 4, 5].map((value) => app.charts.draw('a', [lines('别的', [value])]))), { code: 'HUB_RATE_LIMITED' })
})
