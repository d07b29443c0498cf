import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { createAnonymiser } from '../../cli/record/anonymise.ts'
import { type Fixture, replay } from '../../cli/record/fixture.ts'
import { checkOf } from '../../core/base/checksums.ts'
import { field } from '../../core/connector.ts'
import { loadConnectors } from '../../plugins/load-connectors.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'
import { cli } from '../helper/cli.ts'
import { copyTree } from '../helper/tree-copy.ts'

const [first, second] = people
const fields = {
  idNumber: field.text('证件号码', { code: ['zjhm', 'sfzh'], mask: 'idNumber', subject: 'person' }),
  name: field.text('姓名', { code: 'xm', mask: 'name' }),
  phone: field.text('手机号', { code: 'sjh', mask: 'phone' }),
  account: field.text('账号', { code: 'zh', mask: 'account' }),
  note: field.text('备注', { code: 'bz' }),
  state: field.text('状态', { code: 'zt' }),
}

const day = fc.date({ min: new Date('1950-01-01'), max: new Date('2005-12-31'), noInvalidDate: true })
/** Numbers of districts in which no stand-in lives. */
const idNumber = fc
  .tuple(fc.constantFrom('110101', '310115', '440305'), day, fc.integer({ min: 100, max: 998 }))
  .map(([place, born, order]) => `${place}${born.toISOString().slice(0, 10).replaceAll('-', '')}${order}`)
  .map((body) => body + checkOf(body))
const phone = fc.integer({ min: 0, max: 99_999_999 }).map((rest) => `139${String(rest).padStart(8, '0')}`)
const name = fc
  .tuple(fc.constantFrom('司马', '诸葛', '赫连'), fc.constantFrom('若水', '长风', '静远'))
  .map(([family, given]) => family + given)

const wide = (text: string) => text.replace(/[0-9A-Z]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0))
const old = (number: string) => number.slice(0, 6) + number.slice(8, 17)
const grouped = (number: string) => `${number.slice(0, 6)} ${number.slice(6, 14)} ${number.slice(14)}`
const spelling = fc.constantFrom(
  (text: string) => text,
  wide,
  grouped,
  (text: string) => text.toLowerCase(),
)
/** Stands for a number that the agency sends as a number of JSON. */
const BARE = 'bare'
const key = fc.constantFrom('zjhm', 'SFZH', 'xm', 'sjh', 'zh', 'bz', 'zt', 'nobody_declared_it', 'message', 'data')

t.test('nothing of the asker survives, however and wherever the agency writes it', async (t) => {
  const who = fc.record({ number: idNumber, mobile: phone, called: name, write: spelling })
  const places = fc.array(fc.tuple(key, fc.nat(8)), { minLength: 1, maxLength: 8 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(who, places, fc.boolean(), ({ number, mobile, called, write }, places, nested) => {
        const values = [
          write(number),
          BARE,
          mobile,
          Number(mobile),
          `${called}的证件是${write(number)}，电话+86${mobile}`,
          `ZH${number}01`,
          called,
          old(number),
          [{ xm: called, zjhm: number }],
        ]
        const row = Object.fromEntries(places.map(([key, at]) => [key, values[at]]))
        const text = JSON.stringify({ code: '0', [number]: 1, data: nested ? [{ list: [row] }] : row }).replaceAll(
          `"${BARE}"`,
          number.endsWith('X') ? `"${number}"` : number,
        )
        const asker = { person: { id: '', name: called, idType: '', idNumber: number }, enterprise: null }
        const clean = JSON.stringify(createAnonymiser(asker, fields).json(text))
        const plain = clean
          .normalize('NFKC')
          .replace(/(?<=\d) (?=\d)/g, '')
          .toUpperCase()
        for (const word of [number, number.slice(0, 17), old(number), mobile, called])
          if (plain.includes(word)) throw new Error(`${word} in ${clean}`)
      }),
      { numRuns: 400, seed: 13 },
    ),
  )
})

