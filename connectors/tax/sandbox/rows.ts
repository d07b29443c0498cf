import { addDays, addMonths, lastMonth, type SandboxRow, type SandboxRows, yuan } from '../../../core/connector.ts'
import { certificateRows } from './payments.ts'
import { DUE, PREMIUM_ARRIVES, PREMIUM_DUE, premiums } from './rules.ts'
import {
  dashed,
  dayIn,
  endOf,
  inTenThousands,
  lastDue,
  ofFirm,
  recentMonths,
  type Taxpayer,
  turnoverIn,
  vatIn,
  wagesIn,
} from './taxpayers.ts'

const capital = ofFirm(({ firm, file: { capital } }) => {
  const changes = capital.slice(1).map(({ from, amount }, at) => {
    const before = capital[at]?.amount ?? 0
    return { bdlxDm: amount > before ? '1' : '2', bdqzczb: yuan(before), bdhzczb: yuan(amount), bdrq: dashed(from) }
  })
  const last = changes.at(-1)
  return [
    {
      zczb: yuan(capital.at(-1)?.amount ?? 0),
      djxh: `1011411000000000${String(firm.index).padStart(4, '0')}`,
      bzDm: '156',
      yxbz: 'Y',
      zbbdjl: changes.toReversed(),
      zbbdsj: last ? `${last.bdrq} 09:40:00` : null,
    },
  ]
})

/** Who is behind owes value-added tax of those months; what was owed of a month of last year was cleared in the autumn. */
const arrears = ofFirm((taxpayer) => {
  const { firm, today } = taxpayer
  if (firm.behind === 0) return []
  const row = (month: string, state: string, end: string | null, owed: number): SandboxRow => ({
    qsztDm: state,
    qsye: yuan(owed),
    zsxmDm: '10101',
    qsrqq: dashed(addDays(dayIn(addMonths(month, 1), DUE), 1)),
    qsrqz: end === null ? null : dashed(end),
    glqymc: firm.name,
  })
  const cleared = `${Number(today.slice(0, 4)) - 1}06`
  const owed = recentMonths(firm.behind, lastDue(today, DUE), firm.founded.slice(0, 6))
  return [...owed.map((month) => row(month, '1', null, vatIn(taxpayer, month))), row(cleared, '3', dayIn(addMonths(cleared, 3), 9), 0)]
})

/** Premiums of the last year, those of months behind overdue. */
const premiumRows = ofFirm(({ firm, file, today }) => {
  const newest = today.slice(0, 6)
  const through = addMonths(lastMonth(today, PREMIUM_ARRIVES), -firm.behind)
  return recentMonths(12, newest, addMonths(firm.founded.slice(0, 6), 1)).flatMap((month) => {
    const due = dayIn(month, PREMIUM_DUE)
    const paid = month <= through
    const base = wagesIn(firm, month)
    return premiums.map(({ item, percent }) => {
      // Each person's share is rounded by itself, as the insurers reckon it.
      const owed = firm.staff.filter(({ from }) => from <= month).reduce((sum, each) => sum + Math.round((each.base * percent) / 100), 0)
      return {
        skssqq: dashed(`${month}01`),
        skssqz: dashed(endOf(month)),
        ysfpbl: '100',
        zspmDm: item,
        jsyj: yuan(base),
        sl1: (percent / 100).toFixed(4),
        ynse: yuan(owed),
        zjztDm: paid ? '2' : due < today ? '3' : '1',
        sbfsDm: '12',
        jkqx: dashed(due),
        zgswskfjMc: file.office,
        jmse: '0.00',
        ybtse: paid ? '0.00' : yuan(owed),
        rkjgDm: paid ? '1' : '0',
      }
    })
  })
})

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** Declared by the end of May (企业所得税法第五十四条); the three years before. */
function annualReturn(taxpayer: Taxpayer, year: number): SandboxRow {
  const { firm, file } = taxpayer
  const months = Array.from({ length: 12 }, (_, at) => `${year}${String(at + 1).padStart(2, '0')}`)
  const filed = `${year + 1}05${10 + firm.index}`
  return {
    shxydm: firm.number,
    hyDm: file.industry,
    zczb: inTenThousands(file.capital.findLast(({ from }) => from <= `${year}1231`)?.amount ?? 0),
    cyrs: firm.staff.filter(({ from }) => from <= `${year}12`).length,
    zcze: inTenThousands(sum(months.map((month) => turnoverIn(taxpayer, month))) * 0.8),
    ssztDm: '0',
    gljy: firm.index === 1 ? '有：向关联方采购原材料，未达到同期资料准备标准' : '无',
    kjzzDm: file.standards,
    zjffDm: '1',
    chjjffDm: firm.index === 2 ? '1' : '3',
    hzhsffDm: file.standards === '110' ? '1' : '2',
    skssq: `${year}-01-01至${year}-12-31`,
    slswjgMc: file.office,
    sbrq: dashed(filed),
    slrq: dashed(filed),
    tbrq: dashed(addDays(filed, -3)),
    fxzhybz: '1',
    hznsbz: '0',
    kjzcbgbz: '0',
  }
}

const returns = ofFirm((taxpayer) => {
  const { firm, today } = taxpayer
  const year = Number(today.slice(0, 4))
  const last = today.slice(4) < '0531' ? year - 2 : year - 1
  const first = Math.max(last - 2, Number(firm.founded.slice(0, 4)))
  return Array.from({ length: last - first + 1 }, (_, back) => annualReturn(taxpayer, last - back))
})

/** The bureau's records of the sandbox's invented people and firms, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'registered-capital': capital,
  'tax-arrears': arrears,
  'social-insurance-premiums-payable': premiumRows,
  'corporate-income-tax-annual-return': returns,
  'tax-payment-certificate': certificateRows,
}
