import type { Capability } from '../../catalogue/capabilities/capability.ts'
import { types } from '../../catalogue/capabilities/capability.ts'
import type { Version } from '../../catalogue/capabilities/releases.ts'
import { type Life, type LifeState, lifeStates } from '../../catalogue/lives.ts'
import type { Explained, Row } from '../../openapi/explain.ts'
import { escapeHtml } from '../../web/page.ts'
import { facts } from '../../web/parts.ts'

/** All that a capability's document says, whatever form it takes. */
export interface Told {
  capability: Capability
  state: LifeState
  life: Life | null
  operations: readonly Explained[]
  versions: readonly Version[]
}

const day = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10)
const yes = (required: boolean) => (required ? '是' : '')

function factsOf({
  capability: { id, type, version, owner, permission, rate, docs },
  state,
  life,
}: Told): [title: string, value: string][] {
  return [
    ['编号', id],
    ['类型', types[type]],
    ['版本', version],
    ['状态', lifeStates[state]],
    ...(life ? ([['停止时间', `${day(life.sunsetAt)}（${life.reason}）`]] as [string, string][]) : []),
    ...(life?.successor ? ([['接替的能力', life.successor]] as [string, string][]) : []),
    ['调用权限', permission],
    ...(rate === null ? [] : ([['访问频率', rate]] as [string, string][])),
    ...(owner === null ? [] : ([['负责人', owner]] as [string, string][])),
    ...(docs === null ? [] : ([['其他说明', docs]] as [string, string][])),
  ]
}

const changeWords = ({ added, removed }: Version) =>
  [added.length > 0 ? `新增 ${added.join('、')}` : '', removed.length > 0 ? `去掉 ${removed.join('、')}` : ''].filter(Boolean).join('；')

/** What would end a cell of a table, or begin a tag. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ')

/** As Markdown (CommonMark with tables). */
export function capabilityMarkdown(told: Told): string {
  const { capability, operations, versions } = told
  const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0
      ? []
      : [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`), '']
  const fence = (language: string, text: string) => [`\`\`\`${language}`, text, '```', '']
  const lines = [
    ...[`# ${cell(capability.name)}`, '', cell(capability.summary), ''],
    ...table(['项目', '内容'], factsOf(told)),
    ...operations.flatMap((each) => [
      ...[`## ${cell(each.summary)}`, '', `\`${each.method} ${each.path}\``, '', cell(each.description), ''],
      ...(each.sunset === null ? [] : [`**这个接口将于 ${each.sunset.slice(0, 10)} 停止。**`, '']),
      ...(each.takes.length > 0 ? ['### 参数', '', ...table(['名称', '位置', '必填', '说明'], each.takes.map(takenRow))] : []),
      ...(each.answers.length > 0 ? ['### 返回的字段', '', ...table(['名称', '类型', '说明'], each.answers.map(answeredRow))] : []),
      ...[
        '### 错误',
        '',
        ...table(
          ['状态码', '错误'],
          each.errors.map(({ status, words }) => [status, words]),
        ),
      ],
      ...['### 调用示例', '', ...fence('sh', each.call), ...(each.answer === null ? [] : fence('json', each.answer))],
    ]),
    ...(versions.length > 0
      ? [
          '## 历史版本',
          '',
          ...table(
            ['版本', '日期', '变化'],
            versions.map((each) => [each.version, day(each.at), changeWords(each)]),
          ),
        ]
      : []),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

const takenRow = ({ name, kind, required, words }: Row) => [name, kind, yes(required), words]
const answeredRow = ({ name, kind, words }: Row) => [name, kind, words]

/** The same as the body of a page. */
export function capabilityHtml(told: Told): string {
  const { capability, operations, versions } = told
  const table = (title: string, head: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0
      ? ''
      : `<h3>${title}</h3><div class="scroll" tabindex="0" role="group" aria-label="${title}"><table><thead><tr>${head.map((each) => `<th scope="col">${each}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map((each) => `<td>${escapeHtml(each)}</td>`).join('')}</tr>`).join('')}</tbody></table></div>`
  const code = (text: string) => `<pre class="scroll" tabindex="0"><code>${escapeHtml(text)}</code></pre>`
  const parts = operations.map(
    (each) => `<section><h2>${escapeHtml(each.summary)}</h2><p><code>${each.method} ${escapeHtml(each.path)}</code></p>
${each.sunset === null ? '' : `<p class="bad">这个接口将于 ${each.sunset.slice(0, 10)} 停止。</p>`}<p>${escapeHtml(each.description)}</p>
${table('参数', ['名称', '位置', '必填', '说明'], each.takes.map(takenRow))}
${table('返回的字段', ['名称', '类型', '说明'], each.answers.map(answeredRow))}
${table(
  '错误',
  ['状态码', '错误'],
  each.errors.map(({ status, words }) => [status, words]),
)}
<h3>调用示例</h3>${code(each.call)}${each.answer === null ? '' : code(each.answer)}</section>`,
  )
  const history = table(
    '历史版本',
    ['版本', '日期', '变化'],
    versions.map((each) => [each.version, day(each.at), changeWords(each)]),
  )
  return `<p>${escapeHtml(capability.summary)}</p>${facts(factsOf(told))}${parts.join('')}${history}`
}
