import { addDays, type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'

const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
const COMMUNITY = '示例社区'

/** Two that take people, one that is full, one that is over. */
const activities: SandboxRows = (_subject, { today }) =>
  (
    [
      [5, '09:00:00', '11:00:00', '邻里长者健康义诊', '社区卫生服务站', 42, true],
      [8, '15:00:00', '17:00:00', '少儿阅读分享会', '党群服务中心图书室', 12, true],
      [3, '19:00:00', '20:30:00', '太极拳公益课', '文化活动室', 0, false],
      [-6, '09:30:00', '11:00:00', '垃圾分类宣传', '小区中心广场', 0, false],
    ] as const
  ).map(([days, from, until, name, dd, left, open], index): SandboxRow => {
    const day = dashed(addDays(today, days))
    const [kssj, jssj] = [`${day} ${from}`, `${day} ${until}`]
    return {
      hdbh: `HD${addDays(today, days)}0${index + 1}`,
      hdmc: name,
      sq: COMMUNITY,
      dd,
      kssj,
      jssj,
      syme: String(left),
      kbm: open ? '1' : '0',
    }
  })

const recruitments: SandboxRows = (_subject, { today }) => {
  const year = today.slice(0, 4)
  return [
    [`ZM${year}0012`, '“一老一小”探访志愿者', '每周探访独居老人，陪聊、代购', '每周六上午', '10', '1'],
    [`ZM${year}0015`, '小区交通文明劝导员', '早高峰在校门口维持秩序', '工作日 7:20—8:20', '6', '1'],
    [`ZM${year}0009`, '防汛值守志愿者', '汛期排水口巡查', '已结束', '20', '0'],
  ].map(([zmbh, zmmc, fwnr, fwsj, zmrs, kbm]) => ({ zmbh, zmmc, sq: COMMUNITY, fwnr, fwsj, zmrs, kbm }))
}

const ROOMS = [
  ['A', '文化活动室', 40],
  ['B', '居民议事厅', 20],
] as const
const HALVES = [
  ['1', '09:00', '11:30'],
  ['2', '14:30', '17:00'],
] as const
const DAYS = 8

/** A room is one party's for the half day: whoever has booked it leaves no place for others. */
const slots: SandboxRows = ({ filed = [] }, { today, now }) => {
  const taken = new Set(
    filed
      .filter(({ service, params }) => service === 'function-room-booking' && params['state'] !== 'ended')
      .map(({ params }) => String(params['place'])),
  )
  return Array.from({ length: DAYS }, (_, days) => addDays(today, days)).flatMap((day) =>
    ROOMS.flatMap(([room, gnsmc, places]) =>
      HALVES.map(([half, kssj, jssj]): SandboxRow => {
        const sdbh = `${day}-${room}${half}`
        const over = Date.parse(`${dashed(day)}T${kssj}:00+08:00`) <= now
        const free = !taken.has(sdbh)
        return {
          sdbh,
          syrq: dashed(day),
          kssj,
          jssj,
          gnsmc,
          sq: COMMUNITY,
          syrs: free ? String(places) : '0',
          kyy: free && !over ? '1' : '0',
        }
      }),
    ),
  )
}

const items: SandboxRows = () => [
  { sxbh: 'XL-SY-01', sxmc: '生育登记', sxzt: '1', sxcl: '身份证、结婚证（有的）', blsx: '1个工作日', bldw: '乡镇人民政府、街道办事处' },
  { sxbh: 'XL-SB-01', sxmc: '城乡居民基本养老保险参保登记', sxzt: '1', sxcl: '身份证', blsx: '即时办结', bldw: '社会保险经办机构' },
  {
    sxbh: 'XL-SB-02',
    sxmc: '城乡居民养老保险待遇领取资格认证',
    sxzt: '1',
    sxcl: '本人人脸识别',
    blsx: '即时办结',
    bldw: '社会保险经办机构',
  },
]

const NEWCOMER = 7

/** Everybody but the newcomer lives in one of two grids. */
const updates: SandboxRows = ({ index }: SandboxSubject, { today }: SandboxWorld) => {
  if (index === 0 || index === NEWCOMER) return []
  const grid = index % 2 === 1 ? '第一网格' : '第二网格'
  const at = (days: number, time: string) => `${dashed(addDays(today, -days))} ${time}`
  return [
    {
      sq: COMMUNITY,
      wg: `${COMMUNITY}${grid}`,
      wgy: index % 2 === 1 ? '样某甲' : '样某乙',
      wgydh: '0374-0000000',
      dtjl: [
        {
          bt: '楼道堆物清理通知',
          dtlb: '1',
          nr: '本周六上午集中清理楼道杂物，请居民提前收好自用物品。',
          fbsj: at(1, '10:00:00'),
          fbdw: COMMUNITY,
        },
        {
          bt: '入户走访独居老人',
          dtlb: '2',
          nr: `${grid}本周走访独居老人12户，检查燃气软管、用电安全。`,
          fbsj: at(4, '17:30:00'),
          fbdw: COMMUNITY,
        },
        { bt: '便民理发进小区', dtlb: '4', nr: '周日下午在小区门岗旁提供便民理发。', fbsj: at(9, '09:15:00'), fbdw: COMMUNITY },
      ],
    },
  ]
}

const SIGN_UP: SandboxRow = { shyj: '报名成功，请准时参加' }

/** The platform's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'activity-list': activities,
  'activity-registration': () => [SIGN_UP],
  'recruitment-list': recruitments,
  'volunteer-recruitment': () => [SIGN_UP],
  'room-slots': slots,
  'function-room-booking': () => [{ rs: '12', sysy: '2' }],
  'issue-report': () => [{ sswg: `${COMMUNITY}第一网格`, bddw: '示例街道综合行政执法大队', bljg: '已到现场处理完毕，网格员复查无异。' }],
  'government-services': items,
  'birth-registration': () => [{ hc: '1', shyj: '已登记' }],
  'grid-updates': updates,
}
