import { readFileSync } from 'node:fs'
import { dialectNames, dialectOf, guardOf } from '../cli/verify/dialects.ts'
import type { DialectDeclaration } from '../core/upstream/dialect.ts'
import type { Envelope } from '../core/upstream/envelope.ts'
import { envelope } from '../core/upstream/envelopes.ts'
import { agencyVectors, editionOf, type Vector } from './agency-vectors.ts'

/** The parts of docs/agencies.md that follow from the dialects and envelopes, and the vectors for an agency's own tests. */
export function generateAgencyGuide(root: URL): Record<string, string> {
  const vectors = agencyVectors()
  const parts = { dialects: dialectTable(), vectors: vectors.map(vectorText).join('\n\n'), envelopes: envelopeTable() }
  let text = readFileSync(new URL('docs/agencies.md', root), 'utf8')
  for (const [name, part] of Object.entries(parts)) text = within(text, name, part)
  return {
    'docs/agencies.md': text,
    'docs/agency-vectors.json': `${JSON.stringify({ edition: editionOf(vectors), vectors }, null, 2)}\n`,
  }
}

function within(text: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name}: npm run docs -->\n`, '\n<!-- end -->']
  const start = text.indexOf(begin)
  const stop = text.indexOf(end, start)
  if (start < 0 || stop < 0) throw new Error(`docs/agencies.md has no place for ${name}`)
  return `${text.slice(0, start + begin.length)}\n${part}\n${text.slice(stop)}`
}

/** Options without which a form is none. */
const LEAST: Readonly<Record<string, object>> = {
  'signed-string': {
    parts: ['time', 'nonce', 'bodyHash'],
    digest: { hmac: 'sha256' },
    place: { headers: { app: '{keyId}', sign: '{signature}', time: '{time}', nonce: '{nonce}' } },
  },
}

function dialectTable(): string {
  const rows = dialectNames.map((name) => {
    const dialect = dialectOf(name, { ...LEAST[name] }) as DialectDeclaration
    const credentials = Object.entries(dialect.credentials).map(([key, { title, secret }]) =>
      secret ? `**\`${key}\`** ${title}` : `\`${key}\` ${title}`,
    )
    return `| \`${name}\` | ${credentials.join('、')} | ${protection(dialect)} |`
  })
  return `| 方言 | 双方约定的（加粗的由中枢保密保存） | 您要核对的 |\n|---|---|---|\n${rows.join('\n')}`
}

function protection(dialect: DialectDeclaration): string {
  const { skewSeconds, once, covers } = guardOf(dialect)
  if (dialect.name === 'signed-string') return '按约定的写法：签名；签了的时间、随机数、查询串、正文'
  const time = skewSeconds === null ? [] : [skewSeconds === 'open' ? '时间（通常 5 分钟内）' : `时间（${skewSeconds} 秒内）`]
  const names = { query: '查询串', body: '正文' }
  return ['签名或凭据', ...time, ...(once ? ['随机数只用一次'] : []), ...covers.map((part) => `${names[part]}没有改动`)].join('；')
}

function vectorText({ title, how, inputs, stringToSign, signature, travels }: Vector): string {
  const pairs = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([name, value]) => `${name}: ${value}`)
  const lines = ['# 输入', ...pairs(inputs), '', '# 待签字符串', stringToSign, '', '# 签名', signature, '', '# 发出', ...pairs(travels)]
  return `#### ${title}\n\n${how}。\n\n\`\`\`text\n${lines.join('\n')}\n\`\`\``
}

const WORDS: Readonly<Partial<Record<keyof Envelope, string>>> = {
  codeKeys: '结果码的键（依次找，不分大小写）',
  messageKeys: '说明的键',
  success: '表示成功的结果码',
  successWithData: '只在有记录时算成功的结果码',
  emptyTexts: '表示“没有记录”的说明',
  data: '记录所在的路径（依次找；空的是整个答复）',
  total: '总数所在的路径',
}

function envelopeTable(): string {
  const [rest, exchange] = [envelope.rest(), envelope.exchange()]
  const cell = (value: Envelope[keyof Envelope]) =>
    Array.isArray(value)
      ? value.length === 0
        ? '没有'
        : value.map((text) => (text === '' ? '（整个）' : `\`${text}\``)).join(' ')
      : String(value)
  const rows = Object.entries(WORDS).map(
    ([key, word]) => `| ${word} | ${cell(rest[key as keyof Envelope])} | ${cell(exchange[key as keyof Envelope])} |`,
  )
  return `| | \`rest\` | \`exchange\` |\n|---|---|---|\n${rows.join('\n')}`
}
