import { addDays, addMonths, lastMonth } from '../../../core/connector.ts'
import type { Insured, Life } from './insured.ts'
import { shares } from './rules.ts'

export const HOSPITAL = '许昌市示例中心医院'
export const MATERNITY_HOSPITAL = '许昌市示例妇幼保健院'
const PHARMACY = '示例大药房许昌一店'

type Item = readonly [name: string, count: number, fee: number]

export interface Visit {
  /** The day of admission, or the only one. */
  readonly day: string
  /** The day on which the bill was settled: a stay's at discharge. */
  readonly settled: string
  readonly place: string
  readonly category: string
  readonly department: string
  readonly diagnosis: string
  readonly drugs: readonly Item[]
  readonly items: readonly Item[]
}

/** Each fills his own prescriptions: what is taken for a disease, and what it costs in fen. */
const medicines: Readonly<Record<string, readonly Item[]>> = {
  高血压: [['苯磺酸氨氯地平片', 2, 4_240]],
  脑梗死后遗症: [['阿司匹林肠溶片', 2, 2_980]],
  '2型糖尿病': [['二甲双胍片', 3, 3_960]],
}

const outpatient = { category: '11', place: HOSPITAL, items: [] as readonly Item[] }

/** What somebody's illnesses and births came to in the last two years and at the pharmacy, newest first. */
export function visitsOf({ life, world: { today } }: Insured): readonly Visit[] {
  const recent = (count: number, every: number, day: string) =>
    Array.from({ length: count }, (_, back) => `${addMonths(lastMonth(today, Number(day)), -back * every)}${day}`)
  const visits = [
    ...stays(life),
    ...life.illnesses.flatMap(({ name, kind, since }) => {
      if (kind === 'acute') return []
      if (kind === 'major')
        return recent(12, 1, '05')
          .map((day) => dialysis(name, day))
          .filter(({ day }) => day >= since)
      const drugs = medicines[name] ?? []
      const bought = recent(12, 1, '12').map((day) => pharmacy(day, drugs))
      const seen = recent(4, 3, '10').map((day) => ({
        ...{ ...outpatient, day, settled: day, department: '内科', diagnosis: name, drugs },
        items: [
          ['门诊诊查费', 1, 2_000],
          ['血常规', 1, 2_600],
        ] as const,
      }))
      return [...bought, ...seen].filter(({ day }) => day >= since)
    }),
    pharmacy(addDays(today, -9), [['感冒灵颗粒', 1, 1_580]]),
  ]
  return visits.sort((a, b) => b.settled.localeCompare(a.settled))
}

const pharmacy = (day: string, drugs: readonly Item[]): Visit => ({
  ...{ day, settled: day, place: PHARMACY, category: '41', department: '', diagnosis: '', drugs, items: [] },
})

const dialysis = (diagnosis: string, day: string): Visit => ({
  ...{ day, settled: day, place: HOSPITAL, category: '14', department: '肾内科', diagnosis },
  drugs: [['重组人促红素注射液', 4, 21_600]],
  items: [['血液透析', 12, 480_000]],
})

function stays({ sex, children, illnesses }: Life): Visit[] {
  const births = (sex === '女' ? children : []).map(({ born }): Visit => {
    const [day, settled] = [addDays(born, -1), addDays(born, 3)]
    return {
      ...{ day, settled, place: MATERNITY_HOSPITAL, category: '52', department: '产科', diagnosis: '单胎顺产' },
      drugs: [['缩宫素注射液', 2, 3_200]],
      items: [
        ['阴道分娩接生', 1, 96_000],
        ['新生儿护理', 3, 18_000],
        ['普通病房床位费', 4, 16_000],
      ],
    }
  })
  const acute = illnesses.flatMap(({ name, kind, since }): Visit[] => {
    if (kind !== 'acute') return []
    return [
      {
        ...{ day: since, settled: addDays(since, 6), place: HOSPITAL, category: '21', department: '普通外科', diagnosis: name },
        drugs: [['注射用头孢呋辛钠', 12, 38_640]],
        items: [
          ['阑尾切除术', 1, 328_000],
          ['普通病房床位费', 6, 24_000],
        ],
      },
    ]
  })
  return [...births, ...acute]
}

/** Who paid what of a bill, in fen. A pharmacy is paid from the account, a hospital's rest half of it. */
export function billOf({ category, drugs, items }: Visit) {
  const total = [...drugs, ...items].reduce((sum, [, , fee]) => sum + fee, 0)
  const [threshold, percent] = shares[category] ?? [0, 0]
  const fund = Math.round((Math.max(0, total - threshold) * percent) / 100)
  const account = category === '41' ? total : Math.round((total - fund) / 2)
  return { total, fund, account, cash: total - fund - account }
}
