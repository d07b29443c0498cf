import { addDays, type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'

const isUnit = ({ number }: SandboxSubject) => number.startsWith('9')
const day = (text: string) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`

interface Complaint {
  number: string
  type: '1' | '2'
  department: string
  location: string
  problem: string
  daysAgo: number
  /** Null while nobody has answered. */
  reply: string | null
  repliedBy: string
}

/** Of enterprise 3 (penalised five months ago), enterprise 1, and persons 1 and 2. */
const complaints: Readonly<Record<string, readonly Complaint[]>> = {
  'unit-3': [
    {
      number: 'YSTS2026000031',
      type: '1',
      department: '03',
      location: '许昌市魏都区示例路 31 号',
      problem: '一个月内三次上门检查，内容重复，没有出示检查通知。',
      daysAgo: 40,
      reply: '经核实，其中两次检查未使用“综合查一次”。已责令整改，今后同类检查合并进行。',
      repliedBy: '许昌市市场监督管理局',
    },
    {
      number: 'YSTS2026000058',
      type: '1',
      department: '02',
      location: '许昌市政务服务中心',
      problem: '变更登记的材料已齐，超过承诺的办结时间仍未办结。',
      daysAgo: 3,
      reply: null,
      repliedBy: '',
    },
  ],
  'unit-1': [
    {
      number: 'YSZX2026000012',
      type: '2',
      department: '08',
      location: '许昌市建安区样本产业园',
      problem: '吸纳高校毕业生就业的社保补贴怎样申请？',
      daysAgo: 20,
      reply: '可在“许昌市人力资源和社会保障局”网站提交申请，须附劳动合同和社保缴费记录。',
      repliedBy: '许昌市人力资源和社会保障局',
    },
  ],
  'person-1': [
    {
      number: 'YSTS2026000077',
      type: '1',
      department: '12',
      location: '许昌市魏都区样例小区 3 号商铺',
      problem: '商铺报装燃气，口头要求使用指定施工单位。',
      daysAgo: 2,
      reply: null,
      repliedBy: '',
    },
  ],
  'person-2': [
    {
      number: 'YSZX2026000080',
      type: '2',
      department: '03',
      location: '网上办理',
      problem: '个体工商户转企业，原来的食品经营许可证要不要重新办？',
      daysAgo: 9,
      reply: '主体类型变更的，须申请变更食品经营许可，可与登记同时申请。',
      repliedBy: '许昌市市场监督管理局',
    },
  ],
}

function rowOf(subject: SandboxSubject, world: SandboxWorld, complaint: Complaint): SandboxRow {
  const { number, type, department, location, problem, daysAgo, reply, repliedBy } = complaint
  const at = addDays(world.today, -daysAgo)
  return {
    tsbh: number,
    tslx: type,
    tsbm: department,
    tsdd: location,
    wtms: problem,
    tsr: subject.name,
    [isUnit(subject) ? 'qyxydm' : 'tsrzjh']: subject.number,
    blzt: reply === null ? '02' : '04',
    tjsj: `${day(at)} 09:20:00`,
    sfkg: reply === null ? '1' : '0',
    fj: [{ id: `FJ${number}`, name: '情况说明.pdf', mediaType: 'application/pdf' }],
    dfnr: reply,
    dfdw: reply === null ? null : repliedBy,
    dfsj: reply === null ? null : `${day(addDays(at, 6))} 16:05:00`,
  }
}

/** What the app has filed stands there as well. */
function filedRow(subject: SandboxSubject, { reference, params, at, final }: NonNullable<SandboxSubject['filed']>[number]): SandboxRow {
  const submitted = new Date(at + 8 * 3_600_000).toISOString()
  return {
    tsbh: reference,
    tslx: params['tslx'],
    tsbm: params['tsbm'],
    tsdd: params['tsdd'],
    wtms: params['wtms'],
    tsr: subject.name,
    [isUnit(subject) ? 'qyxydm' : 'tsrzjh']: subject.number,
    blzt: final ? '04' : '02',
    tjsj: `${submitted.slice(0, 10)} ${submitted.slice(11, 19)}`,
    sfkg: final ? '0' : '1',
    fj: [],
    dfnr: null,
    dfdw: null,
    dfsj: null,
  }
}

const mine: SandboxRows = (subject, world) => [
  ...(subject.filed ?? []).map((filing) => filedRow(subject, filing)).reverse(),
  ...(complaints[`${isUnit(subject) ? 'unit' : 'person'}-${subject.index}`] ?? []).map((complaint) => rowOf(subject, world, complaint)),
]

/** What an act is done to: one that nobody has answered; the simulator puts in its place what the act says. */
const open: SandboxRows = (subject, world) => mine(subject, world).filter(({ sfkg }) => sfkg === '1')

const taken: SandboxRows = () => [{ dfnr: '经核实，情况属实，已责成有关单位整改。', dfdw: '许昌市营商环境投诉平台' }]

/** The platform's records of the sandbox's invented people and firms, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'complaint-list': mine,
  'complaint-update': open,
  'complaint-delete': open,
  'complaint-submit': taken,
  'consultation-submit': taken,
}
