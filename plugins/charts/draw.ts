import { createHash } from 'node:crypto'
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, VisualMapPiecewiseComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { type Chart, describe, isEmpty } from './chart.ts'
import { drawingOf } from './option.ts'
import { NOTHING, plain } from './svg.ts'

use([BarChart, HeatmapChart, LineChart, GridComponent, LegendComponent, VisualMapPiecewiseComponent, SVGRenderer])

/** Draws a chart as SVG that stands in a page. Takes some ten milliseconds of CPU: not for the thread that answers calls. */
export function drawChart(chart: Chart): string {
  const { width, height, option } = drawingOf(chart)
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
