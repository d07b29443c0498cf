import t from 'tap'
import type { PersonPortrait } from '../../plugins/sandbox/portraits.ts'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { type Target, targets } from '../helper/targets.ts'

t.test('the list of invented people says what the hub answers', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const run = cli(settings)
  const { people, enterprises } = JSON.parse((await run('people', '--json')).out) as { people: PersonPortrait[]; enterprises: object[] }
  t.same(
    people.map(({ role }) => role),
    ['系统管理员', '运营人员', '审计员', null, null, null, null, null],
  )
  t.same(
    people.map((person) => person.enterprises),
    [[1, 2, 3], [2], [3], [], [], [], [], []],
  )
  t.match(enterprises, [{ people: [1] }, { people: [1, 2] }, { people: [1, 3] }])
  const short = (await run('people')).out.split('\n')
  t.ok(short.length <= people.length + enterprises.length + 5, `${short.length} lines`)
  t.match(short, [/^1 {2}\S+ {2}[男女] {2}\d+ 岁 {2}\w{18} {2}系统管理员 {2}可代单位 1、2、3$/])
  t.ok(short.some((line) => /^单位 2 {2}.*经办人：1、2$/.test(line)))
  t.match((await run('people', '--all')).out, /用户编号[\s\S]*项服务有记录[\s\S]*单位 1[\s\S]*项服务有记录/)
  const third = await run('people', '3')
  t.match(third.out, /^3 {2}欧阳试之 {2}男 {2}6\d 岁[\s\S]*封存[\s\S]*没有记录：.*co-borrowers/)
  t.match(await run('people', '9'), { code: 2, err: /1 至 8/ })

  const hub = await build(t, { store: settings })
  // Those that a person may ask without typing anything, or binding an account first.
  const plain = [...hub.app.services.values()].filter(
    ({ connector, contract, needsAccount }) =>
      contract.audience === 'person' &&
      !contract.submission &&
      !needsAccount &&
      connector.accounts === undefined &&
      Object.values(contract.inputs).every(({ notes }) => notes.fact || !notes.required),
  )
  t.ok(plain.length > 15, `${plain.length} services`)
  for (const { index, holdings } of people) {
    const told = new Map(
      holdings.flatMap(({ connector, with: having, without }) => [
        ...having.map((id): [string, boolean] => [`${connector}.${id}`, true]),
        ...without.map((id): [string, boolean] => [`${connector}.${id}`, false]),
      ]),
    )
    for (const { key, connector, contract } of plain) {
      const has = told.get(key)
      if (has === undefined) continue
      const reply = await hub.get(`/v1/${connector.id}/${contract.id}`, { person: index })
      // Of several records one has to be chosen (409), which takes several.
      const found =
        reply.statusCode === 409 || (reply.statusCode === 200 && (!Array.isArray(reply.json().data) || reply.json().data.length > 0))
      if (reply.statusCode !== 400) t.equal(found, has, `${key} of person ${index}: ${reply.statusCode}`)
      if (key === 'housing-fund.personal-account' && found) {
        const { personalAccountStatus } = reply.json().data
        const own = holdings.find((each) => each.connector === connector.id)
        t.match(own?.states, [`个人账户状态：${personalAccountStatus.name}`])
      }
    }
  }
})
