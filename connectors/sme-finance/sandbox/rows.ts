import type { SandboxRow, SandboxRows, SandboxWorld } from '../../../core/connector.ts'

const yuan = (fen: number) => (fen / 100).toFixed(2)
const lastYear = ({ today }: SandboxWorld) => Number(today.slice(0, 4)) - 1

/** Annual figures of the invented firms, in fen, of last year. */
const firms: readonly { size: '3' | '4'; revenue: number; profit: number; tax: number; grade: string; assets: readonly SandboxRow[] }[] = [
  {
    size: '3',
    revenue: 3_862_000_000,
    profit: 214_600_000,
    tax: 187_300_000,
    grade: 'AA',
    assets: [
      { zclb: '01', zcmc: '建安区样本产业园 2 号厂房', jz: '18600000.00', gzrq: '2026-03-31', sfdy: '1' },
      { zclb: '02', zcmc: '数控加工中心 6 台', jz: '4280000.00', gzrq: '2026-03-31', sfdy: '0' },
      { zclb: '05', zcmc: '应收货款（账龄一年以内）', jz: '6150000.00', gzrq: '2026-06-30', sfdy: '0' },
    ],
  },
  {
    size: '3',
    revenue: 1_296_000_000,
    profit: 68_400_000,
    tax: 55_100_000,
    grade: 'A',
    assets: [{ zclb: '04', zcmc: '库存商品', jz: '2310000.00', gzrq: '2026-06-30', sfdy: '0' }],
  },
  {
    size: '4',
    revenue: 186_500_000,
    profit: -9_200_000,
    tax: 3_800_000,
    grade: 'BB',
    assets: [{ zclb: '06', zcmc: '软件著作权 2 项', jz: '260000.00', gzrq: '2025-12-31', sfdy: '0' }],
  },
]

const information: SandboxRows = ({ index, name, number }, world) => {
  if (number.startsWith('9')) {
    const firm = firms[index - 1]
    const staff = world.firms.find((each) => each.index === index)?.staff.length ?? 0
    if (!firm) return []
    const { size, revenue, profit, tax, grade, assets } = firm
    return [
      {
        xm: null,
        qymc: name,
        qyxydm: number,
        zcqd: assets,
        jyzk: profit < 0 ? '持续经营，上年度略有亏损' : '经营正常，上年度盈利',
        jyzt: '1',
        qygm: size,
        nd: lastYear(world),
        yysr: yuan(revenue),
        jlr: yuan(profit),
        nsze: yuan(tax),
        cyrs: staff,
        xydj: grade,
        sqyxq: `${Number(world.today.slice(0, 4)) + 1}-12-31`,
      },
    ]
  }
  // Person 7 is unknown to the platform.
  if (index === 7) return []
  const homes = world.people.find((person) => person.index === index)?.life.homes ?? []
  const none = { qymc: null, jyzt: null, qygm: null, nd: null, yysr: null, jlr: null, nsze: null, cyrs: null, xydj: null }
  return [
    {
      ...none,
      xm: name,
      zjhm: number,
      zcqd: homes.map(({ place, price }) => ({ zclb: '01', zcmc: place, jz: yuan(price), gzrq: '2026-06-30', sfdy: '0' })),
      jyzk: '个人，没有登记的经营活动',
      sqyxq: `${Number(world.today.slice(0, 4)) + 1}-12-31`,
    },
  ]
}

/** The platform's records of the sandbox's invented people and firms, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = { 'information-data': information }
