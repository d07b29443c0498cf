import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type ConnectorDeclaration, input } from '../../../../core/connector.ts'
import { people } from '../../../../plugins/sandbox/people.ts'
import { bringFile } from '../../../helper/bring-file.ts'
import { pdfOf, png, sha256 } from '../../../helper/file-bytes.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { targets } from '../../../helper/targets.ts'
import { transfer, transfers } from '../../../helper/transfer.ts'

const userId = people[0]?.id ?? ''
const KB = 1024

const { contract } = transfer
const { submission } = contract
if (!submission?.cancel) throw new Error('no transfer that can be cancelled')
const papers = { mediaTypes: ['application/pdf'], maxBytes: 64 * KB }

/** 过户 with a deed, photographs and, to take it back, a further paper. */
const withPapers: ConnectorDeclaration['services'][number] = {
  ...transfer,
  contract: {
    ...contract,
    inputs: {
      ...contract.inputs,
      deed: input.file('买卖合同', { codes: ['cl.htnr', 'cl.htmc'], required: true, ...papers }),
      photos: input.list('照片', input.file('照片', { codes: ['zp'], mediaTypes: ['image/png'], maxBytes: 64 * KB }), {
        code: 'zp',
        max: 2,
      }),
    },
    submission: { ...submission, cancel: { ...submission.cancel, inputs: { more: input.file('补充材料', { codes: ['bc'], ...papers }) } } },
  },
}

const declaration: ConnectorDeclaration = {
  ...transfers,
  services: transfers.services.map((each) => (each === transfer ? withPapers : each)),
}

/** What the simulated agency has on file. */
function filed({ app }: Hub): { act?: string; params: Record<string, unknown> }[] {
  const lines = readFileSync(join(app.settings.DATA_DIR, 'sandbox-filings.jsonl'), 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

for (const target of targets) {
  t.test(`${target.name}: a filing takes its papers along, whole, and holds them until it has ended`, async (t) => {
    const hub = await build(t, { target, declarations: [declaration], sandboxTiming: { progressStepMs: 2000 }, jobs: { sweepMs: 50 } })
    const { database, accounts } = hub.app
    await accounts.store.bind({
      userId,
      connector: 'waterworks',
      externalId: '10000001',
      unionId: null,
      level: 'real-name',
      by: 'id-match',
    })
    const file = (body: object, key: string = randomUUID()) =>
      hub.post('/v1/waterworks/transfer', { body: { phone: '13900000000', ...body }, headers: { 'idempotency-key': key } })
    const remove = async (id: string) =>
      hub.app.inject({ method: 'DELETE', url: `/v1/me/files/${id}`, headers: { authorization: `Bearer ${await hub.token()}` } })

    const bytes = pdfOf(50 * KB)
    const deed = await bringFile(hub, bytes, { name: '../买卖合同.pdf' })
    const photo = await bringFile(hub, png, { mediaType: 'image/png', name: '门.png' })
    const foreign = await bringFile(hub, bytes, { person: 2 })
    const large = await bringFile(hub, pdfOf(65 * KB))
    const refusals: [string, object, string][] = [
      ['somebody else’s', { deed: foreign }, '/body/deed'],
      ['one that there never was', { deed: randomUUID() }, '/body/deed'],
      ['no id at all', { deed: '../../etc/passwd' }, '/body/deed'],
      ['another type', { deed: photo }, '/body/deed'],
      ['too large', { deed: large }, '/body/deed'],
      ['none', {}, '/body/deed'],
      ['good, and one that is not', { deed, photos: [photo, foreign] }, '/body/photos/1'],
      ['one for two', { deed, photos: [photo, deed] }, '/body/photos/1'],
    ]
    for (const [what, body, pointer] of refusals) {
      const answer = await file(body)
      t.match([answer.statusCode, answer.json().code], [400, 'HUB_VALIDATION'], what)
      t.ok(
        answer.json().errors.some((error: { pointer: string }) => error.pointer === pointer),
        `${what}: ${pointer}`,
      )
    }
    t.equal((await database('submissions')).length, 0, 'nothing half-done')
    t.equal((await database('files').whereNotNull('attached_to')).length, 0)

    const key = randomUUID()
    const accepted = await file({ deed, photos: [photo] }, key)
    t.equal(accepted.statusCode, 202, accepted.body)
    const { id, statusUrl } = accepted.json().data
    t.equal((await file({ deed, photos: [photo] }, key)).json().data.id, id, 'repeated, it is the same')
    const elsewhere = await file({ deed })
    t.match([elsewhere.statusCode, elsewhere.json().errors[0].detail], [400, /已用于另一项申请/])
    const kept = await remove(deed)
    t.match([kept.statusCode, kept.json().code], [409, 'HUB_FILE_STATE'])
    t.equal((await hub.get(`/v1/me/files/${deed}`)).json().data.attachedTo, `submission:${id}`)

    const reaches = async (wanted: string) => {
      for (let state = ''; state !== wanted; await sleep(20)) state = (await hub.get(statusUrl)).json().data.state
    }
    await reaches('reviewing')
    t.match(filed(hub), [{ params: { cl: { htnr: `sha256:${sha256(bytes)}`, htmc: '买卖合同.pdf' }, zp: [`sha256:${sha256(png)}`] } }])

    const more = pdfOf(20 * KB)
    const further = await bringFile(hub, more)
    const cancel = (body: object) => hub.post(`${statusUrl}/cancel`, { body, headers: { 'idempotency-key': randomUUID() } })
    t.match((await cancel({ more: foreign })).json(), { code: 'HUB_VALIDATION', errors: [{ pointer: '/body/more' }] })
    // Not over before anybody looks.
    hub.app.sandbox?.faults.set({ kind: 'slow', sid: 'waterworks.transfer-cancel', ms: 1000, times: 1 })
    const taken = await cancel({ more: further })
    t.equal(taken.statusCode, 202, taken.body)
    t.equal((await remove(further)).statusCode, 409)
    await reaches('withdrawn')
    t.match(filed(hub), [{}, { act: 'cancel', params: { bc: `sha256:${sha256(more)}` } }])
    t.equal((await remove(deed)).statusCode, 204, 'it has ended')
    t.notMatch(hub.logged(), /买卖合同/)
  })
}
