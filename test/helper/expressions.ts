import { globSync, readFileSync } from 'node:fs'

export interface Expression {
  source: string
  flags: string
  /** Where it was first seen. */
  place: string
}

const ROOT = new URL('../../', import.meta.url)
/** Apart from the kit, which reads what authors of connectors wrote, and tests. */
const SOURCES = ['{core,plugins,config}/**/*.ts', 'connectors/*/!(test)/*.ts', 'connectors/*/*.ts']

/** Every regular expression literal in the hub's sources. */
export function literalExpressions(): Expression[] {
  return globSync(SOURCES, { cwd: ROOT }).flatMap((path) => {
    const text = readFileSync(new URL(path, ROOT), 'utf8')
    return literalsIn(text).map(({ source, flags, at }) => ({ source, flags, place: `${path}:${text.slice(0, at).split('\n').length}` }))
  })
}

// A string, a template without expressions in it, a comment; or a slash where a value may begin and what follows it up to the closing one.
const TOKEN =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=(?:[(,=:[!&|?{;]|\breturn|=>)\s*)\/((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([dgimsuvy]*)(?![a-z/])/g

export function literalsIn(text: string): { source: string; flags: string; at: number }[] {
  return [...text.matchAll(TOKEN)].flatMap(({ 1: source, 2: flags = '', index }) => (source ? [{ source, flags, at: index }] : []))
}

/** The hub's own code, or Ajv with the patterns of its schemas. */
const OURS = /node_modules\/ajv\/|^(?!.*node_modules)/

/** Every expression that is made of text while `work` runs: patterns of schemas, of dates, of settings. */
export async function madeExpressions(work: () => Promise<unknown>): Promise<Expression[]> {
  const made: Expression[] = []
  const own = globalThis.RegExp
  globalThis.RegExp = new Proxy(own, {
    construct(target, args: [string | RegExp, string?], newTarget) {
      const expression = Reflect.construct(target, args, newTarget) as RegExp
      const caller = new Error().stack?.split('\n')[2] ?? ''
      if (OURS.test(caller)) made.push({ source: expression.source, flags: expression.flags, place: caller.trim() })
      return expression
    },
  })
  try {
    await work()
  } finally {
    globalThis.RegExp = own
  }
  return made
}
