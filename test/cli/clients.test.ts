import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cli, type Result } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { call } from '../helper/identity.ts'
import { verdict } from '../helper/queries.ts'
import { type Target, targets } from '../helper/targets.ts'

const RENT = ['--name', '安居租房', '--purpose', '租房提取时核对身份', '--redirect', 'https://rent.example/callback']
const BOTH = ['--grant', 'authorization_code', '--grant', 'client_credentials']

t.test('applications on the command line, beside a hub that runs', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const hub = await build(t, { store: settings })
  const hubOn = cli(settings)
  // One after the other: in one process nobody waits for a lock that another command holds.
  let last: Promise<unknown> = Promise.resolve()
  const run = (...args: string[]): Promise<Result> => {
    const next = last.then(() => hubOn('clients', ...args, ...(args.length > 1 && args[0] !== 'show' ? ['--reason', '试'] : [])))
    last = next
    return next
  }
  const credentials = async (id: string, secret: string) => {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    const reply = await hub.app.inject({ method: 'POST', url: '/oauth/token', headers, payload: 'grant_type=client_credentials' })
    return reply.json().error ?? 'ok'
  }
  const secretOf = ({ out }: Result) => /^密钥（只显示这一次）：([\w-]{43})$/m.exec(out)?.[1] ?? ''
  const icon = join(settings.DATA_DIR, 'icon.png')
  writeFileSync(icon, Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(16)]))

  const [added, native, wrong, verb] = await Promise.all([
    run('add', 'rent', ...RENT, ...BOTH, '--scope', 'openid real-name', '--scope', 'housing-fund', '--icon', icon),
    run('add', 'parking', ...RENT, '--kind', 'native', '--redirect', 'com.example.parking:/callback', '--sector', 'a.example'),
    run('add', 'Rent', '--name', '租', '--purpose', '核对', '--redirect', 'http://rent.example/', '--scope', 'all', '--grant', 'implicit'),
    run('remove', 'rent'),
  ])
  const secret = secretOf(added)

  await t.test('what was registered works at once', async (t) => {
    t.match(added, { code: 0, out: /^应用编号：rent$/m })
    t.equal(await credentials('rent', secret), 'ok')
    t.match((await call(hub, 'GET', '/admin/clients/rent')).json().data, {
      ...{
        name: '安居租房',
        kind: 'web',
        trusted: false,
        scopes: ['openid', 'real-name', 'housing-fund'],
        icon: /^data:image\/png;base64,/,
      },
    })
    t.match(native, { code: 0, out: /没有密钥/ })
    t.match((await call(hub, 'GET', '/admin/clients/parking')).json().data, {
      ...{ kind: 'native', sector: 'a.example', redirectUris: ['https://rent.example/callback', 'com.example.parking:/callback'] },
    })
  })

  await t.test('mistakes are named by what was typed', async (t) => {
    t.match(wrong, { code: 1, out: '' })
    for (const named of ['应用编号：', '--name：', '--purpose：', '--redirect 第 1 项：', '--scope 第 1 项：', '--grant 第 1 项：'])
      t.match(wrong.err, named)
    t.match(verb, { code: 2, err: /clients 的动作/ })
  })

  const [rotated, changed, app] = await Promise.all([
    run('rotate', 'rent', '--yes'),
    run('change', 'parking', '--name', '便民停车', '--redirect', 'com.example.parking:/back'),
    run('add', 'city-app', '--name', '城市应用', '--purpose', '为用户调用各部门服务', '--grant', 'token-exchange', '--trusted'),
  ])

  await t.test('a new secret is the only one; trust comes from here alone', async (t) => {
    t.equal(rotated.code, 0)
    t.equal(await credentials('rent', secret), 'invalid_client')
    t.equal(await credentials('rent', secretOf(rotated)), 'ok')
    t.equal(changed.code, 0)
    t.equal(app.code, 0)
    t.match((await call(hub, 'GET', '/admin/clients/city-app')).json().data, {
      ...{ trusted: true, grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] },
    })
    t.same(verdict(await call(hub, 'POST', '/admin/clients/city-app/rotate', { body: { purpose: '更换' } })), [403, 'HUB_ROLE_REQUIRED'])
  })

  const [disabled, shown, unknown, list] = await Promise.all([
    run('disable', 'rent', '--yes'),
    run('show', 'parking'),
    run('enable', 'nobody'),
    run('--json'),
  ])

  await t.test('stopped is stopped', async (t) => {
    t.match(disabled, { code: 0, out: /已停用：rent/ })
    t.equal(await credentials('rent', secretOf(rotated)), 'invalid_client')
    t.match(unknown, { code: 1, err: /没有这个应用/ })
    t.match(shown.out, /^名称：便民停车$/m)
    t.match(shown.out, /^回调地址：com.example.parking:\/back$/m)
  })

  await t.test('every act stands in the audit log, no secret stands anywhere', async (t) => {
    const listed = (JSON.parse(list.out) as { id: string }[]).filter(({ id }) => !id.startsWith('agency-'))
    t.match(listed, [{ id: 'city-app' }, { id: 'parking' }, { id: 'rent' }, ...Array(3).fill({ id: /^sandbox-/ })])
    t.notMatch(list.out, /secret|data:image/)
    const rows: { record: string }[] = await hub.app.database('audit_rows').where('service', 'like', 'clients.%').select('record')
    const records = rows.map(({ record }) => JSON.parse(record) as { service: string; target: string; app: string; purpose: string })
    const acts = records.filter(({ app }) => app.startsWith('cli:'))
    t.same(acts.map(({ service, target }) => `${service} ${target}`).sort(), [
      ...['clients.change parking', 'clients.disable rent', 'clients.register city-app', 'clients.register parking'],
      ...['clients.register rent', 'clients.rotate rent'],
    ])
    for (const { purpose } of acts) t.match(purpose, /^命令行/)
    const text = JSON.stringify([rows, await hub.app.database('oauth_clients')]) + shown.out + list.out + hub.logged()
    for (const each of [secret, secretOf(app), secretOf(rotated)]) t.notOk(each === '' || text.includes(each))
  })
})

