import { addDays, addMonths, type SandboxRow, type SandboxRows, type SandboxWorld } from '../../../core/connector.ts'

/** Invented firms and people; 92… are 个体工商户. The first three are the sandbox's enterprises. */
const parties = {
  manufacturer: { name: '许昌示例制造有限公司', kind: '0', code: '91411000MA0000015J', head: '甄拟定' },
  trader: { name: '许昌虚拟商贸有限公司', kind: '0', code: '91411000MA0000023D', head: '贾拟名' },
  software: { name: '许昌样本科技有限公司', kind: '0', code: '91411000MA00000318', head: '钱拟真' },
  builder: { name: '许昌拟定建筑工程有限公司', kind: '0', code: '91411000MA0000101T', head: '周示例' },
  carrier: { name: '许昌拟定物流有限公司', kind: '0', code: '91411000MA0000102X', head: '吴示范' },
  restaurant: { name: '魏都区样例餐饮有限公司', kind: '0', code: '91411002MA0000103X', head: '郑样本' },
  chemist: { name: '禹州示例化工有限公司', kind: '0', code: '91411081MA0000104E', head: '王虚设' },
  breeder: { name: '长葛样本养殖专业合作社', kind: '0', code: '91411082MA00001050', head: '冯拟人' },
  shop: { name: '魏都区示例烟酒店', kind: '2', code: '92411002MA00001064', head: '陈样例' },
  driver: { name: '褚示例', kind: '1', code: null, head: null },
} as const
type Party = (typeof parties)[keyof typeof parties]

/** The day so many months ago, in the same month of every year it is asked. */
const monthsAgo = (today: string, months: number, day: number) => addDays(`${addMonths(today.slice(0, 6), -months)}01`, day - 1)
const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
const yearOf = (day: string) => day.slice(0, 4)
const yearsLater = (day: string, years: number) => String(Number(day) + years * 10_000)

const partyOf = (prefix: 'XK' | 'CF', { name, kind, code, head }: Party): SandboxRow => ({
  [`${prefix}_XDR_MC`]: name,
  [`${prefix}_XDR_TYPE`]: kind,
  [`${prefix}_XDR_SHXYM`]: code,
  [`${prefix}_FRDB`]: head,
  shxydm: code ?? '',
})

const licencesGiven: readonly [
  party: Party,
  kind: string,
  name: string,
  content: string,
  agency: string,
  months: number,
  years: number | null,
][] = [
  [parties.restaurant, '1', '食品经营许可证', '热食类食品制售、自制饮品制售', '许昌市魏都区市场监督管理局', 2, 5],
  [parties.shop, '1', '烟草专卖零售许可证', '卷烟、雪茄烟本店零售', '许昌市魏都区烟草专卖局', 3, 5],
  [parties.carrier, '1', '道路运输经营许可证', '道路普通货物运输', '许昌市交通运输局', 4, 4],
  [parties.driver, '3', '经营性道路货物运输驾驶员从业资格证', '经营性道路货物运输驾驶员', '许昌市交通运输局', 5, 6],
  [parties.builder, '1', '安全生产许可证', '建筑施工', '许昌市住房和城乡建设局', 6, 3],
  [parties.builder, '4', '建筑工程施工许可证', '示例小区3号楼，建筑面积12600平方米', '许昌市住房和城乡建设局', 7, null],
  [parties.manufacturer, '1', '排污许可证', '废水、废气排放（简化管理）', '许昌市生态环境局', 8, 5],
  [parties.manufacturer, '4', '特种设备使用登记证', '承压蒸汽锅炉一台', '许昌市市场监督管理局', 11, null],
  [parties.chemist, '1', '危险化学品经营许可证', '带有储存设施经营', '禹州市应急管理局', 12, 3],
  [parties.breeder, '1', '动物防疫条件合格证', '生猪养殖', '长葛市农业农村局', 13, null],
  [parties.trader, '5', '营业执照（变更登记）', '经营范围变更', '许昌市市场监督管理局', 14, null],
  [parties.software, '5', '营业执照（设立登记）', '软件开发；信息系统集成服务', '许昌市市场监督管理局', 72, null],
]

const licences: SandboxRows = (_subject, { today }) =>
  licencesGiven.map(([party, kind, name, content, agency, months, years], at) => {
    const day = monthsAgo(today, months, 6 + at)
    return {
      ...partyOf('XK', party),
      keyword: `${party.name}${name}${content}`,
      xklb: kind,
      XK_XKWS: `${name}准予决定书`,
      XK_WSH: `许示许准字〔${yearOf(day)}〕第${String(101 + at).padStart(4, '0')}号`,
      XK_XKLB: kind,
      XK_XKZS: name,
      XK_XKBH: `SL4110${yearOf(day)}${String(31 + at).padStart(5, '0')}`,
      XK_NR: content,
      XK_JDRQ: dashed(day),
      XK_YXQZ: dashed(day),
      XK_YXQZI: years === null ? '2099-12-31' : dashed(yearsLater(day, years)),
      XK_XKJG: agency,
      XK_ZT: '0',
    }
  })

