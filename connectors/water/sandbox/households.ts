export interface Household {
  account: string
  holder: string
  address: string
  /** Index of the person who holds it, and of those who live there. */
  of: number
  with?: readonly number[]
  /** Reading of the meter before the first period, and cubic metres used in each, the latest first. */
  meter: number
  usage: readonly number[]
  /** How many of the latest bills nobody has paid. */
  unpaid: number
}

const ORDINARY = [24, 27, 22, 19, 25, 29, 23] as const

/** Invented; person 7 has none. */
export const households: readonly Household[] = [
  {
    account: '3100010001',
    holder: '贾明',
    address: '许昌市魏都区示例街道虚拟路1号院2号楼3单元401',
    of: 1,
    with: [],
    meter: 486,
    usage: [34, 31, 26, 22, 28, 47, 25],
    unpaid: 1,
  },
  { account: '3100010002', holder: '贾明', address: '许昌市建安区示例镇样本村12号', of: 1, meter: 1203, usage: ORDINARY, unpaid: 2 },
  {
    account: '3100020001',
    holder: '甄晓禾',
    address: '许昌市东城区示例街道试验路8号楼1单元102',
    of: 2,
    meter: 77,
    usage: [12, 14, 11, 9, 13, 15, 10],
    unpaid: 1,
  },
  {
    account: '3100030001',
    holder: '欧阳试之',
    address: '许昌市魏都区示例街道样例巷6号',
    of: 3,
    with: [2],
    meter: 2210,
    usage: [18, 16, 17, 21, 19, 20, 18],
    unpaid: 2,
  },
  ...(['赵示安', '钱虚怀', '孙拟远'] as const).map((holder, position) => ({
    account: `31000${position + 4}0001`,
    holder,
    address: `许昌市魏都区示例街道虚构路${position + 4}号`,
    of: position + 4,
    meter: 300 + position * 211,
    usage: ORDINARY,
    unpaid: 1,
  })),
]

/** Those of a person, his own first. */
export function householdsOf(index: number): readonly Household[] {
  return [...households.filter(({ of }) => of === index), ...households.filter((household) => household.with?.includes(index))]
}
