import { addDays, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'
import { type Item, itemOf } from './items.ts'

/** A case as the platform holds it; times are Beijing's, `YYYY-MM-DD HH:mm:ss`. */
export interface Case {
  readonly number: string
  readonly item: Item
  readonly status: string
  readonly applied: string
  readonly updated: string
  readonly feedback: string
  readonly missing: readonly { readonly paper: string; readonly reason: string }[]
  readonly deadline: string | null
  readonly copies: number
  readonly language: string
  readonly placeOfUse: string
  readonly paid: boolean
  readonly certificate: Certificate | null
}

export interface Certificate {
  readonly number: string
  readonly issued: string
}

export const isUnit = ({ number }: SandboxSubject) => number.startsWith('9')
/** Nothing was ever applied for by person 7. */
export const isStranger = (subject: SandboxSubject) => !isUnit(subject) && subject.index === 7

export const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
export const moment = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')

interface Old {
  item: string
  /** Days since it was applied for, and since the last step. */
  ago: readonly [applied: number, updated: number]
  status: string
  feedback: string
  copies: number
  language: string
  placeOfUse: string
  missing?: Case['missing']
}

const ISSUED = { status: '04', feedback: '材料齐全，事实清楚，已出具公证书。' }

/** Of a couple, of somebody who made a will, of a graduate who went abroad, and of two firms. */
const old: Readonly<Record<string, readonly Old[]>> = {
  'person-1': [
    { item: '0301', ago: [6, 2], status: '03', feedback: '已受理，正在核实婚姻登记档案。', copies: 3, language: 'en', placeOfUse: '036' },
    { ...ISSUED, item: '0101', ago: [400, 394], copies: 2, language: 'en', placeOfUse: '036' },
  ],
  'person-2': [
    {
      ...{ item: '0602', ago: [9, 4], status: '07', feedback: '材料不全，请补充。', copies: 2, language: 'zh', placeOfUse: '156' },
      missing: [{ paper: '不动产权证书', reason: '所附扫描件缺附记页' }],
    },
  ],
  'person-3': [{ ...ISSUED, item: '0501', ago: [820, 806], copies: 3, language: 'zh', placeOfUse: '156' }],
  'person-4': [{ ...ISSUED, item: '0201', ago: [190, 184], copies: 4, language: 'en', placeOfUse: '826' }],
  'person-6': [
    {
      ...{ item: '0205', ago: [60, 52], status: '05', copies: 1, language: 'en', placeOfUse: '840' },
      feedback: '学校复函：所附成绩单与存档不符，不予办理。',
    },
  ],
  'unit-1': [
    { item: '0805', ago: [12, 8], status: '02', feedback: '已受理，请在开标三日前缴费。', copies: 4, language: 'zh', placeOfUse: '156' },
    { ...ISSUED, item: '0802', ago: [150, 147], copies: 2, language: 'ja', placeOfUse: '392' },
  ],
}

/** Days in which what is missing may come. */
const TERM = 15

function oldCases(subject: SandboxSubject, { today }: SandboxWorld): Case[] {
  const whose = `${isUnit(subject) ? 'unit' : 'person'}-${subject.index}`
  return (old[whose] ?? []).flatMap(({ item: code, ago: [applied, updated], missing = [], ...rest }, place) => {
    const item = itemOf(code)
    if (!item) return []
    const [from, to] = [addDays(today, -applied), addDays(today, -updated)]
    const serial = `${isUnit(subject) ? 9 : 0}${subject.index}${place}`
    const issued = rest.status === '04'
    return [
      {
        ...{ ...rest, item, missing, number: `TPGZ${from}${serial}`, paid: issued },
        ...{ applied: `${dashed(from)} 10:26:00`, updated: `${dashed(to)} 15:40:00` },
        deadline: rest.status === '07' ? dashed(addDays(to, TERM)) : null,
        certificate: issued ? { number: `（${to.slice(0, 4)}）豫许天证民字第${serial.padStart(5, '1')}号`, issued: dashed(to) } : null,
      },
    ]
  })
}

const STATES: Readonly<Record<string, readonly [status: string, feedback: string]>> = {
  submitted: ['01', '已收到申请，等待受理。'],
  reviewing: ['03', '已受理，正在审查。'],
  incomplete: ['07', '材料不全，请补充。'],
  approved: ['04', '材料齐全，事实清楚，予以公证；缴费后出具公证书。'],
  rejected: ['05', '经审查，不予办理公证。'],
  withdrawn: ['08', '申请人已撤回。'],
}

/** What was filed by the app; its certificate is there once it is decided and paid for. */
function filedCases({ filed = [] }: SandboxSubject): Case[] {
  return filed.flatMap(({ reference, state, at, params }) => {
    const item = itemOf(params['sxbm'])
    const [status, feedback] = STATES[state] ?? ['01', '已收到申请，等待受理。']
    if (!item || params['slbh'] !== undefined) return []
    const paid = paymentsOf(filed).has(reference)
    const issued = paid && status === '04'
    return [
      {
        ...{ number: reference, item, status, feedback, paid, missing: [], deadline: null, applied: moment(at), updated: moment(at) },
        copies: Number(params['fs'] ?? 1),
        ...{ language: String(params['ywyz'] ?? 'zh'), placeOfUse: String(params['syd'] ?? '156') },
        certificate: issued
          ? {
              number: `（${moment(at).slice(0, 4)}）豫许天证民字第${reference.replace(/\D/g, '').slice(-8)}号`,
              issued: moment(at).slice(0, 10),
            }
          : null,
      },
    ]
  })
}

/** Numbers of the cases that were paid for. */
const paymentsOf = (filed: NonNullable<SandboxSubject['filed']>) =>
  new Set(filed.flatMap(({ service, params }) => (service === 'fee-payment' ? [String(params['slbh'])] : [])))

/** The latest first. */
export function casesOf(subject: SandboxSubject, world: SandboxWorld): readonly Case[] {
  const paid = paymentsOf(subject.filed ?? [])
  const others = oldCases(subject, world).map((each) => ({ ...each, paid: each.paid || paid.has(each.number) }))
  return [...filedCases(subject).reverse(), ...others]
}
