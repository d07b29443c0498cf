import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** Asked with the hub's own key: the list is the same for everybody, and nobody needs an account there to read it. */
const items = service({
  id: 'high-frequency-items',
  name: '高频事项',
  section: '1.4.14',
  kind: 'catalog',
  inputs: { itemKind: input.choice('事项类别', lists.itemKinds, { code: 'sxlb', field: 'itemKind' }) },
  fields: {
    itemNumber: field.text('事项编号', { code: 'sxbh', required: true }),
    itemName: field.text('事项名称', { code: 'sxmc', required: true }),
    itemKind: field.code('事项类别', lists.itemKinds, { code: 'sxlb' }),
    assuranceLevel: field.code('认证级别', lists.assuranceLevels, { code: 'rzjb' }),
    serviceHours: field.text('服务时间', { code: 'fwsj' }),
    materials: field.text('所需材料', { code: 'sxcl' }),
    handlingTime: field.text('办理时限', { code: 'blsx' }),
    handlingUnit: field.text('办理单位', { code: 'bldw' }),
    itemState: field.code('事项状态', lists.itemStates, { code: 'sxzt' }),
  },
  upstream: { path: 'items' },
})

export const itemServices = [items]
