import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { either } from './policies.ts'

/** What the platform fills into a form: who asks, and what stands in their name. */
const info = service({
  ...either,
  id: 'notarization-info',
  name: '公证信息',
  kind: 'query',
  single: '一个主体只有一份公证信息',
  inputs: {},
  fields: {
    personName: field.text('姓名', { code: 'xm', mask: 'party', reveal: true, required: true }),
    assets: field.list(
      '资产',
      {
        assetKind: field.code('资产类别', lists.assetKinds, { code: 'zclb' }),
        assetName: field.text('资产名称', { code: 'zcmc', mask: 'address' }),
        share: field.text('份额', { code: 'fe' }),
      },
      { code: 'zc' },
    ),
    ownership: field.text('权属', { code: 'qs' }),
    caseCount: field.integer('公证办件数', { code: 'bjs' }),
  },
  upstream: { path: 'profile', method: 'GET' },
})

/** The platform's own PDF hangs on it; with `format=pdf` the hub prints what it says of it. */
const certificate = service({
  ...either,
  id: 'notarial-certificate',
  name: '获取公证书',
  kind: 'document',
  document: { title: '公证书信息' },
  key: 'certificateNumber',
  keyWords: ['itemName', 'issuedOn'],
  none: '还没有出具的公证书；办结并缴费后才能获取。',
  files: { sid: 'notary.certificate-file', path: 'certificates/file', parameter: 'wjbh', method: 'GET' },
  inputs: { certificateNumber: input.documentNumber('公证书编号', { code: 'gzsbh', field: 'certificateNumber' }) },
  fields: {
    certificateFile: field.files('公证书', { code: 'gzs' }),
    certificateNumber: field.text('公证书编号', { code: 'gzsbh', required: true }),
    itemName: field.text('公证事项', { code: 'gzsx' }),
    applicantName: field.text('申请人', { code: 'sqrmc', mask: 'party', reveal: true }),
    issuedOn: field.date('出具日期', { code: 'cjrq' }),
    notary: field.text('承办公证员', { code: 'gzy' }),
    copies: field.integer('份数', { code: 'fs' }),
    placeOfUse: field.code('使用地', lists.places, { code: 'syd' }),
  },
  upstream: { path: 'certificates', method: 'GET' },
})

export const recordServices = [info, certificate]
