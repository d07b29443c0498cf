import { defineConnector, envelope, exchange, field, type SandboxRows, service } from '../../core/connector.ts'

/**
 * 企业和个体工商户基本信息, which the hub itself asks when somebody binds an enterprise: a declared service
 * like any other (sandbox, configuration and upstream included), without a route of its own. Field
 * codes: 市监 企业登记 (standards.md §1.3); the codes of the two parameters are this hub's, as nothing public
 * names those of a search by legal representative.
 */
const enterprises = service({
  id: 'enterprises',
  name: '名下企业和个体工商户',
  section: '1.2.1.2.1',
  kind: 'list',
  audience: 'person',
  identity: 'face',
  face: { maxAgeSeconds: 1800, once: false },
  inputs: {},
  fields: {
    uscc: field.text('统一社会信用代码', { code: 'uniscid' }),
    name: field.text('名称', { code: ['entname', 'traname'], required: true }),
    legalRepresentative: field.text('法定代表人或经营者', { code: 'name', required: true }),
    establishedOn: field.date('成立日期', { code: 'estdate' }),
    state: field.text('登记状态', { code: 'regstateCn', required: true }),
  },
  timeoutMs: 5000,
  rate: { max: 20, perSeconds: 60 },
})

/** Who stands behind which of the sandbox's firms, by their indexes. */
const representatives: Readonly<Record<number, readonly number[]>> = { 1: [1, 3], 2: [2] }

const OPEN = '存续（在营、开业、在册）'
const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`

/** Person 5 once was a 个体工商户, whose codes begin with 92 (GB 32100-2015: 9 工商, 2 个体工商户). */
const closed = { uniscid: '92411002L00000046J', entname: '许昌停业示例商行', estdate: '2012-01-09', regstateCn: '注销' }

const sandboxRegister: SandboxRows = ({ index, name }, { firms }) => [
  ...firms
    .filter((firm) => representatives[index]?.includes(firm.index))
    .map((firm) => ({ uniscid: firm.number, entname: firm.name, estdate: dashed(firm.founded), regstateCn: OPEN, name })),
  ...(index === 5 ? [{ ...closed, name }] : []),
]

export default defineConnector({
  id: 'registry',
  internal: true,
  name: '企业登记',
  agency: '许昌市市场监督管理局',
  version: '1.0.0',
  section: '1.2.1.2',
  upstream: {
    dialect: exchange(),
    envelope: envelope.exchange({
      codeKeys: ['code'],
      messageKeys: ['message', 'msg'],
      success: ['0', '00', '200'],
      successWithData: [],
      innerCodeKeys: [],
      empty: [],
      emptyTexts: ['没有数据', '无数据', '查无数据', '未查询到数据'],
      data: ['data.rows', 'data.list', 'datas', 'data', 'rows', ''],
      total: [],
    }),
    subject: { person: { name: 'person.name', cerno: 'person.idNumber' } },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 8,
  },
  services: [enterprises],
  health: { service: 'enterprises', intervalSeconds: 60 },
  sandbox: { enterprises: sandboxRegister },
})
