import { relative } from 'node:path'
import { sections } from '../plugins/routes/console/sections/index.ts'
import { build } from './helper/hub.ts'
import { PICTURES, type Picture, pictures } from './helper/pictures.ts'
import { ROOT } from './helper/test-files.ts'

/**
 * `node test/pictures.ts`, after all tests: whether every page that the hub draws was looked at in a browser (`inspect` in
 * test/helper/chromium.ts), on a phone and on a desktop, and one service of each kind. → exit code 1 where not.
 */
const seen = pictures()
const { routes, kinds } = await whatThereIs()
const missing = [
  ...routes.flatMap((route) => lacking(route, ({ path }) => matches(route, path))),
  ...kinds.flatMap((kind) => lacking(`kind ${kind}`, ({ name }) => name === `kind-${kind}`)),
  ...sections.flatMap(({ path }) => lacking(path, (picture) => picture.path === path)),
]
console.log(`${seen.length} pictures of pages in ${relative(ROOT, PICTURES)}`)
for (const line of missing) console.log(`not looked at: ${line}`)
process.exit(missing.length > 0 || seen.length === 0 ? 1 : 0)

function lacking(what: string, is: (picture: Picture) => boolean): string[] {
  return ['phone', 'desktop']
    .filter((device) => !seen.some((picture) => picture.look.startsWith(device) && is(picture)))
    .map((device) => `${what} (${device})`)
}

/** What answers a browser's GET without being a page: data, files, and ways that lead on. */
function isNoPage(route: string): boolean {
  return /^\/(v1|admin|health|openapi|\.well-known)\b|\*|\.js$|\/(json|file|export|state|start|found|sandbox)$|^\/go\/.*\/open$/.test(route)
}

/** Routes of pages, `/hall/:connector/:service` …, once each, and the kinds of which there is a service. */
async function whatThereIs(): Promise<{ routes: string[]; kinds: string[] }> {
  const teardowns: (() => Promise<unknown>)[] = []
  const { app } = await build({ teardown: (work) => void teardowns.unshift(work) })
  const all = readTree(app.printRoutes({ commonPrefix: false }))
  const kinds = new Set([...app.services.values()].map(({ contract }) => contract.kind))
  for (const work of teardowns) await work()
  const own = all.map((route) =>
    route.replace(/^\/go\/[^:/]+\/[^/]+$/, '/go/:connector/:service').replace(/^(\/oauth\/agencies\/)[^/]+/, '$1:connector'),
  )
  const routes = [...new Set(own)].filter((route) => !isNoPage(route)).concat('/v1/verify/:code', '/v1/receipts/:code')
  return { routes, kinds: [...kinds] }
}

/** Paths of GET in what Fastify prints of its routes. */
function readTree(tree: string): string[] {
  const above: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent, part = '', methods = ''] = /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? []
    if (indent === undefined) return []
    const depth = indent.length / 4
    above.length = depth
    const path = above.join('') + part
    above[depth] = part
    return methods.split(', ').includes('GET') ? [path] : []
  })
}

/** A page with an address of its own is none of those that have an id in its place. */
function matches(route: string, path: string): boolean {
  if (route !== path && routes.includes(path)) return false
  return new RegExp(`^${route.replace(/[.]/g, '\\.').replace(/:[A-Za-z]+/g, '[^/]+')}/?$`).test(path)
}
