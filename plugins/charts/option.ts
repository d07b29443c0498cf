import type { EChartsCoreOption } from 'echarts/core'
import type { Chart } from './chart.ts'

/** Colours by the names that pages know them by (plugins/web/style.ts), as they are in the light. */
export const PALETTE = {
  text: '#16202c',
  muted: '#56606c',
  line: '#d4dae2',
  link: '#0b57d0',
  'on-bad': '#8f1d1d',
  'on-good': '#0b5a28',
  'on-note': '#664200',
} as const

/** Told apart by their strokes, too: not everybody tells colours apart. */
const STROKES = [
  { color: PALETTE.link, type: 'solid' },
  { color: PALETTE['on-bad'], type: [6, 3] },
  { color: PALETTE['on-good'], type: [2, 2] },
  { color: PALETTE['on-note'], type: [8, 3, 2, 3] },
] as const
/** As strong as a step of a heat map is drawn. */
const STEPS = [0.08, 0.25, 0.45, 0.7, 1]

const WIDTH = 420
const HEIGHT = 240
const ROW = 26
const DOTTED = 48
/** So much of a name stands beside its bar; pages have the whole in a table. */
const NAME_WIDTH = 132

/** Words of an axis stay within the chart. */
const INSIDE = { outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' }
const label = { color: PALETTE.muted, fontSize: 12 }
const axis = { axisLabel: label, axisLine: { lineStyle: { color: PALETTE.muted } }, splitLine: { lineStyle: { color: PALETTE.line } } }
const numbers = (name: string) => ({ type: 'value', name, min: 0, nameTextStyle: label, minInterval: 1, splitNumber: 4, ...axis })

export interface Drawing {
  width: number
  height: number
  option: EChartsCoreOption
}

/** How a chart is drawn. */
export function drawingOf(chart: Chart): Drawing {
  if (chart.kind === 'bars') return bars(chart)
  return chart.kind === 'heat' ? heat(chart) : lines(chart)
}

function lines({ labels, series, unit }: Extract<Chart, { kind: 'lines' }>): Drawing {
  const drawn = series.map(({ name, values }, index) => {
    const stroke = STROKES[index % STROKES.length] ?? STROKES[0]
    // One value between gaps is a dot, or it would not be seen.
    const symbol = labels.length <= DOTTED ? 'circle' : 'none'
    return {
      type: 'line',
      name,
      data: values,
      symbol,
      symbolSize: 4,
      lineStyle: { width: 2, ...stroke },
      itemStyle: { color: stroke.color },
    }
  })
  const option = {
    animation: false,
    legend: { top: 0, textStyle: { color: PALETTE.text, fontSize: 12 }, itemWidth: 28, itemHeight: 6 },
    grid: { left: 8, right: 20, top: 52, bottom: 8, ...INSIDE },
    xAxis: {
      type: 'category',
      data: labels,
      ...axis,
      boundaryGap: false,
      axisLabel: { ...label, hideOverlap: true },
      axisTick: { show: false },
    },
    yAxis: numbers(unit),
    series: drawn,
  }
  return { width: WIDTH, height: HEIGHT, option }
}

function bars({ labels, values }: Extract<Chart, { kind: 'bars' }>): Drawing {
  const option = {
    animation: false,
    grid: { left: 8, right: 56, top: 4, bottom: 4, ...INSIDE },
    xAxis: { type: 'value', show: false, min: 0 },
    yAxis: {
      ...{ type: 'category', data: labels, inverse: true, axisTick: { show: false }, axisLine: { show: false } },
      axisLabel: { color: PALETTE.text, fontSize: 12, width: NAME_WIDTH, overflow: 'truncate', interval: 0 },
    },
    series: [
      {
        ...{ type: 'bar', data: values, barMaxWidth: 16, itemStyle: { color: PALETTE.link } },
        label: { show: true, position: 'right', color: PALETTE.text, fontSize: 12 },
      },
    ],
  }
  return { width: WIDTH, height: 8 + ROW * Math.max(1, labels.length), option }
}

function heat({ rows, columns, values }: Extract<Chart, { kind: 'heat' }>): Drawing {
  const most = Math.max(STEPS.length, ...values.flat())
  const data = values.flatMap((row, at) => row.map((value, column) => [column, at, value]))
  const pieces = STEPS.map((step, index) => ({
    ...{ min: (most * index) / STEPS.length, max: (most * (index + 1)) / STEPS.length, color: PALETTE.link, colorAlpha: step },
    label: `≤ ${Math.round((most * (index + 1)) / STEPS.length)}`,
  }))
  const category = (data: readonly string[]) => ({ type: 'category', data, ...axis, splitLine: { show: false }, axisTick: { show: false } })
  const option = {
    animation: false,
    grid: { left: 8, right: 8, top: 32, bottom: 4, ...INSIDE },
    xAxis: { ...category(columns), axisLabel: { ...label, hideOverlap: true } },
    yAxis: { ...category(rows), inverse: true },
    visualMap: {
      ...{ type: 'piecewise', pieces, top: 0, left: 'center', orient: 'horizontal', itemWidth: 14, itemHeight: 14 },
      textStyle: { color: PALETTE.text, fontSize: 12 },
    },
    series: [{ type: 'heatmap', data, itemStyle: { borderWidth: 1, borderColor: PALETTE.line } }],
  }
  return { width: WIDTH, height: 44 + ROW * rows.length + 20, option }
}
