import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector'
import { join } from 'node:path'

/**
 * Loaded before everything else in each process of `npm test -- --coverage`: notes what of the hub's own sources ran.
 * What NODE_V8_COVERAGE writes holds every package, too: a hundred times as much.
 */
const folder = process.env['COVERAGE_FOLDER']
if (folder) {
  const root = new URL('../../', import.meta.url).href
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  process.once('exit', () => {
    session.post('Profiler.takePreciseCoverage', (_error, taken: Profiler.TakePreciseCoverageReturnType | undefined) => {
      const own = taken?.result.filter(({ url }) => url.startsWith(root) && !/\/(node_modules|test)\//.test(url)) ?? []
      writeFileSync(
        join(folder, `${randomUUID()}.json`),
        JSON.stringify(own.map(({ url, functions }) => [url.slice(root.length), functions])),
      )
    })
  })
}
