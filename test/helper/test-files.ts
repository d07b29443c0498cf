import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Every test, by the patterns of tap's own configuration; paths from the root. */
export function testFiles(): string[] {
  const patterns = [...readFileSync(resolve(ROOT, '.taprc'), 'utf8').matchAll(/^ {2}- "(.+\.test\.ts)"$/gm)].map(
    ([, pattern = '']) => pattern,
  )
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort()
}

/**
 * Long trials: crashes, loads, whole systems, browsers, compilers. `npm test` leaves them to `--all`, which is what CI runs. With about the
 * seconds of a processor that they take there: the longest come first, and a clean checkout has measured none yet.
 */
export const TRIALS: Readonly<Record<string, number>> = {
  'test/plugins/kinds/order/crash.test.ts': 200,
  'test/cli/backup.test.ts': 72,
  'test/plugins/routes/no-leaks.test.ts': 62,
  'test/bench/overload.test.ts': 56,
  'test/cli/changes.test.ts': 52,
  'test/conformance/connectors.test.ts': 52,
  'test/conformance/connectors-too.test.ts': 51,
  'test/plugins/routes/id-spelling.test.ts': 50,
  'test/plugins/agency-accounts/renewal.test.ts': 48,
  'test/deployment/two-processes.test.ts': 46,
  'test/plugins/kinds/filing/crash.test.ts': 44,
  'test/bench/requests.test.ts': 40,
  'test/plugins/routes/hall/every-service.test.ts': 40,
  'test/connectors/folder.test.ts': 33,
  'test/plugins/kinds/booking/rush.test.ts': 33,
  'test/cli/connector-new.test.ts': 30,
  'test/docs/first-hour.test.ts': 60,
  'test/connectors/connectors.test.ts': 21,
  'test/plugins/routes/portal/pages-browser.test.ts': 20,
  'test/plugins/openapi/client.test.ts': 17,
  'test/plugins/users/administration.test.ts': 17,
  'test/plugins/sandbox/faults-breaker.test.ts': 16,
  'test/cli/store.test.ts': 15,
  'test/plugins/kinds/document/pdf.test.ts': 15,
  'test/conformance/conformance.test.ts': 14,
  'test/plugins/routes/console/browser.test.ts': 14,
  'test/plugins/routes/hall/kinds-browser.test.ts': 14,
  'test/plugins/overload.test.ts': 13,
  'test/plugins/routes/hall/browser.test.ts': 13,
  'test/conformance/accounts.test.ts': 12,
  'test/plugins/routes/payment-browser.test.ts': 12,
  'test/cli/dev.test.ts': 11,
  'test/migrations/expansion.test.ts': 11,
  'test/plugins/sandbox/lives.test.ts': 11,
  'test/plugins/kinds/document/signature.test.ts': 10,
  'test/plugins/routes/admin-guard.test.ts': 10,
  'test/cli/people.test.ts': 9,
  'test/plugins/address-limit.test.ts': 9,
  'test/plugins/agency-accounts/revocation.test.ts': 9,
  'test/plugins/kinds/filing/supplement.test.ts': 9,
  'test/bench/orders.test.ts': 8,
  'test/cli/first-steps.test.ts': 8,
  'test/plugins/kinds/filing/callbacks.test.ts': 8,
  'test/plugins/kinds/principals.test.ts': 8,
  'test/plugins/operations/reindex.test.ts': 8,
  'test/plugins/routes/me-uploads.test.ts': 8,
  'test/plugins/routes/console/details-browser.test.ts': 8,
  'test/cli/trouble.test.ts': 7,
  'test/plugins/kinds/filing/account.test.ts': 7,
}

const IMPORT = /^(?:import|export)\b(?! type)[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm
/** What a hub, a store or a server is made of. */
const HEAVY = /^(?:fastify|knex|mysql2|bull|ioredis|undici|oidc-provider|node:(?:http|net|sqlite|worker_threads))\b/
/** A second opinion (openssl) costs little; a hub in a process of its own or the compiler does not. */
const RUNS_NODE = /\bexecPath\b|\bfork\(|'npx'|\btsc\b/

/**
 * The rule of `npm run test:unit`: what a test imports, also by way of others, that makes a hub, a store, a server or a
 * process of Node; null for a pure one.
 */
export function heavyImport(file: string, seen = new Set<string>()): string | null {
  const path = resolve(ROOT, file)
  if (seen.has(path)) return null
  seen.add(path)
  const text = readFileSync(path, 'utf8')
  for (const [, from, bare, later] of text.matchAll(IMPORT)) {
    const target = from ?? bare ?? later ?? ''
    if (HEAVY.test(target) || (target === 'node:child_process' && RUNS_NODE.test(text))) return `${relative(ROOT, path)} imports ${target}`
    const found = target.startsWith('.') && !target.endsWith('/') ? heavyImport(resolve(dirname(path), target), seen) : null
    if (found) return found
  }
  return null
}
