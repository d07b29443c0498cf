import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { certified, IMAGES, listed, queried, searched, use } from './policies.ts'

const ofEnterprise = { audience: 'enterprise', identity: 'authorised-agent' } as const

const query = {
  section: '1.4.6.1',
  kind: 'query',
  rows: 'many',
  files: IMAGES,
  inputs: {
    keyword: input.text('关键字', { code: 'GJZ', maxLength: 50 }),
    licenseType: input.choice('证照类型', lists.licenseTypes, { code: 'ZZLXDM', field: 'licenseType' }),
  },
  fields: queried,
  upstream: use('电子证照查询'),
} as const

const personLicenseQuery = service({ ...query, id: 'person-license-query', name: '电子证照查询（个人）' })
const enterpriseLicenseQuery = service({ ...query, ...ofEnterprise, id: 'enterprise-license-query', name: '电子证照查询（法人）' })

const search = {
  section: '1.4.6.2',
  kind: 'list',
  document: { title: '电子证照检索结果' },
  files: IMAGES,
  inputs: {
    licenseName: input.text('证照名称', { code: 'ZZMC', maxLength: 50 }),
    keyAttribute: input.text('关键属性', { code: 'GJSX', maxLength: 50 }),
  },
  fields: searched,
  upstream: use('电子证照检索'),
} as const

const personLicenseSearch = service({ ...search, id: 'person-license-search', name: '证照检索（个人）' })
const enterpriseLicenseSearch = service({ ...search, ...ofEnterprise, id: 'enterprise-license-search', name: '证照检索（法人）' })

const list = { section: '1.4.6.3', kind: 'list', files: IMAGES, inputs: {}, fields: listed, upstream: use('电子证照列表') } as const

const personLicenseList = service({ ...list, id: 'person-license-list', name: '电子证照列表（个人持有）' })
const enterpriseLicenseList = service({
  ...list,
  ...ofEnterprise,
  id: 'enterprise-license-list',
  name: '电子证照列表（已绑定企业的法人证照）',
})

const certificates = {
  section: '1.4.6.5',
  kind: 'query',
  rows: 'many',
  document: { title: '证书查询结果' },
  files: IMAGES,
  inputs: {},
  fields: certified,
  // 证书 among the licences: what says that somebody is able, not that something is allowed.
  upstream: { constants: { ...use('证书查询').constants, ZZFL: '2' } },
} as const

const personCertificates = service({ ...certificates, id: 'person-certificate-query', name: '证书查询（个人）' })
const enterpriseCertificates = service({ ...certificates, ...ofEnterprise, id: 'enterprise-certificate-query', name: '证书查询（企业）' })

/** The platform's own record of uses (用证记录), of the person or of the enterprise that is acted for. */
const recentLicenses = service({
  section: '1.4.6.1',
  kind: 'list',
  rows: 'one',
  single: '最近查询的证照列在一条答复中',
  agents: true,
  id: 'recent-licenses',
  name: '最近查询的证照历史',
  inputs: {},
  fields: {
    recentLicenses: field.list(
      '最近查询的证照历史',
      {
        licenseName: field.text('证照名称', { code: 'ZZMC' }),
        licenseNumber: field.text('证照编号', { code: 'ZZBH' }),
        issuingAuthority: field.text('颁发机构', { code: 'ZZBFJG' }),
        lastViewedAt: field.datetime('最近查看时间', { code: 'YZSJ' }),
      },
      { code: 'YZJL', required: true },
    ),
  },
  upstream: use('用证记录查询'),
})

export const listServices = [
  personLicenseQuery,
  enterpriseLicenseQuery,
  recentLicenses,
  personLicenseSearch,
  enterpriseLicenseSearch,
  personLicenseList,
  enterpriseLicenseList,
  personCertificates,
  enterpriseCertificates,
]