t.test('one person has one stand-in, and the answer keeps its form', async (t) => {
  const asker = {
    person: { id: '', name: '司马若水', idType: '', idNumber: '110101199003071234'.slice(0, 17) + checkOf('11010119900307123') },
    enterprise: null,
  }
  const number = asker.person.idNumber
  const clean = (value: unknown) => createAnonymiser(asker, fields, ['a-secret-key']).json(JSON.stringify(value))
  t.same(
    clean({
      code: '0',
      message: '司马若水，a-secret-key',
      data: [
        { zjhm: number, xm: '司马若水', zt: '1', bz: `${number} 与赫连长风`, zh: '6217000012345678', secretNote: '邻居的事', days: 3 },
        { zjhm: `${number.slice(0, 3)}***********${number.slice(-4)}`, xm: '赫连长风', zt: '2', bz: '', zh: null },
        { xm: '诸葛静远', neighbours: ['钱七', 42], witness: { called: '孙八', list: [{ said: '李九', xm: '司马若水' }] } },
      ],
    }),
    {
      code: '0',
      message: `${first?.name}，示例`,
      data: [
        {
          zjhm: first?.number,
          xm: first?.name,
          zt: '1',
          bz: `${first?.number} 与${second?.name}`,
          zh: '9999999999999991',
          secretNote: '示例',
          days: 0,
        },
        { zjhm: `${first?.number.slice(0, 3)}***********${first?.number.slice(-4)}`, xm: second?.name, zt: '2', bz: '', zh: null },
        { xm: people[2]?.name, neighbours: ['示例', 0], witness: { called: '示例', list: [{ said: '示例', xm: first?.name }] } },
      ],
    },
  )
  t.throws(() => createAnonymiser(asker, fields).json('<html>司马若水</html>'), SyntaxError)
})

t.test('whose a row is stays known, where only the declaration of the system or the parties say so, and of enterprises', async (t) => {
  const born = '11010119900307123'
  const asker = { person: { id: '', name: '司马若水', idType: '', idNumber: born + checkOf(born) }, enterprise: null }
  const owners = ['AAC147', 'dsr.zjhm2']
  const clean = (value: unknown) => createAnonymiser(asker, fields, [], owners).json(JSON.stringify(value))
  const own = asker.person.idNumber
  t.same(clean({ data: [{ xm: '司马若水', aac147: own, dsr: [{ zjhm2: own, other: 'x' }] }] }), {
    data: [{ xm: first?.name, aac147: first?.number, dsr: [{ zjhm2: first?.number, other: '示例' }] }],
  })

  const [firm] = enterprises
  if (!firm) throw new Error('no enterprise')
  const uscc = '91110000600037341L'
  const ofFirm = { person: null, enterprise: { id: '', name: '某公司', uscc } }
  const shown = { code: field.text('信用代码', { code: 'xydm', subject: 'enterprise' }) }
  t.same(createAnonymiser(ofFirm, shown, [], ['nsrsbh']).json(JSON.stringify({ xydm: uscc, nsrsbh: uscc, nsrmc: '某公司' })), {
    xydm: firm.number,
    nsrsbh: firm.number,
    nsrmc: '示例',
  })
  t.same(createAnonymiser(ofFirm, shown).json(JSON.stringify({ xydm: `91110000******341L` })), {
    xydm: `${firm.number.slice(0, 8)}******${firm.number.slice(-4)}`,
  })
})

t.test('what is recorded is read again as it was, by the test that comes with it', async (t) => {
  const tree = await copyTree()
  t.teardown(tree.remove)
  const record = (...more: string[]) => tree.node(['cli/hub.ts', 'connector', 'record', 'housing-fund', ...more, '--json'])
  const { file, test } = JSON.parse(await record('personal-account', '--person', '2'))
  const text = readFileSync(join(tree.folder, file), 'utf8')
  t.notOk(text.includes(second?.number ?? ''), 'the asker is somebody else')
  const fixture = JSON.parse(text) as Fixture
  t.match(fixture, { service: 'personal-account', asker: 'person', read: { rows: [{ idNumber: /^411\*+000X$/ }], unreadable: [] } })
  t.match(await tree.node([test], { TAP_TIMEOUT: '200' }), /^# \{ total: 1, pass: 1 \}$/m)

  const connector = (await loadConnectors()).find(({ id }) => id === 'housing-fund')
  if (!connector) throw new Error('no housing fund')
  t.same(await replay(connector, fixture), fixture.read)
  const row = (fixture.answer.body as { data: Record<string, unknown> }).data
  row['zjhm'] = second?.number
  t.same(await replay(connector, fixture), { error: 'HUB_UPSTREAM_WRONG_SUBJECT' }, 'a replay checks whose it is')
  writeFileSync(join(tree.folder, file), text)
  rmSync(join(tree.folder, test))

  for (const [id, service] of [
    ['housing-fund', 'co-borrowers'],
    ['tax', 'registered-capital'],
  ] as const) {
    const { read } = JSON.parse(await tree.node(['cli/hub.ts', 'connector', 'record', id, service, '--json'])) as Fixture
    t.match(read, { rows: [{}] }, `${id}.${service}, whose rows say in keys that nobody sees whose they are`)
  }
})

t.test('what cannot be recorded says so, and nothing is written', async (t) => {
  const run = cli({})
  t.match(await run('connector', 'record', 'housing-fund', 'personal-account', '--as', '../x'), { code: 2, err: /只能是小写字母/ })
  t.match(await run('connector', 'record', 'no-such', 'x'), { code: 2, err: /没有 connectors\/no-such/ })
})
