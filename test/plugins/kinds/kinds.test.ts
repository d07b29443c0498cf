import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { kindOf, kinds } from '../../../plugins/kinds/index.ts'
import { build } from '../../helper/hub.ts'

interface Described {
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, { $ref?: string }> }>>
  components: { responses: Record<string, object> }
}

const ROOT = new URL('../../../', import.meta.url)

t.test('the folder is the list of kinds, and each name of a contract has one', async (t) => {
  const folders = readdirSync(new URL('plugins/kinds/', ROOT), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  t.strictSame(
    kinds.map(({ name }) => name),
    folders.map(({ name }) => name).sort(),
  )
  const served = kinds.flatMap(({ serves }) => serves)
  t.equal(new Set(served).size, served.length)
  for (const kind of served) t.ok(kindOf({ kind }).serves.includes(kind), kind)
})

t.test('nothing outside its folder knows the kind act, so adding one touches one folder', async (t) => {
  const sources = ['core', 'plugins', 'conformance', 'cli', 'config'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
  const naming = ['app.ts', 'server.ts', ...sources]
    .filter((path) => path.endsWith('.ts') && !path.startsWith('plugins/kinds/act/'))
    .filter((path) => /kinds\/act\b|contract\.act\b|kind\W+'act'/.test(readFileSync(new URL(path, ROOT), 'utf8')))
  t.strictSame(naming, [])
})

t.test(
  'the interface document follows from the rules of kinds: an act takes a key as a filing does, and its answer is the agency’s',
  async (t) => {
    const hub = await build(t)
    const { paths, components } = (await hub.app.inject('/openapi.json')).json() as Described
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
    // Answers that many operations share stand once, by reference.
    const resolve = ({ $ref }: { $ref?: string }) => components.responses[$ref?.split('/').at(-1) ?? ''] ?? {}
    const codesOf = (key: string) =>
      JSON.stringify(Object.values(operations.find(({ operationId }) => operationId === key)?.responses ?? {}).map(resolve))
    const described = [...hub.app.services].map(([key, { contract }]) => ({
      key,
      rules: kindOf(contract),
      // What is kept is done later, but the agency may be asked first whether it can be done.
      asks:
        !kindOf(contract).keeps || [contract.submission?.precheck, contract.submission?.otp, contract.submission?.against].some(Boolean),
      // A way to a page may be begun again, and a code at a gate shown again.
      again: contract.kind === 'jump' || (contract.booking !== undefined && 'does' in contract.booking && contract.booking.does === 'code'),
      codes: codesOf(key),
    }))
    t.ok(described.some(({ rules }) => rules.keeps))
    for (const { key, rules, asks, again, codes } of described) {
      t.equal(codes.includes('HUB_IDEMPOTENCY_CONFLICT'), rules.method === 'POST' && !again, `${key}: a key`)
      t.equal(codes.includes('HUB_UPSTREAM_TIMEOUT'), asks, `${key}: the agency’s failures`)
    }
  },
)
