import { divisions, field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { open, pages } from './policies.ts'

const keyword = input.text('关键词', { code: 'keyword' })
const get = { ...pages, method: 'GET' } as const

const policies = service({
  ...open,
  retry: { attempts: 1 },
  id: 'policies',
  name: '医保政策查询',
  section: '1.4.5.1',
  kind: 'catalog',
  audience: 'public',
  inputs: { keyword, policyCategory: input.choice('政策类别', lists.policyCategories, { code: 'plcy_type', field: 'policyCategory' }) },
  fields: {
    policyTitle: field.text('政策标题', { code: 'plcy_name', required: true }),
    policyCategory: field.code('政策类别', lists.policyCategories, { code: 'plcy_type' }),
    documentNumber: field.text('文号', { code: 'doc_no' }),
    issuingAgency: field.text('发布机构', { code: 'iss_org' }),
    publicationDate: field.date('发布日期', { code: 'iss_date' }),
    effectiveDate: field.date('施行日期', { code: 'exec_date' }),
    summary: field.text('内容摘要', { code: 'abst' }),
  },
  upstream: get,
})

const knowledge = service({
  ...open,
  retry: { attempts: 1 },
  id: 'knowledge',
  name: '医保知识',
  section: '1.4.5.1',
  kind: 'catalog',
  audience: 'public',
  inputs: {
    keyword,
    knowledgeCategory: input.choice('知识类别', lists.policyCategories, { code: 'know_type', field: 'knowledgeCategory' }),
  },
  fields: {
    knowledgeTitle: field.text('知识标题', { code: 'know_name', required: true }),
    knowledgeCategory: field.code('知识类别', lists.policyCategories, { code: 'know_type' }),
    content: field.text('内容', { code: 'cont' }),
    source: field.text('来源', { code: 'src_org' }),
    publicationDate: field.date('发布日期', { code: 'iss_date' }),
  },
  upstream: get,
})

const health = { ...pages, system: 'health' } as const
const region = input.choice('所在地区', divisions, { code: 'admdvs' })
const address = field.text('地址', { code: ['fixmedins_addr', 'addr'] })
const contactInfo = field.text('联系方式', { code: ['tel', 'conr_tel'] })

/** Addresses and telephones of institutions are there to be known, so nothing is masked. */
const designatedHospitals = service({
  ...open,
  id: 'designated-hospitals',
  name: '定点医院查询',
  section: '1.4.5.13',
  kind: 'list',
  audience: 'person',
  inputs: { region, treatmentNeed: input.text('就诊需求', { code: 'med_need' }) },
  fields: {
    hospitalName: field.text('医院名称', { code: 'fixmedins_name', required: true }),
    address,
    contactInfo,
    medicalServiceItems: field.list(
      '医疗服务项目',
      { itemName: field.text('项目名称', { code: 'hilist_name' }), departmentName: field.text('科室', { code: 'dept_name' }) },
      { code: 'serv_item' },
    ),
  },
  upstream: health,
})

const designatedPharmacies = service({
  ...open,
  id: 'designated-pharmacies',
  name: '定点药店查询',
  section: '1.4.5.14',
  kind: 'list',
  audience: 'person',
  inputs: { region, drugPurchaseNeed: input.text('购药需求', { code: 'drug_need' }) },
  fields: { pharmacyName: field.text('药店名称', { code: 'fixmedins_name', required: true }), address, contactInfo },
  upstream: health,
})

const drugCatalogue = service({
  ...open,
  id: 'drug-catalogue',
  name: '药品目录查询',
  section: '1.4.5.15',
  kind: 'catalog',
  audience: 'person',
  inputs: { drugName: input.text('药品名称', { code: 'drug_genname' }) },
  fields: {
    drugGenericName: field.text('药品通用名', { code: 'drug_genname', required: true }),
    specification: field.text('规格', { code: 'drug_spec' }),
    dosageForm: field.text('剂型', { code: 'dosform' }),
    manufacturer: field.text('生产厂家', { code: 'prodentp_name' }),
  },
  upstream: health,
})

export const publicServices = [policies, knowledge, designatedHospitals, designatedPharmacies, drugCatalogue]
