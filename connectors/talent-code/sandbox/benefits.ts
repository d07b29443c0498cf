import type { SandboxRow, SandboxSubject, SandboxWorld } from '../../../core/connector.ts'
import { holdingOf, type Talent } from './talents.ts'

interface Offer {
  name: string
  content: string
  /** Classes that have it, and how often a year. */
  classes: string
  times: number
}

interface Place {
  kind: '1' | '2'
  name: string
  grade: string
  address: string
  phone: string
  offers: readonly Offer[]
}

const ALL = 'ABCDEF'
const HIGH = 'ABCDE'

/** Invented places; the numbers of their telephones belong to nobody. */
export const places: readonly Place[] = [
  {
    ...{ kind: '1', name: '示例汉魏文化园', grade: 'AAAA', address: '许昌市魏都区示例路 100 号', phone: '0374-0000101' },
    offers: [
      { name: '示例汉魏文化园免首道门票', content: '本人免首道门票', classes: ALL, times: 6 },
      { name: '示例汉魏文化园亲属同游', content: '同行直系亲属两人免首道门票', classes: HIGH, times: 2 },
    ],
  },
  {
    ...{ kind: '1', name: '样本古桥景区', grade: 'AAA', address: '许昌市建安区样本大道 9 号', phone: '0374-0000102' },
    offers: [{ name: '样本古桥景区免首道门票', content: '本人免首道门票', classes: ALL, times: 6 }],
  },
  {
    ...{ kind: '1', name: '拟定钧瓷艺术馆', grade: 'AAA', address: '禹州市拟定路 3 号', phone: '0374-0000103' },
    offers: [{ name: '拟定钧瓷艺术馆烧制体验', content: '拉坯体验一次', classes: HIGH, times: 1 }],
  },
  {
    ...{ kind: '2', name: '许昌示例宾馆', grade: '四星级', address: '许昌市魏都区虚拟街 20 号', phone: '0374-0000201' },
    offers: [{ name: '许昌示例宾馆协议价住宿', content: '标准间按门市价六折，含双早', classes: ALL, times: 10 }],
  },
  {
    ...{ kind: '2', name: '样例商务酒店', grade: '三星级', address: '许昌市建安区样例大道 88 号', phone: '0374-0000202' },
    offers: [
      { name: '样例商务酒店免费住宿', content: '免费住宿一晚', classes: HIGH, times: 2 },
      { name: '样例商务酒店会议室', content: '小会议室半天免费', classes: ALL, times: 4 },
    ],
  },
]

const classWords = (classes: string) => (classes === ALL ? '各类人才' : `${classes[0]} 至 ${classes.at(-1)} 类人才`)

export const placeRow = ({ name, grade, address, phone, offers, kind }: Place): SandboxRow => ({
  jdmc: name,
  [kind === '1' ? 'jqdj' : 'xj']: grade,
  dz: address,
  lxdh: phone,
  jdqy: offers.map(({ name, content, classes, times }) => ({ qymc: name, qynr: content, sylb: classWords(classes), mncs: times })),
})

export interface Benefit {
  readonly number: string
  readonly kind: '1' | '2'
  readonly name: string
  readonly place: string
  readonly times: number
  /** Numbers of the uses this year. */
  readonly uses: readonly Use[]
}

interface Use {
  readonly reference: string
  readonly at: number
}

/** What the talent's class gives this year, with its uses by the app. */
export function benefitsOf(talent: Talent, { filed = [] }: SandboxSubject, { today }: SandboxWorld): readonly Benefit[] {
  const year = today.slice(0, 4)
  const since = Date.parse(`${year}-01-01T00:00:00+08:00`)
  const used = filed.filter(({ service, at }) => service === 'benefit-use' && at >= since)
  if (holdingOf(talent, today) !== '1') return []
  return places.flatMap(({ kind, name: place, offers }, at) =>
    offers.flatMap(({ name, classes, times }, which): Benefit[] => {
      const number = `QY${year}${talent.number.slice(-5)}${at + 1}${which + 1}`
      const uses = used.filter(({ params }) => params['qybh'] === number)
      return classes.includes(talent.category) ? [{ number, kind, name, place, times, uses }] : []
    }),
  )
}

export const left = ({ times, uses }: Benefit) => Math.max(times - uses.length, 0)
