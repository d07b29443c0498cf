import { randomUUID } from 'node:crypto'
import t from 'tap'
import { bringFile } from '../../../test/helper/bring-file.ts'
import { pdfOf } from '../../../test/helper/file-bytes.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import complaints from '../index.ts'

const BASE = '/v1/business-complaints'

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('business-complaints').length, 6)
})

t.test('营商环境投诉', async (t) => {
  const hub = await build(t, { declarations: [complaints] })
  const post = async (service: string, body: object, as: object = {}) =>
    (await hub.post(`${BASE}/${service}`, { ...as, headers: { 'idempotency-key': randomUUID() }, body })).json()
  const list = async (as: object = {}) => (await hub.get(`${BASE}/complaint-list`, as)).json().data
  const change = {
    complaintLocation: '许昌市魏都区样例小区 3 号商铺',
    complaintDepartment: '12',
    problemDescription: '改为：要求出示指定施工单位的依据。',
    complaintType: '1',
  }

  await t.test('a complaint is filed with its papers, and stands in the list of whose it is', async (t) => {
    const body = {
      complaintLocation: '许昌市政务服务中心',
      complaintDepartment: '02',
      problemDescription: '同一份材料窗口要求提交三次。',
      attachments: [await bringFile(hub, pdfOf(600))],
      complaintType: '1',
      problemKind: '02',
      contactPhone: '13900000000',
      truthDeclaration: '2026-1',
    }
    t.match(await post('complaint-submit', { ...body, complaintType: '2' }), { code: 'HUB_VALIDATION' }, 'a consultation has its own way')
    t.match(await post('complaint-submit', { ...body, attachments: [randomUUID()] }), { code: /^HUB_/ }, 'another’s file is none')
    const { data } = await post('complaint-submit', body)
    t.match(data, { stateName: '已提交' })
    const deadline = Date.now() + 20_000
    while (!(await list()).some(({ problemDescription }: { problemDescription: string }) => problemDescription === body.problemDescription))
      if (Date.now() > deadline) throw new Error('never arrived')
    t.notOk((await list({ person: 2 })).some(({ complaintLocation }: typeof body) => complaintLocation === body.complaintLocation))
  })

  await t.test('one’s own open complaint is changed; an answered one and another’s are refused', async (t) => {
    t.match(await post('complaint-update', { ...change, complaintNumber: 'YSTS2026000077' }), {
      data: { complaintNumber: 'YSTS2026000077', problemDescription: change.problemDescription, state: 'done' },
    })
    for (const complaintNumber of ['YSTS2026000058', 'YSZX2026000080', 'YSTS2026999999', '../../x'])
      t.match(await post('complaint-update', { ...change, complaintNumber }), {
        code: 'HUB_VALIDATION',
        errors: [{ pointer: '/body/complaintNumber' }],
      })
    t.match(await post('complaint-update', { ...change, complaintNumber: 'YSTS2026000031' }, { person: 1, enterprise: 3 }), {
      code: 'HUB_VALIDATION',
      errors: [{ detail: /现在不能选/ }],
    })
  })

  await t.test('an agent sees and deletes the enterprise’s, not his own, and the other way round', async (t) => {
    const agent = { person: 1, enterprise: 3 }
    t.same(
      (await list(agent)).map(({ complaintNumber }: { complaintNumber: string }) => complaintNumber),
      ['YSTS2026000031', 'YSTS2026000058'],
    )
    t.match(await post('complaint-delete', { complaintNumber: 'YSTS2026000077' }, agent), { code: 'HUB_VALIDATION' })
    t.match(await post('complaint-delete', { complaintNumber: 'YSTS2026000058' }, agent), { data: { state: 'done' } })
    t.match(await post('complaint-delete', { complaintNumber: 'YSTS2026000058' }), { code: 'HUB_VALIDATION' })
  })
})