t.test('a partner’s application is taken to a sandbox of its own', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  await (await build({ teardown: () => undefined }, { store: settings })).app.close()
  const run = cli(settings)
  const file = join(settings.DATA_DIR, 'application.json')
  const registration = {
    ...{ id: 'app-0123456789abcdef', name: '安居租房', purpose: '租房提取时核对身份', redirectUris: ['https://rent.example/callback'] },
    ...{ scopes: ['openid', 'offline_access', 'real-name'], sector: 'app-0123456789abcdef', idTokenAlg: 'ES256' },
    // As applications of partners have them.
    grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange'],
  }
  const keep = (content: unknown) => writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  const take = (...args: string[]) => run('clients', 'import', file, ...args, '--reason', '联调')
  keep({ data: { ...registration, trusted: true }, meta: {} })
  const taken = await take('--redirect', 'http://localhost:5173/callback')
  t.match(taken, { code: 0, out: /应用编号：app-0123456789abcdef\n密钥（只显示这一次）：[\w-]{43}/ })
  const shown = async () => JSON.parse((await run('clients', 'show', registration.id, '--json')).out)
  t.match(await shown(), { trusted: false, scopes: registration.scopes, redirectUris: [/rent/, 'http://localhost:5173/callback'] })
  keep({ ...registration, name: '安居' })
  t.match(await take(), { code: 0, out: '已按登记修改：app-0123456789abcdef，密钥不变' })
  t.match(await shown(), { name: '安居', redirectUris: ['https://rent.example/callback'] })

  for (const [content, said] of [
    [{ ...registration, grantTypes: ['authorization_code'], name: '换过的' }, /授权方式不同/],
    [{ ...registration, sector: 'elsewhere', idTokenAlg: 'RS256', name: '换过的' }, /专属编号的范围、ID 令牌的签名算法不同/],
    [{ ...registration, name: '\u001b[2J换过的' }, /--name/],
    [`{"__proto__":${JSON.stringify(registration)}}`, /不是能力开放平台下载的登记/],
    [' '.repeat(2_000_000), /太大/],
    ['{', /不是 JSON/],
    ['null', /不是能力开放平台下载的登记/],
    [{ ...registration, scopes: 'all' }, /\/scopes/],
    [{ ...registration, scopes: ['all'] }, /--scope/],
  ] as const) {
    keep(content)
    t.match(await take(), { code: /[12]/, err: said })
  }
  t.match(await shown(), { name: '安居', redirectUris: ['https://rent.example/callback'] }, 'nothing of it was taken')
  t.match(await run('clients', 'import', join(settings.DATA_DIR, 'none'), '--reason', '联调'), { code: 2, err: /ENOENT/ })
  t.match(await run('clients', 'import', '/dev/zero', '--reason', '联调'), { code: 2, err: /不是文件/ }, 'one that has no end')
})