interface Penalty {
  party: Party
  kind: string
  what: string
  facts: string
  basis: string
  /** 元. */
  fine: number
  confiscated: number
  revoked: string | null
  agency: string
  months: number
}

const penaltiesImposed: readonly Penalty[] = [
  {
    party: parties.software,
    kind: '03',
    what: '发布虚假广告',
    facts: '在其网站宣称产品“全市使用第一”，不能提供依据。',
    basis: '《中华人民共和国广告法》第五十五条第一款',
    fine: 20_000,
    confiscated: 0,
    revoked: null,
    agency: '许昌市市场监督管理局',
    months: 5,
  },
  {
    party: parties.restaurant,
    kind: '01',
    what: '从业人员未取得健康证明上岗',
    facts: '现场检查时两名从事接触直接入口食品工作的人员不能出示健康证明。',
    basis: '《中华人民共和国食品安全法》第一百二十六条第一款',
    fine: 0,
    confiscated: 0,
    revoked: null,
    agency: '许昌市魏都区市场监督管理局',
    months: 2,
  },
  {
    party: parties.carrier,
    kind: '03',
    what: '超限运输',
    facts: '车货总质量超过公路限定标准8.4吨。',
    basis: '《公路安全保护条例》第六十四条',
    fine: 4000,
    confiscated: 0,
    revoked: null,
    agency: '许昌市交通运输局',
    months: 3,
  },
  {
    party: parties.driver,
    kind: '03',
    what: '未随车携带从业资格证',
    facts: '驾驶道路货物运输车辆时未按规定携带从业资格证件。',
    basis: '《道路运输从业人员管理规定》',
    fine: 200,
    confiscated: 0,
    revoked: null,
    agency: '许昌市交通运输局',
    months: 4,
  },
  {
    party: parties.chemist,
    kind: '09',
    what: '未按规定设置安全警示标志',
    facts: '危险化学品仓库入口和储罐区没有明显的安全警示标志，责令改正后逾期未改。',
    basis: '《中华人民共和国安全生产法》第九十九条',
    fine: 60_000,
    confiscated: 0,
    revoked: null,
    agency: '禹州市应急管理局',
    months: 9,
  },
  {
    party: parties.shop,
    kind: '04',
    what: '销售侵犯注册商标专用权的商品',
    facts: '现场查获侵权白酒12瓶，已售出4瓶。',
    basis: '《中华人民共和国商标法》第六十条第二款',
    fine: 10_000,
    confiscated: 1680,
    revoked: null,
    agency: '许昌市魏都区市场监督管理局',
    months: 6,
  },
  {
    party: parties.builder,
    kind: '06',
    what: '未按资质等级承揽工程',
    facts: '超越本单位资质等级承揽示例路排水工程。',
    basis: '《建设工程质量管理条例》第六十条第一款',
    fine: 85_000,
    confiscated: 0,
    revoked: '建筑业企业资质证书（市政公用工程施工总承包二级）',
    agency: '许昌市住房和城乡建设局',
    months: 8,
  },
]

/** A penalty is public for three months at least and three years at most (发展改革委令2023年第58号). */
const PUBLIC_YEARS = 3
const inTenThousands = (yuan: number) => (yuan / 10_000).toFixed(4)

function penaltyRow({ party, kind, what, facts, basis, fine, confiscated, revoked, agency, months }: Penalty, at: number, today: string) {
  const day = monthsAgo(today, months, 9 + at)
  return {
    ...partyOf('CF', party),
    keyword: `${party.name}${what}${facts}`,
    cflb: kind,
    CF_WSH: `许示罚决字〔${yearOf(day)}〕第${String(21 + at).padStart(4, '0')}号`,
    CF_WFXW: what,
    CF_SY: facts,
    CF_YJ: basis,
    CF_CFLB1: kind,
    CF_NR: fine > 0 ? `罚款${fine}元` : '警告，责令改正',
    CF_NR_FK: inTenThousands(fine),
    CF_NR_WFFF: inTenThousands(confiscated),
    CF_NR_ZKDX: revoked,
    CF_JDRQ: dashed(day),
    CF_GSJZQ: dashed(yearsLater(day, PUBLIC_YEARS)),
    CF_CFJG: agency,
    CF_ZT: '0',
  }
}

const penalties: SandboxRows = (_subject, { today }) => penaltiesImposed.map((penalty, at) => penaltyRow(penalty, at, today))

/** What of them is about a number. */
export const penaltiesOf = (code: string, { today }: SandboxWorld) =>
  penaltiesImposed.map((penalty, at) => penaltyRow(penalty, at, today)).filter(({ CF_XDR_SHXYM }: SandboxRow) => CF_XDR_SHXYM === code)

