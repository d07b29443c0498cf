import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** The same for everybody, signed in or not. */
const open = { section: '1.4.20', kind: 'catalog', audience: 'public', identity: 'none', cache: { seconds: 300 } } as const
const notarizationCategory = field.code('公证分类', lists.categories, { code: 'gzfl', required: true })
const itemCode = field.text('事项编码', { code: 'sxbm', required: true })
const itemName = field.text('事项名称', { code: 'sxmc', required: true })

/** A row for each category, with its matters. */
const items = service({
  ...open,
  id: 'notarization-items',
  name: '公证服务事项',
  inputs: { notarizationCategory: input.choice('公证分类', lists.categories, { code: 'gzfl', field: 'notarizationCategory' }) },
  fields: {
    notarizationItems: field.list(
      '公证服务',
      {
        itemCode,
        itemName,
        condition: field.text('申请条件', { code: 'sqtj' }),
        fee: field.money('公证费（每件）', { code: 'gzf' }),
        workingDays: field.integer('办理时限（工作日）', { code: 'blsx' }),
      },
      { code: 'gzfw' },
    ),
    notarizationCategory,
    itemCount: field.integer('事项数', { code: 'sxs' }),
  },
  upstream: { path: 'items', method: 'GET' },
})

/** A row for each matter: what has to be brought, as a form each. An application names a matter out of this list. */
const checklist = service({
  ...open,
  id: 'material-checklist',
  name: '标准化材料清单',
  inputs: { itemCode: input.text('事项编码', { code: 'sxbm', field: 'itemCode', maxLength: 8 }) },
  fields: {
    materialChecklist: field.list(
      '材料清单',
      {
        materialName: field.text('材料名称', { code: 'clmc' }),
        form: field.text('材料形式', { code: 'clxs' }),
        required: field.flag('是否必需', { code: 'sfbx' }),
      },
      { code: 'clqd' },
    ),
    itemCode,
    itemName,
    notarizationCategory,
  },
  upstream: { path: 'items/materials', method: 'GET' },
})

export const catalogueServices = [items, checklist]
