import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type ConnectorDeclaration, codeList, field, input, service } from '../../../../core/connector.ts'
import { people } from '../../../../plugins/sandbox/people.ts'
import { build } from '../../../helper/hub.ts'
import { transfer, transfers } from '../../../helper/transfer.ts'

const BASE = '/v1/waterworks/transfer'
const { contract } = transfer
const household = input.verified('户号', 'account.externalId', { code: 'hh' })
const meter = input.text('表号', { code: 'bh', required: true, field: 'meter' })
const purposes = codeList('test', { '1': '自用', '2': '养老' })
const purpose = input.choice('用途', purposes, { code: 'yt', required: true, field: 'purpose' })

/** 过户 of a meter of one's own, for the old only where it is for the old; the company issues a letter. */
const declaration = {
  ...transfers,
  services: [
    ...transfers.services.filter(({ contract: { id } }) => id !== 'transfer'),
    service({
      ...{ section: '0', audience: 'person', identity: 'real-name', timeoutMs: 2000, rate: { max: 1000, perSeconds: 60 } },
      id: 'meters',
      name: '水表查询',
      kind: 'list',
      inputs: { account: household },
      fields: { meter: field.text('表号', { code: 'bh' }) },
    }),
    {
      ...transfer,
      contract: {
        ...contract,
        // Drawing a letter takes a busy machine its time.
        timeoutMs: 8000,
        inputs: { ...contract.inputs, meter, purpose },
        fields: {
          ...contract.fields,
          meter: field.text('表号', { code: 'bh' }),
          purpose: field.code('用途', purposes, { code: 'yt' }),
          letter: field.files('受理通知书', { code: 'tzs' }),
        },
        files: { sid: 'waterworks.files', parameter: 'wjbh' },
        submission: {
          ...contract.submission,
          ages: [{ when: { purpose: ['2'] }, from: 60, words: '养老用途须年满 60 周岁' }],
          against: { service: 'meters', by: { meter: 'meter' } },
          change: { sid: 'waterworks.transfer-change', when: ['reviewing'], inputs: { meter, purpose } },
        },
      },
    },
  ],
  sandbox: {
    ...transfers.sandbox,
    meters: ({ index }) => [{ bh: `M${index}` }, { bh: `N${index}` }],
    transfer: ({ index }) => [{ tzs: [{ wjbh: `TZS${index}`, wjmc: '受理通知书.pdf', wjlx: 'application/pdf' }] }],
  },
} as ConnectorDeclaration

t.test('filings under an account of one’s own', async (t) => {
  const hub = await build(t, {
    declarations: [declaration],
    sandboxTiming: { progressStepMs: 600_000 },
    jobs: { sweepMs: 50, pace: { baseMs: 20, settleMs: 400 } },
  })
  const bind = (index: number, externalId: string) =>
    hub.app.accounts.store.bind({
      ...{ userId: people[index - 1]?.id ?? '', connector: 'waterworks', externalId },
      ...{ unionId: null, level: 'real-name', by: 'id-match' },
    })
  const send = async (method: 'POST' | 'PATCH', url: string, payload: object, person = 1) =>
    hub.app.inject({
      ...{ method, url, payload },
      headers: { authorization: `Bearer ${await hub.token({ person, face: true })}`, 'idempotency-key': randomUUID() },
    })
  const body = { phone: '13900000000', meter: 'M1', purpose: '1' }
  const first = await bind(1, '10000001')
  await bind(2, '10000002')
  t.match((await send('POST', BASE, { ...body, purpose: '2' })).json(), { code: 'HUB_FILING_UNFIT', detail: /年满 60/ })
  t.match((await send('POST', BASE, { ...body, meter: 'M2' })).json(), { code: 'HUB_VALIDATION' })
  const filed = await send('POST', BASE, body)
  t.equal(filed.statusCode, 202, filed.body)
  const url = `${BASE}/${filed.json().data.id}`
  const read = async () => (await hub.get(url)).json().data
  while ((await read()).state !== 'reviewing') await sleep(20)

  await t.test('what would have been refused at first is refused as a change', async (t) => {
    t.match((await send('PATCH', url, { meter: 'M1', purpose: '2' })).json(), {
      ...{ status: 409, code: 'HUB_FILING_UNFIT', detail: '养老用途须年满 60 周岁' },
    })
    const other = await send('PATCH', url, { meter: 'M2', purpose: '1' })
    t.match(other.json(), { status: 400, code: 'HUB_VALIDATION', errors: [{ pointer: '/body/meter', detail: /表号 M1；表号 N1/ }] })
    t.match((await send('PATCH', url, { meter: 'M1', purpose: '2' }, 2)).json(), { code: 'HUB_NO_RECORD' }, 'another’s is none')
    t.same(await hub.app.database('submission_acts'), [], 'and nothing was begun')
    // Bound to another household since: it is still asked under the one that it was filed with.
    await hub.app.accounts.store.unbind(people[0]?.id ?? '', first.id)
    await bind(1, '10000009')
    t.equal((await send('PATCH', url, { meter: 'N1', purpose: '1' })).statusCode, 202)
  })

  await t.test('its files come under the account that it was filed with, to whoever filed it', async (t) => {
    const [letter] = (await read()).letter
    const file = await hub.get(letter.href)
    t.equal(file.statusCode, 200, file.body)
    t.equal(file.headers['content-type'], 'application/pdf')
    t.match((await hub.get(letter.href, { person: 2 })).json(), { code: 'HUB_FILE_LINK_INVALID' })
    t.notMatch(letter.href, /1000000[19]/)
  })
})
