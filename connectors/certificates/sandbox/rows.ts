import { addDays, addMonths, type SandboxRow, type SandboxRows } from '../../../core/connector.ts'

/** Invented firms. The builder is that of 信用许昌, the developer that of 不动产, the owner the sandbox's enterprise 1. */
const firms = {
  owner: { name: '许昌示例制造有限公司', code: '91411000MA0000015J' },
  builder: { name: '许昌拟定建筑工程有限公司', code: '91411000MA0000101T' },
  developer: { name: '许昌示例房地产开发有限公司', code: '91411000MA00003016' },
  municipal: { name: '许昌样例市政工程有限公司', code: '91411000MA00003029' },
  surveyor: { name: '许昌拟定工程勘察有限公司', code: '91411000MA0000303C' },
  designer: { name: '许昌拟定建筑设计院有限公司', code: '91411000MA0000304F' },
  reviewer: { name: '许昌示例施工图审查中心', code: '91411000MA0000305J' },
  supervisor: { name: '许昌样本工程监理有限公司', code: '91411000MA0000306M' },
  pharmacy: { name: '许昌拟定制药有限公司', code: '91411000MA0000307Q' },
  herbs: { name: '禹州示例中药饮片有限公司', code: '91411081MA00003086' },
} as const

const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
/** The day so many months ago, in the same month of every year it is asked. */
const monthsAgo = (today: string, months: number, day: number) => addDays(`${addMonths(today.slice(0, 6), -months)}01`, day - 1)
/** A validity of as many years ends the day before. */
const after = (day: string, years: number) => addDays(`${Number(day.slice(0, 4)) + years}${day.slice(4)}`, -1)

/** Nobody's numbers: women's order is 000, men's 999 (plugins/sandbox/people.ts). */
const constructors = [
  {
    name: '陈拟筑',
    sex: '1',
    number: '411002198604129996',
    firm: firms.builder,
    subject: '建筑工程、市政公用工程',
    months: 14,
    state: '1',
  },
  { name: '褚样安', sex: '2', number: '411003199008230001', firm: firms.builder, subject: '建筑工程', months: 5, state: '1' },
  { name: '卫示工', sex: '1', number: '411025198811309994', firm: firms.builder, subject: '机电工程', months: 40, state: '5' },
  { name: '沈拟桥', sex: '2', number: '411082199502170003', firm: firms.municipal, subject: '市政公用工程', months: 26, state: '2' },
] as const

/** 注册 holds for three years (注册建造师管理规定第十条). */
const constructorRows: SandboxRows = (_subject, { today }) =>
  constructors.map(({ name, sex, number, firm, subject, months, state }, at) => {
    const issued = monthsAgo(today, months, 9 + at)
    const year = issued.slice(0, 4)
    return {
      CZZT: name,
      CZZTDM: number,
      KZ_sex: sex,
      KZ_certClass: '二级',
      KZ_empEnp: firm.name,
      KZ_empEnpCode: firm.code,
      KZ_regNum: `豫241${year}${year}${String(101 + at).padStart(5, '0')}`,
      KZ_specSub: subject,
      ZZBH: `0${year.slice(2)}41${String(3001 + at).padStart(6, '0')}`,
      ZZZT: state,
      ZZYXQJZRQ: dashed(after(issued, 3)),
    }
  })

interface Part {
  readonly firm: { readonly name: string; readonly code: string }
  readonly level: string
  readonly serial: string
  readonly leader: string
}

const survey: Part = { firm: firms.surveyor, level: '工程勘察专业类（岩土工程）乙级', serial: 'B241000301', leader: '韩拟勘' }
const design: Part = { firm: firms.designer, level: '建筑行业（建筑工程）乙级', serial: 'A241000304', leader: '杨示图' }
const review: Part = { firm: firms.reviewer, level: '房屋建筑一类', serial: '豫审41005', leader: '朱样审' }
const supervision: Part = { firm: firms.supervisor, level: '房屋建筑工程监理乙级', serial: 'E241000306', leader: '秦拟监' }

const unit = ({ firm, level, serial, leader }: Part): SandboxRow[] => [
  { dwmc: firm.name, tyshxydm: firm.code, zzdj: level, zzzsbh: serial, xmfzr: leader },
]

const projects = [
  {
    name: '示例小区3号楼',
    place: '许昌市魏都区示例路与样本街交叉口东北角',
    ...{ area: '12600.00', height: '53.40', floors: '18', price: '3654.2180' },
    ...{ owner: firms.developer, contractor: firms.builder, leader: '陈拟筑', months: 7, day: 11, division: '411002' },
  },
  {
    name: '许昌示例制造有限公司智能装备车间',
    place: '许昌市建安区样例工业园虚拟大道88号',
    ...{ area: '8420.50', height: '14.60', floors: '2', price: '1986.0000' },
    ...{ owner: firms.owner, contractor: firms.builder, leader: '褚样安', months: 3, day: 18, division: '411003' },
  },
] as const

