import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readSettings } from '../../../../config/settings.ts'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import { openPaper } from '../../../../plugins/kinds/document/signing/paper.ts'
import { build } from '../../../helper/hub.ts'
import { call } from '../../../helper/identity.ts'
import { NEVER } from '../../../helper/message-gateway.ts'
import { sealKey } from '../../../helper/seal-key.ts'
import { inOffice } from '../../../helper/second-person.ts'

const CERTIFICATE = '/v1/medical-insurance/personal-insurance-certificate-printing?format=pdf'
const DAY_MS = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'hub-seal-term-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const { settings: env } = sealKey(folder, 'ec', 100)

t.test('a certificate that ends while the hub runs signs no more, and whoever can renew it has been told', async (t) => {
  let days = 0
  const now = () => Date.now() + days * DAY_MS
  const hub = await build(t, { env, declarations: [medicalInsurance], jobs: { sealing: { now } }, messagesPace: { sweepMs: NEVER } })
  await hub.app.schedules.begin()
  await inOffice(hub, 5)
  await inOffice(hub, 6, 'auditor')
  const issued = async () => Number((await hub.app.database('issued_documents').count({ n: '*' }).first())?.['n'])
  const seal = async () => (await hub.get('/health')).json().checks.seal
  /** What person 5 is told on that day. */
  async function told(person = 5) {
    await hub.app.schedules.hasten('documents.seal')
    await hub.app.schedules.work('documents.seal')
    await hub.app.messages.settle()
    const { data } = (await call(hub, 'GET', '/v1/me/messages?unread=true', { person })).json()
    await call(hub, 'POST', '/v1/me/messages/read-all', { person })
    return data.map(({ title }: { title: string }) => title)
  }

  t.match(await seal(), [{ status: 'pass', observedValue: 99, observedUnit: 'days', validUntil: String }])
  t.equal((await hub.get(CERTIFICATE)).statusCode, 200)
  t.same(await told(), [])

  days = 75
  t.match(await seal(), [{ status: 'warn', observedValue: 24 }])
  t.equal((await hub.get('/health/ready')).statusCode, 200, 'the hub takes calls all the same')
  t.match(await told(), [/^电子签章证书将于 \d{4}-\d\d-\d\d 到期$/])
  t.same(await told(), [], 'once')
  t.same(await told(6), [], 'auditors renew nothing')
  t.match(hub.logged(), /电子签章的证书即将到期/)
  t.equal((await hub.get(CERTIFICATE)).statusCode, 200, 'it still signs')

  days = 95
  t.match(await told(), [/将于/], 'and once more in the last week')

  days = 101
  const before = await issued()
  const refused = await hub.get(CERTIFICATE)
  t.match(refused.json(), { status: 503, code: 'HUB_SEAL_EXPIRED', detail: /证书不在有效期内/ })
  t.equal(await issued(), before, 'nothing was issued')
  t.match((await hub.get(CERTIFICATE.replace('?format=pdf', ''))).statusCode, 200, 'the data can be read')
  t.match(await seal(), [{ status: 'warn', observedValue: 0 }])
  t.equal((await hub.get('/health/ready')).statusCode, 200)
  t.match(await told(), ['电子签章证书不在有效期内'])

  days = -1
  t.match((await hub.get(CERTIFICATE)).json(), { code: 'HUB_SEAL_EXPIRED' }, 'nor before its time, by a clock that is wrong')
})

t.test('a hub does not start with what is over, or not in force yet', async (t) => {
  const open = (days: number) => () =>
    openPaper(readSettings({ DATA_DIR: folder, ...env }), false, { warn: () => undefined }, () => Date.now() + days * DAY_MS)
  t.throws(open(101), /a certificate has expired/)
  t.throws(open(-1), /not valid yet/)
  t.equal(open(75)().term()?.state, 'ending')
  t.equal(open(0)().term()?.state, 'in-force')
})