export const licenceCount = (code: string) => licencesGiven.filter(([party]) => party.code === code).length

const listedParty = ({ name, kind, code }: Party): SandboxRow => ({ ztmc: name, ztlb: kind, shxydm: code ?? '', keyword: name })

const praised: readonly [party: Party, list: string, agency: string][] = [
  [parties.manufacturer, '01', '国家税务总局许昌市税务局'],
  [parties.trader, '01', '国家税务总局许昌市税务局'],
  [parties.builder, '03', '许昌市住房和城乡建设局'],
  [parties.breeder, '03', '长葛市农业农村局'],
  [parties.manufacturer, '02', '中华人民共和国许昌海关'],
]

const trustworthy: SandboxRows = (_subject, { today }) =>
  praised.map(([party, list, agency], at) => {
    const year = Number(today.slice(0, 4)) - 1
    const day = monthsAgo(today, 6 + at, 20)
    // A grade is that of a year; an authorised operator stays one until it is reviewed.
    return {
      ...listedParty(party),
      mdlb: list,
      rdnd: year,
      rdjg: agency,
      rdrq: dashed(day),
      yxqz: list === '02' ? '长期' : dashed(yearsLater(day, 1)),
    }
  })

export const trustCount = (code: string) => praised.filter(([party]) => party.code === code).length

const blamed: readonly [party: Party, list: string, reason: string, agency: string, months: number][] = [
  [parties.chemist, '05', '发生一般生产安全责任事故，一年内累计两起', '禹州市应急管理局', 7],
  [parties.driver, '01', '有履行能力而拒不履行生效法律文书确定义务', '许昌市魏都区人民法院', 10],
  [parties.carrier, '02', '虚开增值税普通发票', '国家税务总局许昌市税务局稽查局', 15],
]

const dishonest: SandboxRows = (_subject, { today }) =>
  blamed.map(([party, list, reason, agency, months], at) => {
    const day = monthsAgo(today, months, 12 + at)
    return {
      ...listedParty(party),
      mdlb: list,
      rdwsh: `许示失信〔${yearOf(day)}〕${String(8 + at).padStart(3, '0')}号`,
      sxxw: reason,
      rdjg: agency,
      lrrq: dashed(day),
      gsjzq: dashed(yearsLater(day, PUBLIC_YEARS)),
    }
  })

export const dishonestyCount = (code: string) => blamed.filter(([party]) => party.code === code).length

const cases: SandboxRows = (_subject, { today }) =>
  (
    [
      ['纳税信用A级企业当日办结用地审批', '1', '许昌示例制造有限公司凭纳税信用A级免交两项材料，用地审批当日办结。'],
      ['拒不履行判决被限制高消费', '2', '被执行人有房产而拒不履行，法院将其列入失信名单，限制乘坐高铁和飞机。'],
      ['整改到位，处罚信息提前终止公示', '3', '某广告企业履行罚款并作出信用承诺，公示满三个月后申请修复，五个工作日办结。'],
      ['信易贷：凭信用一天拿到周转金', '4', '某养殖合作社无抵押，凭公共信用综合评价获得流动资金贷款。'],
    ] as const
  ).map(([title, kind, summary], at) => ({
    keyword: `${title}${summary}`,
    albt: title,
    allb: kind,
    alzy: summary,
    alnr: `${summary}（示例案例，主体均为虚构。）`,
    fbdw: '许昌市发展和改革委员会',
    fbrq: dashed(monthsAgo(today, at + 1, 15)),
  }))

const scenes: SandboxRows = () =>
  (
    [
      [
        '信易贷',
        '1',
        '信用良好的小微企业可申请无抵押贷款，利率优惠',
        '综合评价B级以上，无失信名单记录',
        '许昌市金融服务示例平台',
        '企业、个体工商户',
      ],
      ['信易批', '2', '行政审批容缺受理、告知承诺', '无未修复的严重失信记录', '许昌市行政审批和政务信息管理局', '企业、个人'],
      ['信易租', '3', '人才公寓、共享办公免押金', '综合评价B级以上', '许昌市示例产业园', '企业、个人'],
      ['信易游', '4', '景区门票和停车优惠', '守信名单在有效期内', '许昌市文化广电和旅游局', '个人'],
      ['信易医', '5', '先诊疗后付费', '无失信被执行记录', '许昌市示例中心医院', '个人'],
    ] as const
  ).map(([name, kind, benefit, condition, provider, whom]) => ({
    cjmc: name,
    cjlb: kind,
    yhnr: benefit,
    xytj: condition,
    tgdw: provider,
    sydx: whom,
  }))

/** Registers are the same for everybody. */
export const registers: Readonly<Record<string, SandboxRows>> = {
  'administrative-licence-disclosure': licences,
  'administrative-penalty-disclosure': penalties,
  'trustworthy-list': trustworthy,
  'dishonest-list': dishonest,
  'typical-cases': cases,
  'xinyi-plus': scenes,
}
