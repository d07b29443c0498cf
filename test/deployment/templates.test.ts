import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { haproxy, makeCertificate } from '../../bench/haproxy.ts'
import { listSettings } from '../../config/settings.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, 'docs/deployment')
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const known = new Set(listSettings().map(({ name }) => name))
const unit = read('hub@.service')
const [folder] = [mkdtempSync(join(tmpdir(), 'hub-templates-'))]
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** Seconds that a text of systemd or compose names. */
const secondsOf = (text: string) => Number(/^(\d+)s?$/.exec(text)?.[1])
const said = (text: string, name: string) => new RegExp(`^\\s*${name}[= ](.*)$`, 'm').exec(text)?.[1] ?? ''
const usual = (name: string) => Number(listSettings().find((setting) => setting.name === name)?.default)

t.test('HAProxy takes its file, and hears of a process that leaves before that takes no more calls', { skip: !haproxy }, async (t) => {
  const check = (file: string) =>
    execFileSync(haproxy ?? '', ['-c', '-f', file], { env: { HUB_CERTIFICATE: makeCertificate(folder) }, stdio: 'pipe' })
  t.doesNotThrow(() => check(join(FOLDER, 'haproxy.cfg')))
  const broken = join(folder, 'broken.cfg')
  writeFileSync(broken, read('haproxy.cfg').replace('balance leastconn', 'balance leastcon'))
  t.throws(() => check(broken), /leastcon/, 'and a mistake would be seen')

  const text = read('haproxy.cfg')
  const [, inter, fall] = /inter (\d+)s .*fall (\d+)/.exec(text) ?? []
  t.ok(Number(inter) * Number(fall) < Number(said(read('hub.env'), 'DRAIN_SECONDS')), 'DRAIN_SECONDS outlasts the checks')
  t.ok(secondsOf(said(text, 'timeout http-keep-alive')) < usual('KEEP_ALIVE_SECONDS'), 'the proxy lets go of connections first')
  t.ok(secondsOf(said(text, 'timeout server')) > usual('IDLE_TIMEOUT_SECONDS'), 'and waits longer than the hub')
  t.match(text, /disable-l7-retry unless \{ method GET HEAD \}/, 'a POST is never sent twice')
})

t.test('systemd takes the unit, and finds little that it may do', { skip: !existsSync('/usr/bin/systemd-analyze') }, (t) => {
  const analyze = (...args: string[]) => execFileSync('/usr/bin/systemd-analyze', args, { encoding: 'utf8', stdio: 'pipe' })
  // What it names is on the machines that it is made for.
  const file = join(folder, 'hub@.service')
  writeFileSync(file, unit.replace('/opt/hub/node_modules/.bin/node', process.execPath).replace('/usr/bin/curl', process.execPath))
  t.doesNotThrow(() => analyze('verify', file))
  t.match(analyze('security', '--offline=true', '--no-pager', '--threshold=20', file), /Overall exposure level .*: 1\.\d OK/)
  t.end()
})

t.test('whoever stops the hub waits as long as it may take', (t) => {
  const longest = usual('STOP_SECONDS') + Number(said(read('hub.env'), 'DRAIN_SECONDS'))
  t.ok(secondsOf(said(unit, 'TimeoutStopSec')) > longest + 30)
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, { stop_grace_period?: string }> }
  t.ok(secondsOf(services['hub1']?.stop_grace_period ?? '') > longest + 30)
  t.end()
})

t.test('compose: two processes, each with what it needs and no right that it does not', (t) => {
  interface Service {
    environment?: Record<string, string>
    secrets?: string[]
    depends_on?: unknown
    cap_drop?: string[]
    read_only?: boolean
    command?: string[]
  }
  const file = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service>; secrets: object; volumes: object }
  t.same(Object.keys(file.services), ['hub1', 'hub2', 'haproxy', 'mysql', 'redis'])
  for (const name of ['hub1', 'hub2']) {
    const { environment = {}, ...hub } = file.services[name] as Service
    t.match(hub, { read_only: true, cap_drop: ['ALL'] }, name)
    t.same(
      Object.keys(environment).filter((setting) => !known.has(setting)),
      [],
      'it sets what there is to set',
    )
  }
  for (const [name, { secrets = [] }] of Object.entries(file.services))
    for (const secret of secrets) t.ok(secret in file.secrets, `${name} is given ${secret}`)
  const proxied = file.services['haproxy']?.environment ?? {}
  for (const name of Object.keys(proxied)) t.match(read('haproxy.cfg'), `"\${${name}-`, `haproxy.cfg heeds ${name}`)
  t.ok(file.services['redis']?.command?.includes('noeviction'))
  t.notMatch(read('compose.yaml'), /MYSQL_PASSWORD: /, 'no password stands in it')
  t.end()
})

t.test('the settings of the templates are settings', (t) => {
  const named = [...read('hub.env').matchAll(/^#?([A-Z_0-9]+)=/gm)].map(([, name]) => name ?? '')
  const inUnit = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, list = '']) =>
    list.split(' ').map((pair) => pair.split('=')[0] ?? ''),
  )
  t.ok(named.length > 12 && inUnit.includes('PORT'))
  t.same(
    [...named, ...inUnit].filter((name) => !known.has(name) && name !== 'NODE_COMPILE_CACHE'),
    [],
  )
  t.end()
})

t.test('the container has every room that the hub is made of', (t) => {
  const copied = [...read('Containerfile').matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, from = '']) => from.split(' '))
  // What is for developers alone.
  const left = new Set(['bench', 'docs', 'test', 'node_modules', 'dist'])
  const rooms = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !left.has(entry.name))
    .map(({ name }) => name)
  t.same(
    [...rooms, 'app.ts', 'server.ts', 'package.json'].filter((name) => !copied.includes(name)),
    [],
  )
  t.same(
    copied.filter((name) => !existsSync(join(ROOT, name))),
    [],
    'and names nothing that is not there',
  )
  t.match(read('Containerfile'), /^CMD \["node",/m, 'Node hears the signal itself')
  t.end()
})
