import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { check } from 'recheck'
import t from 'tap'
import { literalExpressions, literalsIn, madeExpressions } from './helper/expressions.ts'
import { targets } from './helper/targets.ts'

/** Expressions that the checker does not pass, with what makes them harmless. */
const EXEMPT: readonly { place: RegExp; why: string }[] = [
  {
    place: /^core\/dialects\/exchange-reply\.ts:/,
    why: 'reads 512 bytes at most (LONGEST_REFUSAL_BYTES), each of two looks in linear time',
  },
  { place: /^plugins\/openapi\/example\.ts:/, why: 'reads names of fields, which declarations give' },
]

t.test('no expression takes longer than its text, whatever the text is', async (t) => {
  const [target] = targets
  const store = await target?.create()
  t.teardown(() => store?.drop())
  const documents: unknown[] = []
  const made = await madeExpressions(async () => {
    const [{ buildApp }, { readSettings }] = await Promise.all([import('../app.ts'), import('../config/settings.ts')])
    const app = await buildApp({ settings: readSettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ...store?.settings }) })
    await app.ready()
    for (const url of ['/openapi.json', '/openapi-admin.json']) documents.push((await app.inject({ url })).json())
    await app.close()
  })
  for (const source of patternsIn(documents)) made.push({ source, flags: 'u', place: 'a schema' })
  const literals = literalExpressions()
  t.ok(literals.length > 150, 'finds the literals')
  t.ok(
    made.some(({ source }) => source === '^\\d{4}-\\d{2}$' || source === '\\S'),
    'finds the patterns of schemas',
  )

  const distinct = new Map([...literals, ...made].map((expression) => [`/${expression.source}/${expression.flags}`, expression]))
  const safe = readSafe()
  const open = [...distinct].filter(([text, { place }]) => !safe.has(text) && !EXEMPT.some((each) => each.place.test(place)))
  const judge = async () => {
    for (let next = open.pop(); next; next = open.pop()) {
      const [text, { source, flags, place }] = next
      const verdict = await check(source, flags, { timeout: 60_000, incubationLimit: 2000, maxIteration: 5 })
      if (verdict.status === 'safe') safe.add(text)
      else t.fail(`${place} ${text}: ${verdict.status}${'complexity' in verdict ? `, ${verdict.complexity?.summary}` : ''}`)
    }
  }
  await Promise.all([judge(), judge(), judge()])
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(FILE, JSON.stringify([...safe]))
})

/** What was judged before: a judgement takes up to a second, and expressions seldom change. */
const CACHE = new URL('../node_modules/.cache/recheck/', import.meta.url)
const FILE = new URL('safe.json', CACHE)

function readSafe(): Set<string> {
  try {
    return new Set(JSON.parse(readFileSync(FILE, 'utf8')) as string[])
  } catch {
    return new Set()
  }
}

/** Every `pattern` of the schemas in a document. */
function patternsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([name, value]) => (name === 'pattern' && typeof value === 'string' ? [value] : patternsIn(value)))
}

t.test('literals are told from divisions, addresses and comments', async (t) => {
  const text = "const a = b / c / d // x = /no/\nconst u = 'https://x/y', v = /[/]y\\/+/gi.test(u) /* (/no/) */\nreturn /z/"
  t.strictSame(
    literalsIn(text).map(({ source, flags }) => [source, flags]),
    [
      ['[/]y\\/+', 'gi'],
      ['z', ''],
    ],
  )
})
