import { addMonths, monthsBetween, type SandboxRows, yuan } from '../../../core/connector.ts'
import { type Firm, ofUnit, paidThrough, recentMonths, unitMonth } from './insured.ts'

const sumOf = (firm: Firm, month: string) => {
  const { employer, employee } = unitMonth(firm, month)
  return employer + employee
}

function standing(firm: Firm, today: string): string {
  const through = paidThrough(firm, today)
  const arrears = monthsBetween(addMonths(through, 1), addMonths(through, firm.behind))
  if (arrears.length === 0) return '按月足额缴费，无欠费'
  return `欠费${arrears.length}个月，合计${yuan(arrears.reduce((sum, month) => sum + sumOf(firm, month), 0))}元`
}

const information = ofUnit((firm, today) =>
  (
    [
      ['310', '普通门诊、门诊慢特病、住院、定点药店购药'],
      ['510', '生育医疗费用、生育津贴（与职工医保合并缴费）'],
    ] as const
  ).map(([insurance, coverage]) => ({
    psn_cnt: firm.staff.length,
    insutype: insurance,
    clct_stas: standing(firm, today),
    cvrg_scp: coverage,
  })),
)

const contributions = (firm: Firm, today: string) =>
  recentMonths(12, paidThrough(firm, today), addMonths(firm.founded.slice(0, 6), 1)).map((month) => {
    const { people, employer, employee } = unitMonth(firm, month)
    return { clct_ym: month, psn_cnt: people, emp_paid_amt: yuan(employer), psn_paid_amt: yuan(employee) }
  })

const certificate = ofUnit((firm, today) => [
  {
    psn_list: firm.staff.map(({ name, number }) => ({ psn_name: name, certno: number, insutype: '310', psn_insu_stas: '1' })),
    emp_insu_stas: '1',
    emp_no: `4110${firm.number.slice(-6, -1)}`,
    clct_list: contributions(firm, today),
    cert_file: [{ id: `DWCBZM${firm.number.slice(-4)}`, name: '单位参保证明.pdf', mediaType: 'application/pdf' }],
  },
])

/** The platform's records of the sandbox's invented units, in its own keys and forms. */
export const unitRows: Readonly<Record<string, SandboxRows>> = {
  'employer-insurance-information': information,
  'employer-insurance-certificate-printing': certificate,
}
