import { listSettings, type Settings } from '../../../config/settings.ts'
import type { Point } from './point.ts'

export interface Shown extends Omit<Point, 'settings' | 'tests' | 'samples'> {
  /** The settings that decide it, as they are in force; of secrets only whether there is one. */
  settings: Record<string, string>
  tests: readonly string[]
  samples: readonly string[]
}

const known = new Map(listSettings().map((setting) => [setting.name, setting]))

/** → the values in force. An address may hold a password: of one that is secret nothing is shown. */
export function inForce(names: Point['settings'] = [], settings: Settings): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, shown(name, settings[name])]))
}

function shown(name: string, value: unknown): string {
  const text = String(value ?? '')
  if (text === '') return '（未设置）'
  return known.get(name)?.secret ? '（已设置，不显示）' : text
}

/** The pack as Markdown, point by point. */
export function render(points: readonly Shown[], about: { version: string; at: string }): string[] {
  const areas = [...new Set(points.map(({ area }) => area))]
  return [
    '# 等级保护（第三级）测评材料：应用部分',
    '',
    `中枢 ${about.version}，取自运行中的系统，${about.at}。依据 GB/T 22239-2019 第 8.1.4 条；只说应用能说的，其余写明由谁负责。`,
    ...areas.flatMap((area) => ['', `## ${area}`, ...points.filter((point) => point.area === area).flatMap(section)]),
  ]
}

function section({ clause, requires, how, settings, tests, samples, operator }: Shown): string[] {
  const values = Object.entries(settings).map(([name, value]) => `\`${name}\` = ${value}`)
  return [
    ...['', `### ${clause} ${requires}`, ''],
    `- 做法：${how ?? '不由应用提供'}`,
    ...(values.length > 0 ? [`- 现行配置：${values.join('；')}`] : []),
    ...(tests.length > 0 ? [`- 测试：${tests.map((test) => `\`${test}\``).join('、')}`] : []),
    ...samples.map((sample) => `- 实例：${sample}`),
    `- 运营方：${operator}`,
  ]
}
