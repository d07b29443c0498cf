import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** → why the code in a folder could not be loaded, with the file and line of it where the error tells. */
export function importTrouble(error: unknown, folder: string): string {
  const place = placeOf(error, folder)
  return place === null ? wordsOf(error) : `${wordsOf(error)} (${place})`
}

/** The first place in the folder that stands in the stack: of a syntax error its head names one, in no frame. */
function placeOf(error: unknown, folder: string): string | null {
  try {
    if (!(error instanceof Error)) return null
    const real = realpathSync(folder)
    const roots = [`${real}/`, `${pathToFileURL(real).pathname}/`]
    for (const line of String(error.stack).split('\n')) {
      const root = roots.find((each) => line.includes(each))
      const [place] = root === undefined ? [] : (/^[^:\s]+:\d+/.exec(line.slice(line.indexOf(root) + root.length)) ?? [])
      if (place !== undefined) return place
    }
    return null
  } catch {
    return null
  }
}

/** → what was thrown, in words. Anything may be thrown, also what throws when it is looked at. */
export function wordsOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'it threw what cannot be read'
  }
}
