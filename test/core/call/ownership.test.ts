import fc from 'fast-check'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { isIdNumber, normalIdNumber } from '../../../core/base/checksums.ts'
import { foldKey } from '../../../core/base/keys.ts'
import { compileOwnership, compileSourceParties } from '../../../core/call/ownership.ts'
import { field } from '../../../core/connector.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { buildRegistry } from '../../../plugins/registry.ts'
import { worldAt } from '../../../plugins/sandbox/world.ts'
import { inventIdNumber } from '../../helper/identity.ts'

const OWN = '41100219900101000X'
const OTHER = '110101199003070011'
const USCC = '91411000MA0000015J'
const person = { id: 'p', name: '贾明', idType: '01', idNumber: OWN }
const asker: Asker = { person, enterprise: null }
const agent: Asker = { person, enterprise: { id: 'e', name: '许昌示例制造有限公司', uscc: USCC } }

const fields = { idNumber: field.text('证件号码', { code: ['zjhm', 'sfzh'], mask: 'idNumber', subject: 'person' }) }
const isOwn = compileOwnership(fields, { person: ['AAC_147'], enterprise: ['tyshxydm'] })

t.test('what an agency may write for the asker', async (t) => {
  const forms = [OWN, '41100219900101000x', '４１１００２１９９００１０１０００Ｘ', ` ${OWN} `, '411002900101000', 411002900101000]
  const masked = [
    '411***********000X',
    '411002********000x',
    '41100219900101****',
    '＊＊＊＊＊＊＊＊９００１０１＊＊＊＊',
    '411002****01000',
  ]
  for (const zjhm of [...forms, ...masked]) t.ok(isOwn({ zjhm }, asker), String(zjhm))
  for (const row of [{}, { zjhm: null }, { zjhm: '' }, { zjhm: ' ', ye: 1 }])
    t.ok(isOwn(row, asker), 'a row that is silent answers the question')
  for (const row of [{ ZJHM: OWN }, { zj_hm: OWN }, { zjhm: OWN, ZJHM: OWN }, { zjhm: null, sfzh: OWN }, { aac147: OWN }])
    t.ok(isOwn(row, asker), JSON.stringify(row))
})

t.test('what proves nothing is refused', async (t) => {
  const values: unknown[] = [
    OTHER,
    Number(OTHER),
    Number('411002199001010001'),
    [OWN],
    [OTHER],
    { number: OWN },
    true,
    false,
    0,
    '--',
    'null',
    '无',
  ]
  const masked = [
    '******************',
    '*',
    '4****************X',
    '411002************',
    '4110021990********',
    '411***********0000',
    '***************',
    '4110**',
    `${OWN}*`,
  ]
  for (const zjhm of [...values, ...masked]) t.notOk(isOwn({ zjhm }, asker), JSON.stringify(zjhm))
  const rows = [
    { ZJHM: OTHER },
    { zj_hm: OTHER },
    { zjhm: OWN, ZJHM: OTHER },
    { zjhm: null, ZJHM: OTHER },
    { zjhm: null, ZJHM: OWN },
    { ZJHM: '', zjhm: OWN },
    { zjhm: OWN, sfzh: OTHER },
    { zjhm: OWN, aac147: OTHER },
    { IdNumber: OTHER },
  ]
  for (const row of rows) t.notOk(isOwn(row, asker), JSON.stringify(row))
})

t.test('an agent asks for the enterprise', async (t) => {
  t.ok(isOwn({ tyshxydm: USCC, AAC147: OTHER }, agent))
  t.ok(isOwn({ TYSHXYDM: ` ${USCC.toLowerCase()}` }, agent))
  t.ok(isOwn({ tyshxydm: '91**********00015J' }, agent))
  for (const tyshxydm of ['91411000MA0000023D', '911411000*********', '******************', [USCC], 914110001])
    t.notOk(isOwn({ tyshxydm }, agent))
})

t.test('parties are named for certain', async (t) => {
  const isParty = compileSourceParties(['qlr.zjh'])
  t.ok(isParty({ QLR: [{ zjh: OTHER }, { Z_JH: '41100219900101000x' }] }, asker))
  for (const zjh of ['******************', [[OTHER]], { OWN }, Number(OTHER), null])
    t.notOk(isParty({ qlr: [{ zjh }] }, asker), JSON.stringify(zjh))
  t.notOk(isParty({}, asker))
})

const day = fc.date({ min: new Date('1930-01-01'), max: new Date('1999-12-31'), noInvalidDate: true })
const number = day.map((date) => inventIdNumber(date.toISOString().slice(0, 10).replaceAll('-', '')))
const spelling = fc.constantFrom('zjhm', 'ZJHM', 'zj_hm', 'Zjhm', 'sfzh', 'SFZH', 'idNumber', 'ID_NUMBER', 'aac147', 'AAC_147')
const masking = fc.record({ number, hidden: fc.uniqueArray(fc.nat(17), { maxLength: 18 }) })
const mask = ({ number, hidden }: { number: string; hidden: number[] }) =>
  [...number].map((character, at) => (hidden.includes(at) ? '*' : character)).join('')

t.test('no record goes out unless its owner is the asker for certain', async () => {
  const value = fc.oneof(number, fc.constantFrom(OWN, null, '', OTHER), fc.jsonValue(), masking.map(mask), fc.integer())
  const record = fc.dictionary(fc.oneof(spelling, fc.string()), value, { maxKeys: 6 })
  const owners = new Set(['zjhm', 'sfzh', 'idNumber', 'AAC_147'].map(foldKey))
  fc.assert(
    fc.property(record, (row) => {
      if (!isOwn(row, asker)) return true
      return Object.entries(row).every(([key, held]) => {
        if (!owners.has(foldKey(key)) || held === null || (typeof held === 'string' && held.trim() === '')) return true
        if (typeof held === 'string' && held.includes('*')) return [...held].every((each, at) => each === '*' || each === OWN[at])
        return (typeof held === 'string' || Number.isSafeInteger(held)) && normalIdNumber(String(held)) === OWN
      })
    }),
    { numRuns: 3000 },
  )
})

t.test('a mask that shows enough is the asker’s alone', async (t) => {
  fc.assert(
    fc.property(number, masking, (idNumber, masked) => {
      const given = mask({ ...masked, number: idNumber })
      const shown = [...given].filter((each, at) => at >= 8 && each !== '*').length
      return isOwn({ zjhm: given }, { person: { ...person, idNumber }, enterprise: null }) === shown >= 4
    }),
  )
  t.ok(isIdNumber(OWN))
})

t.test('a declared service withholds and shows accordingly', async (t) => {
  const service = buildRegistry([housingFund], {}, kinds).services.get('housing-fund.personal-account')
  const subject = { index: 1, name: person.name, number: OWN }
  const [row = {}] = housingFund.sandbox['personal-account']?.(subject, worldAt(Date.now())) ?? []
  const answer = (zjhm: unknown) => {
    const read = service?.map({ ...row, zjhm }, asker)
    return read && service?.mask(read)['idNumber']
  }
  for (const zjhm of [OWN, '411002900101000', '41100219900101000x', '４１１００２１９９００１０１０００Ｘ'])
    t.equal(answer(zjhm), '411***********000X', zjhm)
  for (const zjhm of [OTHER, [OTHER], { zjhm: OWN }, true, '******************'])
    t.throws(() => answer(zjhm), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' }, JSON.stringify(zjhm))
})
