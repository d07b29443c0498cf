import type { Finding, Verdict } from './finding.ts'
import type { Subject } from './subject.ts'

const MARKS: Readonly<Record<Verdict, string>> = { passed: '✓', failed: '✗', doubtful: '!', skipped: '–' }
const WORDS: Readonly<Record<Verdict, string>> = { passed: '通过', failed: '不通过', doubtful: '请看', skipped: '未验' }

export function count(findings: readonly Finding[]): Record<Verdict, number> {
  const of = (verdict: Verdict) => findings.filter((each) => each.verdict === verdict).length
  return { passed: of('passed'), failed: of('failed'), doubtful: of('doubtful'), skipped: of('skipped') }
}

/** For a terminal: one line a check, and below what is not well, what was sent, what came and what to do. */
export function asText(findings: readonly Finding[]): string[] {
  const lines = findings.flatMap(({ id, title, sent, got, verdict, advice }) => {
    const head = `${MARKS[verdict]} ${title}（${id}）`
    if (verdict === 'passed') return [head]
    if (verdict === 'skipped') return [`${head}：${got}`]
    return [head, `    发出：${sent}`, `    收到：${got}`, `    怎么办：${advice}`]
  })
  const { passed, failed, doubtful, skipped } = count(findings)
  return [...lines, '', `通过 ${passed} 项，不通过 ${failed} 项，请看 ${doubtful} 项，未验 ${skipped} 项`]
}

interface About {
  readonly subject: Subject
  readonly version: string
  /** RFC 3339. */
  readonly at: string
}

/** The same as one Markdown file, to be sent in. */
export function asMarkdown(findings: readonly Finding[], { subject, version, at }: About): string {
  const { passed, failed, doubtful, skipped } = count(findings)
  const rows = findings.map(({ id, title, verdict, sent, got, advice }) =>
    [`\`${id}\``, title, `${MARKS[verdict]} ${WORDS[verdict]}`, sent, got, advice].map(cell).join(' | '),
  )
  return `# 部门接口自验报告

| 项 | 内容 |
|---|---|
| 服务 | ${cell(subject.name)} |
| 地址 | ${cell(new URL(subject.baseUrl).origin)} |
| 方言 | ${cell(subject.dialect.name)} |
| 时间 | ${at} |
| 工具 | hub ${version}，\`hub agency verify\` |
| 结论 | 通过 ${passed} 项，不通过 ${failed} 项，请看 ${doubtful} 项，未验 ${skipped} 项 |

凭据和测试人员的信息已遮盖。

| 编号 | 检查 | 结论 | 发出 | 收到 | 怎么办 |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

单位（盖章）：　　　　　　　　　　经办人：　　　　　　　　　　日期：
`
}

/** What an agency answered may hold anything. */
function cell(text: string): string {
  return text.replace(/[\\|<>`*_[\]]/g, (mark) => (mark === '`' && /^`[a-z-]+`$/.test(text) ? mark : `\\${mark}`)).replace(/\s+/g, ' ')
}
