import { createHash } from 'node:crypto'
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, VisualMapPiecewiseComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { type Chart, describe, isEmpty, withWords } from './chart.ts'
import { drawingOf } from './option.ts'
import { NOTHING, plain } from './svg.ts'

use([BarChart, HeatmapChart, LineChart, GridComponent, LegendComponent, VisualMapPiecewiseComponent, SVGRenderer])

/**
 * The library notes how wide words are in an object that inherits from `Object.prototype`: at `__proto__` it would take that for a note and write
 * into it, for the whole thread. It measures parts of words, too; a joiner that nobody sees makes others of them.
 */
const INHERITED = new RegExp(Object.getOwnPropertyNames(Object.prototype).join('|'), 'g')
const harmless = (words: string) => words.replace(INHERITED, (name) => `${name.slice(0, 2)}\u2060${name.slice(2)}`)

/** Draws a chart as SVG that stands in a page. Takes some ten milliseconds of CPU: not for the thread that answers calls. */
export function drawChart(chart: Chart): string {
  const { width, height, option } = drawingOf(withWords(chart, harmless))
  const id = `chart-${createHash('sha256').update(JSON.stringify(chart)).digest('hex').slice(0, 12)}`
  const drawn = isEmpty(chart) ? NOTHING : render(width, height, option)
  return plain(drawn, { id, title: chart.title, description: describe(chart), width, height })
}

function render(width: number, height: number, option: EChartsCoreOption): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    drawing.setOption(option)
    return drawing.renderToSVGString()
  } finally {
    // One that stays keeps its thread awake.
    drawing.dispose()
  }
}
