import t from 'tap'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import rental from '../index.ts'

const BASE = '/v1/housing-rental'

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('housing-rental').length, 8)
})

t.test('住房租赁', async (t) => {
  const { get, app } = await build(t, { declarations: [rental] })
  const ask = async (service: string, query = '', person = 1) => (await get(`${BASE}/${service}${query}`, { person })).json()

  await t.test('contracts are those that one has signed, by number or all', async (t) => {
    const { data } = await ask('contract-query', '', 2)
    t.same(
      data.map(({ contractKind }: { contractKind: { name: string } }) => contractKind.name),
      ['住房租赁合同', '存量房买卖合同', '商品房买卖合同'],
    )
    t.match(data[0], {
      contractAmount: 14_400,
      signatories: [
        { partyRole: { name: '出租人' }, partyName: /^甄/ },
        { partyRole: { name: '承租人' }, partyName: '赵*安' },
      ],
    })
    t.match(await ask('contract-query', '?contractNumber=XCZL2026000018', 4), { data: [{ contractName: '住房租赁合同' }] })
    t.match(await ask('contract-query', '?contractNumber=XCZL2026000018', 1), { data: [] }, 'another’s number finds nothing')
    t.equal((await app.inject(`${BASE}/contract-query`)).statusCode, 401)
  })

  await t.test('whoever wants a contract says which; another’s is not found', async (t) => {
    t.match(await ask('contract-download'), { code: 'HUB_SEVERAL_RECORDS', choices: { parameter: 'contractNumber' } })
    const { data } = await ask('contract-download', '?contractNumber=XCWQ2019000001')
    const [{ href }] = data.contractAttachment
    const file = await get(href, { person: 1 })
    t.match(file.headers['content-type'], /pdf/)
    t.not((await get(href, { person: 3 })).statusCode, 200)
    t.match(await ask('contract-download', '?contractNumber=XCWQ2025000006'), { code: 'HUB_NO_RECORD' })
  })

  await t.test('a certificate of 网签备案 is for the kind of sale that it was, and can be verified', async (t) => {
    t.match(
      await ask('existing-housing-filing-certificate', '?contractNumber=XCWQ2019000001', 1),
      { code: 'HUB_NO_RECORD' },
      'bought from a developer',
    )
    t.match(await ask('existing-housing-filing-certificate', '?contractNumber=XCWQ2016000003', 2), {
      data: { contractNumber: 'XCWQ2016000003', totalPrice: 520_000 },
    })
    const paper = await get(`${BASE}/new-housing-filing-certificate?contractNumber=XCWQ2021000002&format=pdf`, { person: 1 })
    t.match(paper.headers['content-type'], /pdf/)
  })
})