/** Weights of the id number's 17 digits (GB 11643). */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** Division, day, kind and serial: 18 digits in the very form of an id number. The serial is one that makes it none. */
function permitNumber(division: string, issued: string): string {
  const body = `${division}${issued}020`
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(body[at]), 0)
  return body + (sum % 11 === 0 ? '2' : '1')
}

const permitRows: SandboxRows = (_subject, { today }) =>
  projects.map(({ name, place, area, height, floors, price, owner, contractor, leader, months, day, division }) => {
    const issued = monthsAgo(today, months, day)
    return {
      ZZBH: permitNumber(division, issued),
      ZZBFJG: division === '411002' ? '许昌市住房和城乡建设局' : '许昌市建安区住房和城乡建设局',
      ZZBFRQ: dashed(issued),
      ZZZT: '1',
      KZ_prjName: name,
      KZ_buildAddr: place,
      KZ_area: area,
      KZ_height: height,
      KZ_floors: floors,
      KZ_contractPrice: price,
      KZ_buildCorpName: owner.name,
      KZ_buildCorpCode: owner.code,
      KZ_consCorpName: contractor.name,
      KZ_consCorpCode: contractor.code,
      KZ_consCorpLeader: leader,
      KZ_econCorps: unit(survey),
      KZ_designCorps: unit(design),
      KZ_drawingCorps: unit(review),
      KZ_superCorps: unit(supervision),
    }
  })

const designRows: SandboxRows = (_subject, { today }) => {
  const first = monthsAgo(today, 33, 6)
  const second = monthsAgo(today, 14, 20)
  const firm = {
    CZZT: firms.designer.name,
    CZZTDM: firms.designer.code,
    ZZBFJG: '河南省住房和城乡建设厅',
    ZZZT: '1',
    KZ_regCapital: '600.0000',
    KZ_estDate: '2012-04-18',
    KZ_address: '许昌市魏都区样本大道虚拟大厦12层',
    KZ_legalRep: '何拟定',
    KZ_unitLeader: '吕示范',
    KZ_buildLeader: '杨示图',
  }
  return [
    {
      ...firm,
      ZZBH: 'A241000304',
      ZZYXQJZRQ: dashed(after(first, 5)),
      KZ_quaLevel: '建筑行业（建筑工程）乙级',
      KZ_quaScope: '可承担建筑工程中型及以下规模的设计及相应的工程总承包、项目管理业务',
      KZ_busiList: [
        { ywmc: '建筑工程设计', ywdj: '乙级', pzrq: dashed(first) },
        { ywmc: '建筑装饰工程设计专项', ywdj: '乙级', pzrq: dashed(first) },
      ],
    },
    {
      ...firm,
      ZZBH: 'A341000311',
      ZZYXQJZRQ: dashed(after(second, 5)),
      KZ_quaLevel: '风景园林工程设计专项乙级',
      KZ_quaScope: '可承担中型及以下规模风景园林工程设计',
      KZ_busiList: [{ ywmc: '风景园林工程设计', ywdj: '乙级', pzrq: dashed(second) }],
    },
  ]
}

/** A licence holds for five years (药品管理法第四十一条). Its number keeps the year in which it was first given. */
const drugRows: SandboxRows = (_subject, { today }) => {
  const licence = (number: string, code: string, place: string, scope: string, months: number, state = '1'): SandboxRow => {
    const issued = monthsAgo(today, months, 14)
    return {
      ...{ ZZBH: number, KZ_flm: code, KZ_scdz: place, KZ_scfw: scope, ZZBFJG: '河南省药品监督管理局', ZZZT: state },
      ZZBFRQ: dashed(issued),
      ZZYXQJZRQ: dashed(after(issued, 5)),
    }
  }
  const led = (head: string, manager: string, quality: string) => ({ KZ_fddbr: head, KZ_qyfzr: manager, KZ_zlfzr: quality })
  return [
    {
      CZZT: firms.pharmacy.name,
      CZZTDM: firms.pharmacy.code,
      KZ_xkzList: [
        {
          ...licence('豫20160307', 'AhzBh', '许昌市建安区样本药业园1号', '片剂、硬胶囊剂、颗粒剂、口服溶液剂', 20),
          ...led('孔拟生', '曹示产', '严样质'),
        },
        { ...licence('豫20110198', 'Ahz', '许昌市魏都区示例街5号', '煎膏剂（膏滋）', 97, '2'), ...led('孔拟生', '曹示产', '华拟检') },
      ],
    },
    {
      CZZT: firms.herbs.name,
      CZZTDM: firms.herbs.code,
      KZ_xkzList: [
        {
          ...licence('豫20200308', 'Y', '禹州市中药示例产业园3号', '中药饮片（净制、切制、炒制、蒸制、煅制）、毒性饮片', 31),
          ...led('金拟药', '魏示草', '陶样材'),
        },
      ],
    },
  ]
}

/** Registers are the same for everybody. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'class-two-constructor-certificate': constructorRows,
  'construction-permit': permitRows,
  'engineering-design-qualification': designRows,
  'drug-production-license': drugRows,
}
